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

LANE_SHARE = 1e-3
"""Of options that cost the plan the same, the cheaper lane is taken."""


@dataclass(frozen=True)
class Engine:
    """Plan the horizon anew each period; carry out its first period.

    Lines are served by what a unit from each centre adds to the cost of the plan, its regret: bid
    prices (Acimovic and Graves, Making better fulfillment decisions on the fly, 2015).

    Attributes:
        stock_target_mode: As the var of that name; `none` plans for the point forecast.
        lost_unit_factor: What the plan takes a lost unit to cost, of what it costs.
        time_limit: Seconds for a plan.
    """

    stock_target_mode: str = "expected_loss"
    lost_unit_factor: float = 1.0
    time_limit: float = 3.0

    def decide(self, view: View) -> Decision:
        """Plan, and take the first period of the plan."""
        # One thread: a replay runs several policies beside each other.
        settings = SolveSettings(gap=0.01, time_limit=self.time_limit, threads=1)
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
        scores[at] = LANE_SHARE * scores[at] + now["regret"].to_numpy()
        order = flows.order[flows.order["period"] == 0]
        transfer = flows.transfer[flows.transfer["period"] == 0]
        return Decision(
            scores,
            pd.DataFrame(
                {
                    "offer": _find_offers(company, network.suppliers.iloc[order["offer"]], sku),
                    "units": order["units"].to_numpy(),
                }
            ),
            pd.DataFrame(
                {
                    "lane": transfer["lane"].to_numpy(),
                    "sku": sku[transfer["sku"]],
                    "units": transfer["units"].to_numpy(),
                }
            ),
        )

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
            demand_scenarios=0,
            # No cost in the replay: what is not served already costs its price.
            service_shortfall_cost_per_unit=0.0,
            close_centers=False,
        )
        lost = inputs.demand["unmet_cost_per_unit"].astype("float64") * self.lost_unit_factor
        return replace(
            inputs,
            parameters=parameters,
            demand=inputs.demand.assign(unmet_cost_per_unit=lost),
            stock=table(view.on_hand, "available_units"),
            inbound=arrivals[arrivals["units"] > 0],
            cover=cover.fillna({"later_inbound_units": 0.0}),
            # Goods keep, and docks take in whatever comes.
            products=inputs.products.assign(shelf_life_periods=np.nan),
            centers=inputs.centers.assign(inbound_capacity_units=np.nan),
            overrides=inputs.overrides.iloc[:0],
            plan_in_force=inputs.plan_in_force.iloc[:0],
            sku_pairs=inputs.sku_pairs.iloc[:0],
        )


def _find_offers(
    company: Company, offers: pd.DataFrame, sku: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Positions among the company's offers of those of a plan, which knows fewer SKUs."""
    keys = ["supplier", "fc", "sku"]
    known = pd.MultiIndex.from_frame(company.offers[keys])
    return known.get_indexer(pd.MultiIndex.from_frame(offers[keys].assign(sku=sku[offers["sku"]])))
