"""How well BG/NBD predicts purchases it has not seen."""

import math

import numpy as np
import numpy.typing as npt

from inventory_allocation.customer_value.bgnbd import expected_purchases, fit_bgnbd

__all__ = ["measure_holdout"]

Floats = npt.NDArray[np.float64]


def measure_holdout(
    x: Floats,
    recency: Floats,
    age: Floats,
    purchases: Floats,
    horizon: Floats,
    min_customers: int,
) -> dict[str, float]:
    """Fit BG/NBD up to a cutoff and compare its prediction with what came after.

    Args:
        x: Repeat purchases up to the cutoff, shape (customers,).
        recency: Time from first to last purchase, up to the cutoff.
        age: Time from first purchase to the cutoff.
        purchases: Purchases in the window after the cutoff.
        horizon: Length of that window, in the unit of recency and age.
        min_customers: With fewer customers nothing is fitted.

    Returns:
        customers; converged (1 or 0); predicted_purchases, actual_purchases and naive_purchases,
        all customers together; mean_absolute_error of the model and naive_mean_absolute_error,
        both per customer. The naive rule is that each goes on at the rate so far,
        x / age * horizon. Without a fit the predictions and errors of the model are NaN.
    """
    customers = len(x)
    nan = float("nan")
    measures = {
        "customers": float(customers),
        "converged": 0.0,
        "predicted_purchases": nan,
        "actual_purchases": nan,
        "naive_purchases": nan,
        "mean_absolute_error": nan,
        "naive_mean_absolute_error": nan,
    }
    if customers < max(min_customers, 1):
        return measures
    # fsum is exact, so the order of customers is without effect.
    rate = np.divide(x, age, out=np.zeros(customers), where=age > 0)
    measures["actual_purchases"] = math.fsum(purchases)
    measures["naive_purchases"] = math.fsum(rate * horizon)
    measures["naive_mean_absolute_error"] = (
        math.fsum(np.abs(rate * horizon - purchases)) / customers
    )
    parameters = fit_bgnbd(x, recency, age)
    if parameters.converged:
        predicted = expected_purchases(parameters, x, recency, age, horizon)
        measures["converged"] = 1.0
        measures["predicted_purchases"] = math.fsum(predicted)
        measures["mean_absolute_error"] = math.fsum(np.abs(predicted - purchases)) / customers
    return measures
