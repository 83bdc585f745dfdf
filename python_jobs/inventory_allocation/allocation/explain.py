"""Why each line of the plan is there: prices, runners-up, reasons."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.program import Floats, Program
from inventory_allocation.allocation.solving import Solution

__all__ = ["explain_shipments", "explain_unmet", "price_options"]

PRICE_TOLERANCE = 1e-6

OBSTACLES = ["stock", "outbound_capacity", "lane_capacity", "override", "carbon_cap"]
FIXES = {
    "no_lane": "add a lane to the region",
    "no_stock": "order the SKU: no centre has stock or an open order within reach",
    "stock": "order or move more of the SKU: its stock runs out",
    "outbound_capacity": "raise the outbound capacity of the centre, or hire it for the period",
    "lane_capacity": "raise the capacity of the lane",
    "override": "withdraw the planner's override that limits the cheaper way",
    "carbon_cap": "raise var carbon_cap_kg, or find lanes that emit less",
    "centre_closed": "open the centre: it has stock, and its fixed cost is above what it saves",
    "cost": "serving costs more than not serving: raise unmet_cost_per_unit if that is wrong",
}


def _price_targets(program: Program, solution: Solution) -> Floats:
    """What stock targets add to the price of stock, by column of `stock`.

    Stock that is kept to the end of a period counts for the targets of later ones as well.
    """
    stock, targets = program.columns["stock"], program.rows["stock_target"]
    added = np.zeros(len(stock.keys))
    at = targets.keys["position"].to_numpy(dtype=int) - stock.start
    added[at] = solution.row_prices[targets.positions]
    is_kept = solution.values[stock.positions] > PRICE_TOLERANCE
    period = stock.keys["period"].to_numpy()
    # The next row is the next period of the same stock.
    for earlier in range(int(period.max(initial=0)) - 1, -1, -1):
        kept = np.flatnonzero((period == earlier) & is_kept)
        added[kept] += added[kept + 1]
    return np.where(is_kept, added, 0.0)


def price_options(program: Program, solution: Solution) -> pd.DataFrame:
    """Price every way of serving every demand row, at the plan's prices.

    Returns:
        One row per column of `ship`: its keys, direct cost per unit, what the stock, the
        centre's capacity and the lane's capacity add to it, and its regret: what a unit more of
        it would add to the cost of the plan.
    """
    ship = program.columns["ship"]
    keys = ship.keys
    balance = program.rows["stock_balance"]
    stock_rows = balance.keys[["fc", "sku", "period"]].assign(
        stock_price=solution.row_prices[balance.positions],
        target_price=_price_targets(program, solution),
    )
    stock_key = ["fc", "sku", "period"]
    priced = keys.assign(
        **keys[stock_key].merge(stock_rows, on=stock_key, how="left").drop(columns=stock_key)
    )
    for name, columns in (
        ("outbound_capacity", ["fc", "period"]),
        ("lane_capacity", ["fc", "region", "period"]),
    ):
        block = program.rows[name]
        prices = block.keys[columns].assign(price=solution.row_prices[block.positions])
        priced[f"{name}_price"] = keys[columns].merge(prices, on=columns, how="left")["price"]
    # What overrides add to the cost of an option: below 0 where they ask for it.
    by_row = program.matrix().tocsr()

    def add_of(name: str) -> npt.NDArray[np.floating]:
        """What rows that aren't a centre's or a lane's add to the cost of each option."""
        rows = program.rows[name].positions
        if not len(rows):
            return np.zeros(len(keys), dtype=np.float32)
        added: Floats = -(by_row[rows].T @ solution.row_prices[rows])[ship.positions]
        return added

    # Where one centre serves all of a row, its bound takes a part of the row's price: the other
    # centres' regret has to be counted from there.
    reduced = pd.Series(solution.reduced_costs[ship.positions], index=keys.index)
    is_closed = np.zeros(len(keys), dtype=bool)
    if "center_open" in program.columns:
        # That a centre is closed is no price, and the bound of an open one is that of the row.
        reduced -= add_of("open_outbound") + add_of("ship_from_open")
        is_open = solution.values[program.columns["center_open"].positions] > 0.5
        is_closed = ~is_open[keys["fc"]]
    bounded = reduced.clip(upper=0.0).where(~is_closed, 0.0)
    upper_price = bounded.groupby(keys["demand_row"]).transform("min")
    return priced.assign(
        column=ship.positions,
        direct_cost=program.cost[ship.positions],
        # A row's price is negative where one unit more of it saves cost.
        stock_price=-priced["stock_price"].fillna(0.0),
        target_price=priced["target_price"].clip(upper=-priced["stock_price"]).fillna(0.0),
        outbound_capacity_price=-priced["outbound_capacity_price"].fillna(0.0),
        lane_capacity_price=-priced["lane_capacity_price"].fillna(0.0),
        override_price=add_of("plan_override"),
        carbon_cap_price=add_of("carbon_cap"),
        change_price=add_of("plan_change"),
        together_price=add_of("together"),
        regret=reduced - upper_price,
        is_closed=is_closed,
    )


