"""This system's plan: orders, transfers and prices of its first period."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from inventory_allocation.allocation import AllocationInputs, SolveSettings, solve_inputs
from inventory_allocation.allocation.explain import price_options
from inventory_allocation.allocation.plan import read_flows
from inventory_allocation.replay.company import Company, Floats
from inventory_allocation.replay.policy import Decision, View

__all__ = ["Engine"]

PRICE_SHARE = 0.5
"""How much prices count beside the lane: those of a plan for one future are too sure of it."""


@dataclass(frozen=True)
class Engine:
    """Plan the horizon anew each period; carry out its first period.

    Lines are served by what a unit from each centre adds to the cost of the plan, its regret: bid
    prices (Acimovic and Graves, Making better fulfillment decisions on the fly, 2015), half of
    which counts, and half of what its lane costs above the cheapest. Centres of which the plan
    has no such unit come last.

    Attributes:
        stock_target_mode: As the var of that name; `none` plans for the point forecast.
        lost_unit_factor: What the plan takes a lost unit to cost, of what it costs.
        sku_seconds: Seconds for a plan, per SKU.
        demand_scenarios: As the var of that name; stock targets are no longer asked for then.
        has_transfers: Whether it may move stock between centres.
        transfer_hurdle: As the var of that name.
        has_segments: Whether segments differ in what a lost unit costs and in service levels.
    """

    stock_target_mode: str = "expected_loss"
    lost_unit_factor: float = 1.0
    sku_seconds: float = 0.05
    demand_scenarios: int = 0
    has_transfers: bool = True
    transfer_hurdle: float = 2.0
    has_segments: bool = True

    def decide(self, view: View) -> Decision:
        """Plan, and take the first period of the plan."""
        # One thread: a replay runs several policies beside each other.
        time_limit = self.sku_seconds * len(view.company.skus)
        settings = SolveSettings(gap=0.01, time_limit=time_limit, threads=1)
        solved = solve_inputs(self._put_state(view), settings, is_explained=False)
        network = solved.network
        flows = read_flows(solved.program, network, solved.solution.values)
        company = view.company
        sku = pd.Index(company.skus).get_indexer(pd.Index(network.skus))
        region = pd.Index(company.regions).get_indexer(pd.Index(network.regions))
        options = price_options(solved.program, solved.solution)
        now = options[options["period"] == 0]
        at = (now["fc"].to_numpy(), region[now["region"]], sku[now["sku"]])
        scores = company.shipping.copy()
        above = scores[at] - scores.min(axis=0)[at[1:]]
        scores[at] = (1 - PRICE_SHARE) * above + PRICE_SHARE * now["regret"].to_numpy()

        def orders(period: int) -> pd.DataFrame:
            order = flows.order[flows.order["period"] == period]
            offers = _find_offers(company, network.suppliers.iloc[order["offer"]], sku)
            return pd.DataFrame({"offer": offers, "units": order["units"].to_numpy()})

        def transfers(period: int) -> pd.DataFrame:
            transfer = flows.transfer[flows.transfer["period"] == period]
            return pd.DataFrame(
                {
                    "lane": transfer["lane"].to_numpy(),
                    "sku": sku[transfer["sku"]],
                    "units": transfer["units"].to_numpy(),
                }
            )

        return Decision(scores, orders(0), transfers(0), orders(1), transfers(1))

    def _put_state(self, view: View) -> AllocationInputs:
        """The frames of an allocation with the stock and open orders of the replay in them."""
        company, inputs = view.company, view.outlook.inputs
        horizon = len(inputs.periods)
        fc, sku = np.indices(view.on_hand.shape)
        fcs, skus = np.array(company.fcs, dtype=object), np.array(company.skus, dtype=object)

        def table(units: Floats, name: str) -> pd.DataFrame:
            return pd.DataFrame(
                {"fc_id": fcs[fc.ravel()], "sku": skus[sku.ravel()], name: units.ravel()}
            )

        inbound = [
            table(units, "units").assign(period_index=ahead)
            for ahead, units in enumerate(view.arriving[: horizon - 1], start=1)
        ]
        arrivals = pd.concat(inbound, ignore_index=True)
        later = table(view.arriving[horizon - 1 :].sum(axis=0), "later_inbound_units")
        cover = inputs.cover.drop(columns="later_inbound_units").merge(later, how="left")
        parameters = inputs.parameters.assign(
            stock_target_mode=self.stock_target_mode,
            demand_scenarios=self.demand_scenarios,
            # No cost in the replay: what is not served already costs its price.
            service_shortfall_cost_per_unit=0.0,
            close_centers=False,
            transfer_hurdle=self.transfer_hurdle,
        )
        demand = inputs.demand if self.has_segments else _level_segments(inputs.demand)
        lost = demand["unmet_cost_per_unit"].astype("float64") * self.lost_unit_factor
        return replace(
            inputs,
            parameters=parameters,
            demand=demand.assign(unmet_cost_per_unit=lost),
            stock=table(view.on_hand, "available_units"),
            inbound=arrivals[arrivals["units"] > 0],
            cover=cover.fillna({"later_inbound_units": 0.0}),
            # Goods keep, and docks take in whatever comes.
            products=inputs.products.assign(shelf_life_periods=np.nan),
            centers=inputs.centers.assign(inbound_capacity_units=np.nan),
            transfer_lanes=inputs.transfer_lanes.iloc[: None if self.has_transfers else 0],
            overrides=inputs.overrides.iloc[:0],
            plan_in_force=inputs.plan_in_force.iloc[:0],
            sku_pairs=inputs.sku_pairs.iloc[:0],
        )


def _level_segments(demand: pd.DataFrame) -> pd.DataFrame:
    """The same demand with the means of its SKU for what differs between segments."""
    levelled = demand.copy()
    for column in ("unmet_cost_per_unit", "target_service_level"):
        values = demand[column].astype("float64")
        units = demand["demand_units"].astype("float64")
        sums = pd.DataFrame({"value": values * units, "units": units}).groupby(demand["sku"])
        mean = sums.transform("sum")
        levelled[column] = (mean["value"] / mean["units"]).where(mean["units"] > 0, values)
    return levelled


def _find_offers(
    company: Company, offers: pd.DataFrame, sku: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Positions among the company's offers of those of a plan, which knows fewer SKUs."""
    keys = ["supplier", "fc", "sku"]
    known = pd.MultiIndex.from_frame(company.offers[keys])
    return known.get_indexer(pd.MultiIndex.from_frame(offers[keys].assign(sku=sku[offers["sku"]])))
