"""What the plan doesn't serve and why, what to look at, and where stock may run out."""

import streamlit as st

from inventory_allocation.dashboard.charts import draw_bars
from inventory_allocation.dashboard.page import page, show_chart, show_table
from inventory_allocation.dashboard.reading import condition, read
from inventory_allocation.presentation.plan_tables import read_plan, read_shortages, read_unmet
from inventory_allocation.presentation.words import BINDING_REASONS

__all__ = ["show"]

EXCEPTIONS = """
    select severity, rule, entity, value, threshold, suggested_action from {rpt_plan_exceptions}
    order by severity, rule, entity limit 500
"""
RISK = """
    select fc_id, sku, period_start, opening, inbound, transfers_in, transfers_out, shipped,
        closing, target, stockout_probability
    from {rpt_stockout_risk} where stockout_probability is not null
    order by stockout_probability desc, fc_id, sku, period_start limit 300
"""


@page("Shortages", "Demand that the plan leaves unserved, with what would help.")
def show() -> None:
    """Show the page."""
    read_plan(read)
    reasons = read_unmet(read)
    if reasons.empty:
        st.success("The plan serves all demand.")
    else:
        named = reasons.assign(
            reason=[BINDING_REASONS.get(code, code) for code in reasons["binding_reason"]]
        )
        show_chart(
            draw_bars(named, "reason", "unmet_units"),
            named,
            "Units not served, by what is in the way.",
        )
        chosen = st.multiselect(
            "What is in the way",
            named["binding_reason"].tolist(),
            format_func=lambda code: BINDING_REASONS.get(code, code),
            placeholder="Anything",
        )
        short = read_shortages(read, 300, condition("binding_reason", chosen), tuple(chosen))
        show_table(short, "Nothing is short.", {"fix": st.column_config.TextColumn("What helps")})
    st.subheader("Exceptions")
    show_table(read(EXCEPTIONS), "The plan has no exceptions.")
    st.subheader("Where stock may run out")
    show_table(read(RISK), "No centre is at risk.")
