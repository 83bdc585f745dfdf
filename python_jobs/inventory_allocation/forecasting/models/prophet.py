"""Prophet (Taylor and Letham 2018) for the largest sums of series. An extra."""

import logging

import numpy as np
import numpy.typing as npt
import pandas as pd

from inventory_allocation.errors import InputError
from inventory_allocation.forecasting.history import History
from inventory_allocation.forecasting.models.exponential_smoothing import forecast_smoothing_season

__all__ = ["forecast_prophet"]

Matrix = npt.NDArray[np.float64]

# It takes about a second for each sum and origin.
LARGEST = 20
MIN_PERIODS = 16


def _list_holidays(dates: pd.DatetimeIndex, country: str | None) -> pd.DataFrame | None:
    """Public holidays, each at the start of the period that it is in."""
    if country is None:
        return None
    from holidays import country_holidays

    try:
        found = country_holidays(country, years=range(dates[0].year, dates[-1].year + 1))
    except NotImplementedError as error:
        raise InputError(f"holidays of {country!r} are not known: give a code like GB") from error
    days = pd.DatetimeIndex(sorted(found))
    days = days[(days >= dates[0]) & (days <= dates[-1])]
    starts = dates[np.searchsorted(dates, days, side="right") - 1]
    table = pd.DataFrame({"ds": starts, "holiday": [found[day.date()] for day in days]})
    return table.drop_duplicates(ignore_index=True)


def forecast_prophet(history: History, dates: pd.DatetimeIndex, country: str | None) -> Matrix:
    """Forecast the 20 largest series with trend changes, season and holidays.

    Args:
        history: What is known at an origin.
        dates: First date of each period known and ahead.
        country: Code of the country whose public holidays count, such as GB; None for none.

    Returns:
        Means, shape (series, steps); of smaller series, and with fewer than 16 periods known, those
        of exponential smoothing with the pooled season.

    Raises:
        InputError: Prophet isn't installed, or has no holidays of the country.
    """
    try:
        from prophet import Prophet
    except ImportError as error:
        raise InputError(
            "prophet is not installed: pip install 'inventory-allocation[prophet]'"
        ) from error
    logging.getLogger("cmdstanpy").disabled = True
    logging.getLogger("prophet").setLevel(logging.WARNING)
    means = forecast_smoothing_season(history)
    holidays = _list_holidays(dates, country)
    ahead = pd.DataFrame({"ds": dates[history.length : history.length + history.steps]})
    largest = np.argsort(-history.level, kind="stable")[:LARGEST]
    for row in largest.tolist():
        known = pd.DataFrame({"ds": dates[: history.length], "y": history.units[row]}).dropna()
        if len(known) >= MIN_PERIODS:
            model = Prophet(holidays=holidays, uncertainty_samples=0).fit(known)
            means[row] = np.maximum(model.predict(ahead)["yhat"].to_numpy(), 0.0)
    return means
