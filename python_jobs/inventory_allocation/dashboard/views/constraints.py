"""What limits the plan, and what one unit more of it would save."""

import streamlit as st

from inventory_allocation.dashboard.charts import draw_bars
from inventory_allocation.dashboard.page import page, show_chart, show_table
from inventory_allocation.dashboard.reading import condition, read
from inventory_allocation.presentation.plan_tables import read_constraints, read_plan
from inventory_allocation.presentation.words import label

__all__ = ["show"]

BY_TYPE = """
    select constraint_type, count(*) as constraints,
        sum(case when shadow_price > 0 then 1 else 0 end) as binding,
        sum(shadow_price * limit_quantity) as worth
    from {plan_constraints} where run_id = ?
    group by constraint_type order by worth desc
"""


@page("Constraints", "What the plan would gain from one unit more of a limit: its shadow price.")
def show() -> None:
    """Show the page."""
    run_id = str(read_plan(read)["run_id"])
    types = read(BY_TYPE, run_id)
    named = types.assign(constraint=types["constraint_type"].map(label))
    binding = named[named["binding"] > 0]
    show_chart(
        draw_bars(binding, "constraint", "worth"),
        named,
        "Shadow price times limit, summed by kind of constraint.",
    )
    st.caption(
        "Stock that a period leaves is used by later ones: it can bind with a part of it unused."
    )
    chosen = st.multiselect(
        "Kinds", binding["constraint_type"].tolist(), format_func=label, placeholder="All"
    )
    rows = read_constraints(read, run_id, 300, condition("constraint_type", chosen), tuple(chosen))
    show_table(
        rows,
        "Nothing binds: the plan has all it can use.",
        {"meaning": st.column_config.TextColumn("In words", width="large")},
    )
