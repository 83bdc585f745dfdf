"""What a forecast needs to know beside the panel."""

from dataclasses import dataclass
from datetime import date

from inventory_allocation.errors import InputError
from inventory_allocation.forecasting.features import FEATURE_GROUPS
from inventory_allocation.forecasting.registry import AGGREGATE, BASE, GLOBAL, STATISTICAL
from inventory_allocation.forecasting.tree import SERIES, TOTAL

__all__ = ["FREQUENCIES", "QUANTILES", "SEASON_LENGTHS", "ForecastSettings", "quantile_name"]

QUANTILES = (0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975)
SEASON_LENGTHS = {"day": 7, "week": 52, "month": 12}
FREQUENCIES = {"day": "D", "week": "7D", "month": "MS"}
# Periods from one origin of the backtest to the next: about a month of weeks, half a month of days.
STRIDES = {"day": 14, "week": 4, "month": 1}


def quantile_name(level: float) -> str:
    """Name of the column of a quantile: q0_975 for 0.975."""
    return f"q{level:g}".replace(".", "_")


@dataclass(frozen=True)
class ForecastSettings:
    """Settings of a forecast.

    Attributes:
        period: day, week or month.
        forecast_periods: How far ahead, in periods.
        backtest_cutoffs: Origins of the backtest, at most.
        backtest_step_periods: Periods from one origin to the next; None for four weeks, fourteen
            days or one month.
        hierarchy: Columns of the panel that say what a series adds up to, the finest first: SKU,
            then category. The total is always there.
        attributes: Further columns of the panel that say what series have in common, such as
            segment or region: how the others are doing is a feature of the global models.
        retire_after_periods: A series that sold nothing for longer is over: it isn't forecast;
            None for never.
        as_of: The last day whose rows count; None for all rows.
        global_models: Models that learn from all series; without any, the statistical ones are
            left, in much less time.
        aggregate_models: Models of what series add up to: prophet, an extra, for the 20 largest.
        country: Code of the country whose public holidays these models know, such as GB.
        left_out: Models, and groups of features, to do without: what is each worth?
        report_members: Whether what every model said is reported, or the ensemble only.
        levels: Levels of the quantiles, rising.
        seed: Seed of everything random.
    """

    period: str
    forecast_periods: int
    backtest_cutoffs: int = 12
    backtest_step_periods: int | None = None
    hierarchy: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    retire_after_periods: int | None = None
    as_of: date | None = None
    global_models: tuple[str, ...] = tuple(GLOBAL)
    aggregate_models: tuple[str, ...] = ()
    country: str | None = None
    left_out: tuple[str, ...] = ()
    report_members: bool = True
    levels: tuple[float, ...] = QUANTILES
    seed: int = 20260628

    def __post_init__(self) -> None:
        """Check the settings."""
        if self.period not in SEASON_LENGTHS:
            raise InputError(f"period is {self.period!r}; it must be day, week or month")
        if self.forecast_periods < 1 or self.stride < 1:
            raise InputError("forecast_periods and backtest_step_periods start at 1")
        levels = (SERIES, *self.hierarchy, TOTAL)
        if len(set(levels)) < len(levels):
            raise InputError(
                f"the hierarchy is {', '.join(self.hierarchy)}: a column may be there once, and "
                f"none may be called {SERIES} or {TOTAL}"
            )
        unknown = [name for name in self.global_models if name not in GLOBAL]
        if unknown:
            raise InputError(f"no global model {unknown[0]!r}; there are {', '.join(GLOBAL)}")
        unknown = [name for name in self.aggregate_models if name not in AGGREGATE]
        if unknown:
            raise InputError(f"no aggregate model {unknown[0]!r}; there are {', '.join(AGGREGATE)}")
        known = (*STATISTICAL, *AGGREGATE, BASE, *GLOBAL, *FEATURE_GROUPS)
        unknown = [name for name in self.left_out if name not in known]
        if unknown:
            raise InputError(f"nothing is called {unknown[0]!r}; there are {', '.join(known)}")
        if set(STATISTICAL) <= set(self.left_out):
            raise InputError("some statistical model must be left")

    @property
    def stride(self) -> int:
        """Periods from one origin to the next."""
        return self.backtest_step_periods or STRIDES[self.period]

    @property
    def season_length(self) -> int:
        """Periods in a season: a week of days, a year of weeks or months."""
        return SEASON_LENGTHS[self.period]

    @property
    def frequency(self) -> str:
        """The pandas frequency of the period."""
        return FREQUENCIES[self.period]
