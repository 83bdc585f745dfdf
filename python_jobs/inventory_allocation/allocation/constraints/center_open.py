"""A centre that is closed neither ships nor sends nor receives."""

import numpy as np
import pandas as pd

from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.program import Block, Floats, Program
from inventory_allocation.allocation.variables import most_packs

__all__ = ["add_center_open"]


def add_center_open(program: Program, network: Network) -> None:
    """Pay the fixed cost of a centre over the horizon, or leave it closed.

    sum_d ship[d,f] + sum pack[s] * transfer[s,l,t] (l out of f) <= most_out[f,t] * center_open[f]
    sum pack[s] * transfer[s,l,t] (l into f) <= most_in[f,t] * center_open[f]

    Only with var close_centers; otherwise all are open, and their cost is none of the plan's. The
    stock of a closed centre stays there. What whole centres keep to anyway makes the relaxation
    tight: cuts (Krarup and Pruzan 1983, on the plant location problem), and a row for each period
    from which the solver draws covers of its demand:

    ship[d,f] <= demand[d] * center_open[f]
    transfer[s,l,t] <= most_packs[s] * center_open[f], for both ends f of l
    sum_f most_shipped[f,t] * center_open[f] + sum_d unmet[d] >= sum_d demand[d]
    """
    if not bool(network.parameters["close_centers"]):
        return
    periods = len(network.period_starts)
    fixed = network.centers["fixed_cost"]
    center = program.add_columns(
        "center_open",
        fixed.rename_axis("fc").reset_index()[["fc"]],
        fixed.to_numpy() * periods,
        1.0,
        is_integer=True,
    )
    ship, transfer = program.columns["ship"], program.columns["transfer"]
    units = network.demand["units"].to_numpy()[ship.keys["demand_row"]]
    packs = most_packs(network, transfer.keys)
    pack_size = network.products["pack_size"].to_numpy()[transfer.keys["sku"]]

    outbound = network.centers["outbound"].to_numpy()[:, np.newaxis]
    shipped = np.minimum(_most_shipped(network, ship, transfer, program.columns["order"]), outbound)
    sent = _add_up(network, transfer.keys["from_fc"], transfer, packs * pack_size)
    received = _add_up(network, transfer.keys["to_fc"], transfer, packs * pack_size)
    keys = pd.DataFrame(
        {
            "fc": np.repeat(np.arange(len(network.fcs)), periods),
            "period": np.tile(np.arange(periods), len(network.fcs)),
        }
    )
    for name, most, flows in (
        (
            "open_outbound",
            np.minimum(shipped + sent, outbound),
            ((ship, "fc", np.ones(len(ship.keys))), (transfer, "from_fc", pack_size)),
        ),
        ("open_inbound", received, ((transfer, "to_fc", pack_size),)),
    ):
        rows = program.add_rows(name, keys, -np.inf, 0.0)
        program.add_entries(rows.positions, center.start + keys["fc"].to_numpy(), -most.ravel())
        for flow, end, size in flows:
            row = flow.keys[end].to_numpy(dtype=np.int64) * periods + flow.keys["period"].to_numpy()
            program.add_entries(rows.start + row, flow.positions, size)

    for name, flow, end, limit in (
        ("ship_from_open", ship, "fc", units),
        ("transfer_from_open", transfer, "from_fc", packs),
        ("transfer_to_open", transfer, "to_fc", packs),
    ):
        cuts = program.add_rows(name, flow.keys, -np.inf, 0.0, is_cut=True)
        program.add_entries(cuts.positions, flow.positions, 1.0)
        program.add_entries(
            cuts.positions, center.start + flow.keys[end].to_numpy(dtype=np.int64), -limit
        )
    _add_enough_open(program, network, shipped)


def _add_up(network: Network, fc: "pd.Series[int]", flow: Block, units: Floats) -> Floats:
    """Units by centre and period, shape (centres, periods)."""
    most = np.zeros((len(network.fcs), len(network.period_starts)))
    np.add.at(most, (fc.to_numpy(dtype=np.int64), flow.keys["period"].to_numpy()), units)
    return most


def _most_shipped(network: Network, ship: Block, transfer: Block, order: Block) -> Floats:
    """What each centre could ship of what is wanted and there, shape (centres, periods)."""
    shape = (len(network.fcs), len(network.skus))
    there = np.zeros(shape)
    for come in (network.stock, network.inbound):
        np.add.at(there, (come["fc"].to_numpy(), come["sku"].to_numpy()), come["units"].to_numpy())
    for more, end in ((transfer, "to_fc"), (order, "fc")):
        there[more.keys[end].to_numpy(dtype=int), more.keys["sku"].to_numpy(dtype=int)] = np.inf
    units = network.demand["units"].to_numpy()[ship.keys["demand_row"]]
    key = ["fc", "sku", "period"]
    wanted = ship.keys[key].assign(units=units).groupby(key)["units"].sum().reset_index()
    fc, sku = (wanted[name].to_numpy(dtype=np.int64) for name in ("fc", "sku"))
    most = np.zeros((len(network.fcs), len(network.period_starts)))
    np.add.at(most, (fc, wanted["period"].to_numpy()), np.minimum(wanted["units"], there[fc, sku]))
    return most


def _add_enough_open(program: Program, network: Network, shipped: Floats) -> None:
    """Centres that are open can ship what isn't unmet."""
    unmet, center = program.columns["unmet"], program.columns["center_open"]
    period = unmet.keys["period"].to_numpy(dtype=np.int64)
    periods = len(network.period_starts)
    wanted = np.bincount(period, network.demand["units"].to_numpy(), periods).astype(float)
    keys = pd.DataFrame({"period": np.arange(periods)})
    rows = program.add_rows("open_enough", keys, wanted, np.inf)
    program.add_entries(rows.start + period, unmet.positions, 1.0)
    fc, of_period = np.indices(shipped.shape).reshape(2, -1)
    program.add_entries(rows.start + of_period, center.start + fc, shipped.ravel())
