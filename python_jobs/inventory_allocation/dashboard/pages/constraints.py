"""What limits the plan, and what one unit more of it would save."""

import streamlit as st

from inventory_allocation.dashboard.charts import draw_bars
from inventory_allocation.dashboard.page import page, read_plan, show_chart, show_table
from inventory_allocation.dashboard.reading import condition, read
from inventory_allocation.words import label

__all__ = ["show"]

BY_TYPE = """
    select constraint_type, count(*) as constraints,
        sum(case when shadow_price > 0 then 1 else 0 end) as binding,
        sum(shadow_price * limit_quantity) as worth
    from {plan_constraints} where run_id = ?
    group by constraint_type order by worth desc
"""
BINDING = """
    select constraint_type, constraint_key, period_start, unit, limit_quantity, used_quantity,
        shadow_price, shadow_price * limit_quantity as worth, meaning
    from {{plan_constraints}} where run_id = ? and shadow_price > 0{conditions}
    order by worth desc, constraint_type, constraint_key, period_start limit 300
"""


@page("Constraints", "What the plan would gain from one unit more of a limit: its shadow price.")
def show() -> None:
    """Show the page."""
    run_id = str(read_plan()["run_id"])
    types = read(BY_TYPE, run_id)
    named = types.assign(constraint=types["constraint_type"].map(label))
    binding = named[named["binding"] > 0]
    show_chart(
        draw_bars(binding, "constraint", "worth"),
        named,
        "Shadow price times limit, summed by kind of constraint.",
    )
    chosen = st.multiselect(
        "Kinds", binding["constraint_type"].tolist(), format_func=label, placeholder="All"
    )
    show_table(
        read(BINDING.format(conditions=condition("constraint_type", chosen)), run_id, *chosen),
        "Nothing binds: the plan has all it can use.",
        {"meaning": st.column_config.TextColumn("In words", width="large")},
    )
