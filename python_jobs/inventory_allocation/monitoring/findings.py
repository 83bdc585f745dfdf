"""What a check found, as a row with words."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

__all__ = ["COLUMNS", "Finding", "to_frame"]

COLUMNS = {
    "check_name": "object",
    "entity": "object",
    "period_start": "datetime64[us]",
    "severity": "object",
    "value": "float64",
    "reference_value": "float64",
    "limit_value": "float64",
    "p_value": "float64",
    "cause": "object",
    "suggested_action": "object",
}


@dataclass(frozen=True)
class Finding:
    """A check of an entity in a period.

    Attributes:
        check_name: Name of the check.
        entity: What was checked, such as a feature or a region.
        period_start: First day of the newest period that was looked at.
        severity: ok, warning or error; unknown where there is too little to say.
        value: What was measured.
        reference_value: What it is compared with.
        limit_value: Where the alarm is.
        p_value: Of the test behind it, if there is one.
        cause: What was seen, in words; empty for ok.
        suggested_action: What to do; empty for ok.
    """

    check_name: str
    entity: str
    period_start: pd.Timestamp
    severity: str
    value: float = np.nan
    reference_value: float = np.nan
    limit_value: float = np.nan
    p_value: float = np.nan
    cause: str = ""
    suggested_action: str = ""


def to_frame(findings: list[Finding]) -> pd.DataFrame:
    """The findings as rows, sorted; words only where something is wrong."""
    rows = pd.DataFrame([finding.__dict__ for finding in findings], columns=list(COLUMNS))
    is_quiet = rows["severity"].isin(["ok", "unknown"])
    for column in ("cause", "suggested_action"):
        rows.loc[is_quiet, column] = None
    return rows.astype(COLUMNS).sort_values(["check_name", "entity"], ignore_index=True)
