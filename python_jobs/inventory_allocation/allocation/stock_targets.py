"""Safety stock of each centre and SKU, and what a unit missing to it costs."""

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = [
    "KNOTS",
    "STOCK_TARGET_MODES",
    "cost_of_shortfall",
    "index_stock_targets",
    "shortfall_steps",
]

STOCK_TARGET_MODES = ("service_level", "newsvendor", "expected_loss", "none")
# Deviations of demand at which the price of a missing unit changes, with mode `expected_loss`.
KNOTS = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0)

Floats = npt.NDArray[np.float64]


def _expected_loss(z: Floats) -> Floats:
    """Units of demand above z deviations over its mean, in deviations (standard normal loss)."""
    from scipy.stats import norm

    loss: Floats = norm.pdf(z) - z * norm.sf(z)
    return loss


def shortfall_steps(mode: str) -> Floats:
    """How the price of a unit missing to safety stock rises with what is missing already.

    With mode `expected_loss` a unit costs what not serving it costs, times the chance that it is
    wanted: the slope of the expected loss, in steps (Silver, Pyke and Thomas, Inventory and
    Production Management in Supply Chains, 4th ed., chapter 6). With the others each unit costs
    the same.

    Returns:
        Per step: its share of the target, its share of the price, from the cheapest; shape
        (steps, 2).
    """
    if mode != "expected_loss":
        return np.array([[1.0, 1.0]])
    knots = np.array(KNOTS)
    width = np.diff(knots)
    chance = -np.diff(_expected_loss(knots)) / width
    return np.column_stack([width / knots[-1], chance])[::-1]


def cost_of_shortfall(
    short: "pd.Series[float]",
    target: "pd.Series[float]",
    price: "pd.Series[float]",
    steps: Floats,
) -> "pd.Series[float]":
    """Cost of so many units missing to each target."""
    cost, left = short * 0.0, short
    for width, share in steps:
        taken = left.clip(upper=width * target)
        cost, left = cost + share * price * taken, left - taken
    return cost


def _level_of(demand: pd.DataFrame, products: pd.DataFrame, mode: str) -> "pd.Series[float]":
    """Share of demand that stock at the end of a period is to cover."""
    if mode != "newsvendor":
        return demand["target_service_level"]
    holding = products["holding"].to_numpy()[demand["sku"]]
    ratio: pd.Series[float] = demand["unmet_cost"] / (demand["unmet_cost"] + holding).clip(1e-12)
    return ratio


def _over_lead_time(cells: pd.DataFrame, suppliers: pd.DataFrame, periods: int) -> pd.DataFrame:
    """Variance of demand up to each period since an order for it could last be placed.

    What is ordered in a period arrives after the shortest lead time of the centre and SKU: demand
    of so many periods before, and of the period itself, comes without an answer.

    Args:
        cells: fc, sku, period, variance and more.
        suppliers: fc, sku, lead_periods; none where nothing can be ordered.
        periods: Number of periods.

    Returns:
        The cells with the variance over these periods.
    """
    if cells.empty:
        return cells
    keys = ["fc", "sku"]
    lead = suppliers.groupby(keys)["lead_periods"].min().rename("lead").reset_index()
    table = cells.pivot_table(index=keys, columns="period", values="variance", aggfunc="sum")
    before = np.zeros((len(table), periods + 1))
    by_period = table.reindex(columns=range(periods)).fillna(0.0).to_numpy(dtype="float64")
    before[:, 1:] = by_period.cumsum(axis=1)
    row = pd.Series(range(len(table)), index=table.index, name="row").reset_index()
    placed = cells.merge(row, on=keys).merge(lead, on=keys, how="left")
    period, position = placed["period"].to_numpy(), placed["row"].to_numpy()
    first = np.maximum(period - placed["lead"].fillna(0).to_numpy(dtype="int64"), 0)
    return placed.assign(variance=before[position, period + 1] - before[position, first])


def index_stock_targets(
    demand: pd.DataFrame,
    pairs: pd.DataFrame,
    products: pd.DataFrame,
    suppliers: pd.DataFrame,
    *,
    mode: str,
    price: float,
) -> pd.DataFrame:
    """Safety stock of each home centre: what covers the next period at the service level.

    Where SKUs are ordered it covers the deviation of the lead time before that as well.

    With mode `newsvendor` the level is the critical ratio, unmet cost / (unmet cost + holding);
    with mode `expected_loss` the target is three deviations, and a unit missing to it costs what
    not serving it costs, times the chance that it is wanted; with mode `none` there are no targets.

    target = z(level) * deviation, that of a period the sum over the regions and segments whose home
    it is (their errors move together, docs/decisions/0018), that of several periods the root of
    their squares: the normal approximation, periods independent (Silver, Pyke and Thomas,
    Inventory and Production Management in Supply Chains, 4th ed., chapter 6). The last period
    looks at its own demand.

    Returns:
        fc, sku, period, target in units, price of a unit (times its share in `shortfall_steps`).
    """
    from scipy.stats import norm

    homed = demand[demand["fc"] >= 0].assign(
        weighted=lambda frame: _level_of(frame, products, mode) * frame["units"],
        lost=lambda frame: frame["unmet_cost"] * frame["units"],
    )
    if mode == "none":
        homed = homed.iloc[:0]
    last = int(demand["period"].max())
    cells = homed.groupby(["fc", "sku", "period"], as_index=False)[
        ["deviation", "weighted", "lost", "units"]
    ].sum()
    cells = cells.assign(variance=cells["deviation"] ** 2)
    cells = _over_lead_time(cells, suppliers, last + 1)
    ends = pd.concat(
        [
            cells[cells["period"] > 0].assign(period=lambda frame: frame["period"] - 1),
            cells[cells["period"] == last],
        ]
    )
    units = ends["units"].clip(lower=1e-9)
    quantile = norm.ppf((ends["weighted"] / units).clip(0.5, 0.999))
    prices = np.full(len(ends), price)
    if mode == "expected_loss":
        quantile, prices = np.full(len(ends), KNOTS[-1]), (ends["lost"] / units).to_numpy()
    target = np.round(quantile * np.sqrt(ends["variance"]), 6)
    targets = ends.assign(target=target, price=np.round(prices, 6))
    targets = targets[["fc", "sku", "period", "target", "price"]].merge(pairs, on=["fc", "sku"])
    return targets[targets["target"] > 0].sort_values(["fc", "sku", "period"], ignore_index=True)
