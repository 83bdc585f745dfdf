"""Centres, regions and flows on a map."""

import pandas as pd
import streamlit as st

from inventory_allocation.dashboard.charts import draw_flows
from inventory_allocation.dashboard.page import page, show_chart, show_table
from inventory_allocation.dashboard.reading import condition, read
from inventory_allocation.presentation.plan_tables import read_plan

__all__ = ["show"]

SHIPMENTS = """
    select f.fc_id as from_name, f.region_id as to_name,
        c.latitude as from_latitude, c.longitude as from_longitude,
        r.latitude as to_latitude, r.longitude as to_longitude,
        sum(f.units) as units, sum(f.shipping_cost) as cost
    from {{fct_allocation_plan}} as f
    inner join {{dim_fulfillment_centers}} as c on f.fc_id = c.fc_id
    inner join {{dim_regions}} as r on f.region_id = r.region_id
    where 1 = 1{conditions}
    group by 1, 2, 3, 4, 5, 6 order by units desc, from_name, to_name
"""
TRANSFERS = """
    select f.from_fc_id as from_name, f.to_fc_id as to_name,
        c.latitude as from_latitude, c.longitude as from_longitude,
        d.latitude as to_latitude, d.longitude as to_longitude,
        sum(f.units) as units, sum(f.cost) as cost
    from {{fct_transfer_plan}} as f
    inner join {{dim_fulfillment_centers}} as c on f.from_fc_id = c.fc_id
    inner join {{dim_fulfillment_centers}} as d on f.to_fc_id = d.fc_id
    where 1 = 1{conditions}
    group by 1, 2, 3, 4, 5, 6 order by units desc, from_name, to_name
"""
PERIODS = "select distinct period_start from {fct_planned_demand} order by period_start"
PLACES = "select {name} as name, latitude, longitude from {{{table}}}"


@page("Map", "What centres ship to regions, and move between each other, in the plan in force.")
def show() -> None:
    """Show the page."""
    read_plan(read)
    periods = [f"{day:%Y-%m-%d}" for day in read(PERIODS)["period_start"]]
    chosen = st.multiselect("Periods", periods, placeholder="All periods")
    shown = st.segmented_control(
        "Flows", ["shipment", "transfer"], selection_mode="multi", default=["shipment", "transfer"]
    )
    where = condition("cast(f.period_start as varchar)", chosen)
    shipments = read(SHIPMENTS.format(conditions=where), *chosen).assign(kind="shipment")
    transfers = read(TRANSFERS.format(conditions=where), *chosen).assign(kind="transfer")
    flows = pd.concat([shipments, transfers], ignore_index=True)
    placed = flows.dropna(subset=["from_latitude", "from_longitude", "to_latitude", "to_longitude"])
    if placed.empty and not flows.empty:
        st.info("Centres or regions have no coordinates: the flows are in the table below.")
    else:
        centers = read(PLACES.format(name="fc_id", table="dim_fulfillment_centers"))
        regions = read(PLACES.format(name="region_id", table="dim_regions"))
        centers = centers.dropna().assign(
            units=centers["name"].map(shipments.groupby("from_name")["units"].sum()).fillna(0)
        )
        regions = regions.dropna().assign(
            units=regions["name"].map(shipments.groupby("to_name")["units"].sum()).fillna(0)
        )
        shown_flows = placed[placed["kind"].isin(shown)]
        show_chart(
            draw_flows(centers, regions, shown_flows),
            shown_flows[["kind", "from_name", "to_name", "units", "cost"]],
            "Squares are centres, circles regions; a line is as thick as what goes along it.",
        )
    st.subheader("Flows")
    show_table(
        flows[flows["kind"].isin(shown)][["kind", "from_name", "to_name", "units", "cost"]],
        "Nothing is shipped or moved.",
    )
