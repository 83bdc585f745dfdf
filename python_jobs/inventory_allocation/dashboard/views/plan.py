"""The lines of the plan, each with why it is there."""

import streamlit as st

from inventory_allocation.dashboard.page import page, show_table
from inventory_allocation.dashboard.reading import condition, read
from inventory_allocation.presentation.plan_tables import read_plan
from inventory_allocation.presentation.words import REASONS, explain_line

__all__ = ["show"]

LINES_A_PAGE = 200
FILTERS = {
    "fc_id": "Centres",
    "region_id": "Regions",
    "segment": "Segments",
    "reason_code": "Reasons",
}
CHOICES = "select distinct {column} as choice from {{fct_allocation_plan}} order by choice"
PERIODS = "select distinct period_start from {fct_allocation_plan} order by period_start"
TOTALS = """
    select count(*) as lines, sum(units) as units, sum(shipping_cost) as shipping,
        sum(handling_cost) as handling,
        sum(case when is_within_sla then units else 0 end) as within_sla
    from {{fct_allocation_plan}} where 1 = 1{conditions}
"""
LINES = """
    select fc_id, region_id, segment, sku, period_start, units, shipping_cost, transit_days,
        is_within_sla, reason_code, runner_up_fc_id, regret
    from {{fct_allocation_plan}} where 1 = 1{conditions}
    order by units desc, fc_id, region_id, segment, sku, period_start
    limit {limit} offset {offset}
"""
TRANSFERS = """
    select from_fc_id, to_fc_id, sku, period_start, units, packs, cost, arrives_on
    from {fct_transfer_plan} order by units desc, from_fc_id, to_fc_id, sku, period_start limit 500
"""
ORDERS = """
    select supplier_id, fc_id, sku, period_start, units, cost, due_on
    from {fct_replenishment_plan}
    order by cost desc, supplier_id, fc_id, sku, period_start limit 500
"""


def _choose() -> tuple[str, list[str]]:
    """Let people filter; give the SQL of what they chose and its parameters."""
    conditions, parameters = "", []
    columns = st.columns(len(FILTERS) + 1)
    for place, (column, title) in zip(columns, FILTERS.items(), strict=False):
        choices = read(CHOICES.format(column=column))["choice"].tolist()
        chosen = place.multiselect(title, choices, placeholder="All")
        conditions += condition(column, chosen)
        parameters += chosen
    periods = [f"{day:%Y-%m-%d}" for day in read(PERIODS)["period_start"]]
    chosen = columns[-1].multiselect("Periods", periods, placeholder="All")
    conditions += condition("cast(period_start as varchar)", chosen)
    parameters += chosen
    begin = st.text_input("SKU begins with", placeholder="All SKUs").strip()
    if begin:
        conditions += " and substr(sku, 1, length(?)) = ?"
        parameters += [begin, begin]
    return conditions, parameters


@page("Lines of the plan", "What each centre ships to whom, and why no other centre does.")
def show() -> None:
    """Show the page."""
    read_plan(read)
    conditions, parameters = _choose()
    totals = read(TOTALS.format(conditions=conditions), *parameters).iloc[0].fillna(0)
    count, units = int(totals["lines"]), float(totals["units"])
    shown = st.columns(4)
    shown[0].metric("Lines", f"{count:,}", border=True)
    shown[1].metric("Units", f"{units:,.0f}", border=True)
    cost = float(totals["shipping"]) + float(totals["handling"])
    shown[2].metric(
        "Shipping and handling a unit", f"{cost / units:,.2f}" if units else "none", border=True
    )
    share = float(totals["within_sla"]) / units if units else 0.0
    shown[3].metric("Of these within SLA", f"{share:.1%}" if units else "none", border=True)

    pages = max(1, -(-count // LINES_A_PAGE))
    number = st.number_input(f"Page of {pages:,}, largest lines first", 1, pages, 1)
    lines = read(
        LINES.format(
            conditions=conditions, limit=LINES_A_PAGE, offset=(int(number) - 1) * LINES_A_PAGE
        ),
        *parameters,
    )
    why = [
        explain_line(reason, runner_up, regret)
        for reason, runner_up, regret in zip(
            lines["reason_code"], lines["runner_up_fc_id"], lines["regret"], strict=True
        )
    ]
    lines = lines.drop(columns=["runner_up_fc_id", "regret"])
    lines.insert(6, "why", why)
    show_table(
        lines,
        "No line of the plan fits these filters.",
        {"why": st.column_config.TextColumn("Why", width=560)},
    )
    with st.expander("What the reasons mean"):
        st.markdown(
            "A line names the centre that serves, why no cheaper one does, and what the next best "
            "one would cost more a unit at the plan's prices, where capacity and stock have theirs."
        )
        st.markdown("\n".join(f"- `{code}`: {text}" for code, text in REASONS.items()))
    st.subheader("Transfers")
    show_table(read(TRANSFERS), "Nothing moves between centres.")
    st.subheader("Orders from suppliers")
    show_table(read(ORDERS), "The plan orders nothing: var plan_orders lets it.")
