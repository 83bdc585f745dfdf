"""What policies would have cost in past weeks."""

import streamlit as st

from inventory_allocation.dashboard.charts import draw_frontier
from inventory_allocation.dashboard.page import page, show_chart, show_table
from inventory_allocation.dashboard.reading import read
from inventory_allocation.replay.conditions import USUAL

__all__ = ["show"]

POLICIES = "select * from {rpt_policy_comparison} where run_id = ?"
CLAIMS = """
    select claim, baseline, held_equal, value, baseline_value, effect, effect_low, effect_high,
        corrected_p_value, aim, verdict, source_claim
    from {rpt_policy_claims} where run_id = ? order by claim, baseline
"""
RUNS = """
    select run_id, max(companies) as companies, max(loaded_at) as loaded_at
    from {rpt_policy_comparison} group by run_id order by loaded_at desc
"""
SHOWN = ["policy", "setting", "cost_per_demand_unit", "fill_rate", "fill_within_sla"]
SHOWN += ["stockout_rate", "shipping_per_unit", "turnover", "split_share", "nervousness"]


@page("Policies", "A replay of past weeks: what this plan and simpler policies would have cost.")
def show() -> None:
    """Show the page."""
    runs = read(RUNS)
    if runs.empty:
        st.info(
            "No replay was published. `inventory-allocation replay --warehouse --publish` replays "
            "your own past weeks (docs/replay.md); it takes minutes to hours.",
            icon=":material/info:",
        )
        return
    run_id = st.selectbox("Replay, newest first", runs["run_id"].tolist())
    table = read(POLICIES, run_id)
    condition = st.selectbox(
        "Under", sorted(set(table["condition"]), key=lambda name: name != USUAL)
    )
    table = table[table["condition"] == condition].sort_values(["policy", "setting"])
    chosen = table[table["is_chosen"].astype(bool)].sort_values("cost_per_demand_unit")
    show_table(chosen[SHOWN], "No policy.")
    left, right = st.columns(2)
    with left:
        st.subheader("What service costs")
        columns = ["policy", "setting", "is_chosen", "fill_rate", "cost_per_demand_unit"]
        show_chart(
            draw_frontier(table, "fill_rate", "cost_per_demand_unit"),
            table[columns],
            "Cost per unit wanted against fill rate, a line per policy through its settings.",
        )
    with right:
        st.subheader("What stock serves")
        columns = ["policy", "setting", "is_chosen", "stock_per_demand_unit", "fill_rate"]
        show_chart(
            draw_frontier(table, "stock_per_demand_unit", "fill_rate"),
            table[columns],
            "Fill rate against the value of stock, a line per policy through its settings.",
        )
    st.subheader("Claims")
    show_table(read(CLAIMS, run_id), "Too few weeks for claims.")
