"""From a frame of customers to fitted parameters, and from both to predictions."""

from dataclasses import asdict

import numpy as np
import numpy.typing as npt
import pandas as pd

from inventory_allocation.customer_value.bgnbd import (
    BgNbdParameters,
    expected_purchases,
    fit_bgnbd,
    no_bgnbd,
    probability_alive,
)
from inventory_allocation.customer_value.gamma_gamma import (
    GammaGammaParameters,
    expected_mean_value,
    fit_gamma_gamma,
)
from inventory_allocation.customer_value.holdout import measure_holdout
from inventory_allocation.frames import require_columns
from inventory_allocation.one_thread import one_thread

__all__ = ["fit_customer_value", "predict_customer_value"]

TABLE = "int_customers__value_input"
HISTORY = ["repeat_purchase_days", "last_purchase_age_days", "tenure_days"]
HOLDOUT_HISTORY = [f"holdout_{column}" for column in HISTORY]
HOLDOUT = [*HOLDOUT_HISTORY, "holdout_purchases", "holdout_days"]
COLUMNS = ["customer_id", *HISTORY, "mean_repeat_value"]
PARAMETERS_TABLE = "of customer value parameters"
PREDICTIONS = [
    "probability_alive",
    "expected_purchases",
    "expected_purchase_value",
    "expected_value",
]

# The unit of the published fits of the model.
DAYS_PER_WEEK = 7.0

Floats = npt.NDArray[np.float64]


def _floats(frame: pd.DataFrame, column: str) -> Floats:
    """A column as float64, NaN where it is null or infinite."""
    values = frame[column].to_numpy(dtype="float64", na_value=np.nan)
    return np.where(np.isfinite(values), values, np.nan)


def _read_history(frame: pd.DataFrame, columns: list[str]) -> tuple[Floats, Floats, Floats]:
    """Repeat purchases, recency and age in weeks; NaN in all three for a row without history.

    A row has a history when neither purchases nor tenure is null or negative. A last purchase
    outside of the tenure is moved to its nearer end; one that is null or not a repeat is at 0.
    """
    x, recency, age = (_floats(frame, column) for column in columns)
    lacks = ~((x >= 0) & (age >= 0))
    x[lacks] = age[lacks] = np.nan
    recency = np.where(x > 0, np.clip(np.nan_to_num(recency), 0.0, age), 0.0)
    recency[lacks] = np.nan
    return x, recency / DAYS_PER_WEEK, age / DAYS_PER_WEEK


def _correlate(x: Floats, value: Floats) -> float:
    """Pearson correlation over customers with a repeat purchase of positive value."""
    has_value = (x > 0) & (value > 0)
    x, value = x[has_value], value[has_value]
    if len(x) < 2 or np.ptp(x) == 0 or np.ptp(value) == 0:
        return float("nan")
    x = x - x.mean()
    value = value / value.max()
    value = value - value.mean()
    # Not np.corrcoef: BLAS adds in an order that depends on its threads.
    return float((x * value).sum() / np.sqrt((x * x).sum() * (value * value).sum()))


def _measure(ordered: pd.DataFrame, min_customers: int) -> dict[str, float]:
    """The hold-out of the customers who were there at the cutoff."""
    x, recency, age = _read_history(ordered, HOLDOUT_HISTORY)
    purchases, days = _floats(ordered, "holdout_purchases"), _floats(ordered, "holdout_days")
    known = np.isfinite(x) & (purchases >= 0) & (days >= 0)
    return measure_holdout(
        x[known],
        recency[known],
        age[known],
        purchases[known],
        days[known] / DAYS_PER_WEEK,
        min_customers,
    )