def _list_best(options: pd.DataFrame, by: list[str], count: int) -> pd.DataFrame:
    """The first options of each demand row, sorted by it and columns."""
    names = ["demand_row", *by]
    order = np.lexsort([options[name].to_numpy() for name in reversed(names)])
    rows = options["demand_row"].to_numpy()[order]
    rank = np.arange(len(rows)) - np.searchsorted(rows, rows)
    return options.iloc[order[rank < count]]


def explain_shipments(options: pd.DataFrame, ship: pd.DataFrame) -> pd.DataFrame:
    """Give each shipment a reason, the runner-up and what that would cost more.

    Reasons: `override` (a planner asked for it); `only_lane`; `cheapest` (no other centre is
    cheaper); `as_in_plan_in_force` (a change has its price); `keeps_orders_whole` (what is bought
    with it comes from the same centre); otherwise what keeps the cheaper
    centre from serving: `cheaper_centre_closed`, `cheaper_centre_short_of_stock`,
    `cheaper_centre_at_capacity`, `cheaper_lane_at_capacity`, `cheaper_centre_overridden`,
    `cheaper_centre_emits_more`, `within_sla` (the cheaper one is late), `protects_stock_target`.
    A closed centre is nobody's runner-up.

    Args:
        options: From `price_options`.
        ship: Columns demand_row, fc, column.

    Returns:
        The rows of `ship` with reason_code, runner_up (a position, -1 for none) and regret.
    """
    best_two = _list_best(options[~options["is_closed"]], ["regret", "direct_cost", "fc"], 2)
    pairs = ship[["demand_row", "fc", "column"]].merge(
        best_two[["demand_row", "fc", "regret"]], on="demand_row", suffixes=("", "_other")
    )
    others = pairs[pairs["fc"] != pairs["fc_other"]].drop_duplicates("column")
    others = others.set_index("column")
    cheapest = _list_best(options, ["direct_cost", "fc"], 1)
    counts = options.groupby("demand_row").size()
    lines = ship.merge(
        options[
            [
                "column",
                "direct_cost",
                "is_within_sla",
                "override_price",
                "carbon_cap_price",
                "change_price",
                "together_price",
            ]
        ].rename(
            columns={
                "override_price": "own_override_price",
                "carbon_cap_price": "own_carbon_cap_price",
                "change_price": "own_change_price",
                "together_price": "own_together_price",
            }
        ),
        on="column",
        suffixes=("", "_own"),
    ).merge(
        cheapest[
            [
                "demand_row",
                "fc",
                "direct_cost",
                "stock_price",
                "outbound_capacity_price",
                "lane_capacity_price",
                "target_price",
                "override_price",
                "carbon_cap_price",
                "is_within_sla",
                "is_closed",
            ]
        ],
        on="demand_row",
        suffixes=("", "_cheapest"),
    )
    # What weighs most on the cheapest centre is what keeps it from serving.
    own_within = (
        lines["is_within_sla_own"] if "is_within_sla_own" in lines else lines["is_within_sla"]
    )
    late = own_within.astype(bool) & ~lines["is_within_sla_cheapest"].astype(bool)
    lines["stock_price"] -= lines["target_price"]
    lines["carbon_cap_price"] -= lines["own_carbon_cap_price"]
    weights = lines[
        [
            "stock_price",
            "outbound_capacity_price",
            "lane_capacity_price",
            "target_price",
            "override_price",
            "carbon_cap_price",
        ]
    ].to_numpy()
    heaviest = np.argmax(weights, axis=1)
    weighs = weights.max(axis=1, initial=0.0) > PRICE_TOLERANCE
    names = np.array(
        [
            "cheaper_centre_short_of_stock",
            "cheaper_centre_at_capacity",
            "cheaper_lane_at_capacity",
            "protects_stock_target",
            "cheaper_centre_overridden",
            "cheaper_centre_emits_more",
        ]
    )
    reason = np.where(
        lines["demand_row"].map(counts) == 1,
        "only_lane",
        np.where(
            lines["direct_cost"] <= lines["direct_cost_cheapest"] + PRICE_TOLERANCE,
            "cheapest",
            np.where(
                lines["is_closed"],
                "cheaper_centre_closed",
                np.where(
                    weighs, names[heaviest], np.where(late, "within_sla", "protects_stock_target")
                ),
            ),
        ),
    )
    is_dearer = ~np.isin(reason, ["only_lane", "cheapest"])
    is_together = lines["own_together_price"] < -PRICE_TOLERANCE
    reason = np.where(is_dearer & is_together, "keeps_orders_whole", reason)
    is_kept = lines["own_change_price"] < -PRICE_TOLERANCE
    reason = np.where(is_dearer & is_kept, "as_in_plan_in_force", reason)
    reason = np.where(lines["own_override_price"] < -PRICE_TOLERANCE, "override", reason)
    return lines[["demand_row", "fc", "units", "column"]].assign(
        reason_code=reason,
        runner_up=lines["column"].map(others["fc_other"]).fillna(-1).astype(int),
        regret=lines["column"].map(others["regret"]),
    )


