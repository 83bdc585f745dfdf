"""Rows of the validation table: one shape for every check."""

from typing import Any

import numpy as np
import pandas as pd

__all__ = ["ALL", "TYPES", "Row", "make_row", "to_frame"]

ALL = "all"
NAN = float("nan")
TYPES = {
    "check_name": "string",
    "snapshot_date": "datetime64[us]",
    "segment_count": "int64",
    "segment": "string",
    "other_segment": "string",
    "feature": "string",
    "metric": "string",
    "value": "float64",
    "lower": "float64",
    "upper": "float64",
    "p_value": "float64",
    "p_bonferroni": "float64",
    "p_holm": "float64",
    "effect_size": "float64",
    "verdict": "string",
}
Row = dict[str, Any]


def make_row(check_name: str, metric: str, value: float, verdict: str, **others: Any) -> Row:
    """A row; what isn't given is `all` or missing."""
    usual: Row = dict.fromkeys(TYPES, NAN) | dict.fromkeys(
        ("segment", "other_segment", "feature"), ALL
    )
    usual |= {"snapshot_date": pd.NaT, "segment_count": 0}
    named: Row = {"check_name": check_name, "metric": metric, "value": value, "verdict": verdict}
    return usual | named | others


def to_frame(rows: list[Row]) -> pd.DataFrame:
    """Rows as a frame with its types; infinite numbers are missing."""
    frame = pd.DataFrame(rows, columns=list(TYPES)).astype(TYPES)
    numbers = [name for name, kind in TYPES.items() if kind == "float64"]
    frame[numbers] = frame[numbers].replace([np.inf, -np.inf], NAN)
    return frame
