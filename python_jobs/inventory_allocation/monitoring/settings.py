"""Limits of the checks."""

from dataclasses import dataclass, fields
from typing import Self

import pandas as pd

from inventory_allocation.errors import InputError

__all__ = ["MonitoringSettings"]


@dataclass(frozen=True)
class MonitoringSettings:
    """Limits; each is a var of the project with `monitoring_` before its name.

    Attributes:
        drift_limit: Population stability index from which a distribution has drifted.
        significance: Level of each test that backs it.
        cusum_limit: Sum of standardised errors beyond the allowance at which an alarm is raised.
        volume_limit: Deviations from the usual at which the number of order lines is an alarm.
        share_limit: Deviations above the usual at which a share is: of refused order lines, of
            customers who never bought before.
        coverage_limit: Deviations below the level at which interval coverage is an alarm.
        adherence_limit: Share of planned units that must have happened as planned.
        reference_periods: Periods that a new one is compared with.

    Raises:
        InputError: A limit isn't above 0; the text names the var.
    """

    drift_limit: float = 0.25
    significance: float = 0.001
    cusum_limit: float = 6.0
    volume_limit: float = 1.6
    share_limit: float = 5.0
    coverage_limit: float = 4.0
    adherence_limit: float = 0.5
    reference_periods: int = 8

    def __post_init__(self) -> None:
        """Check the values."""
        for field in fields(self):
            value = getattr(self, field.name)
            if not value > 0:
                raise InputError(f"var monitoring_{field.name} is {value}; it must be above 0")

    @classmethod
    def from_frame(cls, parameters: pd.DataFrame) -> Self:
        """Read settings from the one row of int_monitoring__parameters."""
        row = parameters.iloc[0]
        return cls(
            **{
                field.name: type(field.default)(row[field.name])  # type: ignore[misc]
                for field in fields(cls)
            }
        )