def explain_unmet(
    options: pd.DataFrame, network: Network, unmet: "pd.Series[float]"
) -> pd.DataFrame:
    """Say what stood in the way of each demand row that is not fully served, and what helps.

    Args:
        options: From `price_options`.
        network: The network.
        unmet: Units not served, by position of the demand row.

    Returns:
        Index demand_row: binding_reason and fix; a served row has neither.
    """
    short = network.demand[unmet.to_numpy() > PRICE_TOLERANCE]
    options = options[options["demand_row"].isin(short.index)]
    is_laned = short["region"].isin(network.lanes["region"])
    is_known = short.index.isin(options["demand_row"])
    options = options[~options["is_closed"]]
    obstacles = [f"{name}_price" for name in OBSTACLES]
    total = options["direct_cost"] + options[obstacles].sum(axis=1)
    best = _list_best(options.assign(total=total), ["total", "fc"], 1).set_index("demand_row")
    weights = best[obstacles].reindex(short.index, fill_value=0.0).to_numpy()
    heaviest = np.array([*OBSTACLES, "cost"], dtype=object)[
        np.where(
            weights.max(axis=1, initial=0.0) > PRICE_TOLERANCE,
            weights.argmax(axis=1),
            len(OBSTACLES),
        )
    ]
    reasons = np.select(
        [~is_laned, ~is_known, ~short.index.isin(best.index)],
        ["no_lane", "no_stock", "centre_closed"],
        heaviest,
    )
    return pd.DataFrame(
        {"binding_reason": reasons, "fix": [FIXES[reason] for reason in reasons]},
        index=short.index,
    )
