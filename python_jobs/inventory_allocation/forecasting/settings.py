"""What a forecast needs to know beside the panel."""

from dataclasses import dataclass

from inventory_allocation.errors import InputError

__all__ = ["QUANTILES", "QUANTILE_COLUMNS", "ForecastSettings"]

QUANTILES = (0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975)
QUANTILE_COLUMNS = ("q0_025", "q0_05", "q0_25", "q0_5", "q0_75", "q0_95", "q0_975")

SEASON_LENGTHS = {"day": 7, "week": 52, "month": 12}
FREQUENCIES = {"day": "D", "week": "7D", "month": "MS"}


@dataclass(frozen=True)
class ForecastSettings:
    """Settings of a forecast.

    Attributes:
        period: day, week or month.
        forecast_periods: How far ahead, in periods.
        backtest_cutoffs: Rolling origins of the backtest.
        backtest_step_periods: Periods from one origin to the next.
        seed: Seed of everything random.
    """

    period: str
    forecast_periods: int
    backtest_cutoffs: int
    backtest_step_periods: int
    seed: int

    def __post_init__(self) -> None:
        """Check the settings."""
        if self.period not in SEASON_LENGTHS:
            raise InputError(f"var period is {self.period!r}; it must be day, week or month")
        if self.forecast_periods < 1 or self.backtest_step_periods < 1:
            raise InputError("vars forecast_periods and backtest_step_periods must be 1 or more")

    @property
    def season_length(self) -> int:
        """Periods in a season: a week of days, a year of weeks or months."""
        return SEASON_LENGTHS[self.period]

    @property
    def frequency(self) -> str:
        """The pandas frequency of the period."""
        return FREQUENCIES[self.period]