@one_thread()
def fit_customer_value(customers: pd.DataFrame, min_customers: int = 50) -> pd.DataFrame:
    """Fit BG/NBD and Gamma-Gamma to the customers and test the former on a hold-out.

    Args:
        customers: One row per customer, in any order: customer_id, repeat_purchase_days (days with
            a purchase after the first such day), last_purchase_age_days (days from first to last
            purchase), tenure_days (days from first purchase to now), mean_repeat_value (mean
            revenue of a repeat purchase day, in currency; null without one). With
            holdout_repeat_purchase_days, holdout_last_purchase_age_days, holdout_tenure_days (the
            same at a cutoff, null for customers who came later), holdout_purchases (purchase days
            in the window after it) and holdout_days (its length) there is a hold-out.
        min_customers: With fewer customers a model is not fitted; for Gamma-Gamma only customers
            with a repeat purchase of positive value count.

    Returns:
        One row per model and parameter, the value a float64:
        bg_nbd: r, alpha (weeks), a, b, log_likelihood, customers, converged (1 or 0).
        gamma_gamma: p, q, v (currency), population_mean (currency), log_likelihood, customers,
        converged, mean_value_correlation (of repeat purchases and their mean value, which the
        model takes to be 0).
        holdout, when its columns are there: see `measure_holdout`.
        What could not be fitted is NaN.

    Raises:
        InputError: A column is missing, or some but not all of the hold-out columns are there.
    """
    has_holdout = any(column in customers.columns for column in HOLDOUT)
    require_columns(customers, [*COLUMNS, *(HOLDOUT if has_holdout else [])], TABLE)
    ordered = customers.sort_values("customer_id", kind="stable")
    x, recency, age = _read_history(ordered, HISTORY)
    known = np.isfinite(x)
    x, recency, age = x[known], recency[known], age[known]
    value = _floats(ordered, "mean_repeat_value")[known]
    is_enough = len(x) >= max(min_customers, 1)
    bg_nbd = fit_bgnbd(x, recency, age) if is_enough else no_bgnbd(len(x))
    gamma_gamma = fit_gamma_gamma(x, value, min_customers)
    found = {
        "bg_nbd": asdict(bg_nbd),
        "gamma_gamma": asdict(gamma_gamma) | {"mean_value_correlation": _correlate(x, value)},
    }
    if has_holdout:
        found["holdout"] = _measure(ordered, min_customers)
    rows = [
        (model, parameter, float(number))
        for model, parameters in found.items()
        for parameter, number in parameters.items()
    ]
    frame = pd.DataFrame(rows, columns=["model", "parameter", "value"])
    return frame.astype({"model": "string", "parameter": "string", "value": "float64"})


def _read_parameters(parameters: pd.DataFrame) -> tuple[BgNbdParameters, GammaGammaParameters]:
    """The models in a frame of `fit_customer_value`; what it lacks is NaN or not converged."""
    require_columns(parameters, ["model", "parameter", "value"], PARAMETERS_TABLE)
    keys = zip(parameters["model"], parameters["parameter"], strict=True)
    found: dict[tuple[str, str], float] = dict(
        zip(keys, _floats(parameters, "value").tolist(), strict=True)
    )

    def read(model: str, name: str) -> float:
        return found.get((model, name), float("nan"))

    return (
        BgNbdParameters(
            r=read("bg_nbd", "r"),
            alpha=read("bg_nbd", "alpha"),
            a=read("bg_nbd", "a"),
            b=read("bg_nbd", "b"),
            converged=read("bg_nbd", "converged") == 1,
        ),
        GammaGammaParameters(
            p=read("gamma_gamma", "p"),
            q=read("gamma_gamma", "q"),
            v=read("gamma_gamma", "v"),
            population_mean=read("gamma_gamma", "population_mean"),
            converged=read("gamma_gamma", "converged") == 1,
        ),
    )


@one_thread()
def predict_customer_value(
    customers: pd.DataFrame, parameters: pd.DataFrame, horizon_days: float
) -> pd.DataFrame:
    """Predict purchases and their value for each customer.

    Args:
        customers: As for `fit_customer_value`, without need of the hold-out columns.
        parameters: What `fit_customer_value` returned.
        horizon_days: Days to look ahead.

    Returns:
        One row per customer, sorted: customer_id, probability_alive (1 without repeat purchase, as
        the model has it), expected_purchases (days with a purchase within the horizon),
        expected_purchase_value (currency per such day), expected_value (their product). All NaN
        when BG/NBD has not converged and for a customer without purchases or tenure in the frame;
        without Gamma-Gamma the value of a purchase is the population mean.

    Raises:
        InputError: A column is missing.
    """
    require_columns(customers, COLUMNS, TABLE)
    bg_nbd, gamma_gamma = _read_parameters(parameters)
    ordered = customers.sort_values("customer_id", kind="stable")
    x, recency, age = _read_history(ordered, HISTORY)
    known = np.isfinite(x) & bg_nbd.converged
    x, recency, age = x[known], recency[known], age[known]
    value = _floats(ordered, "mean_repeat_value")[known]
    predictions = np.full((len(PREDICTIONS), len(ordered)), np.nan)
    if known.any():
        purchases = expected_purchases(bg_nbd, x, recency, age, horizon_days / DAYS_PER_WEEK)
        # The model does not know that a day is a purchase day only once.
        purchases = np.minimum(purchases, horizon_days)
        worth = expected_mean_value(gamma_gamma, x, value)
        alive = probability_alive(bg_nbd, x, recency, age)
        predictions[:, known] = [alive, purchases, worth, purchases * worth]
    return pd.DataFrame(
        {
            "customer_id": ordered["customer_id"].astype("string").reset_index(drop=True),
            **dict(zip(PREDICTIONS, predictions, strict=True)),
        }
    )
