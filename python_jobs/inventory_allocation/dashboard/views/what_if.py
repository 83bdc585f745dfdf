"""What if: a plan from changed inputs, beside the plan in force. Nothing is written."""

import streamlit as st

from inventory_allocation.allocation import SolveSettings
from inventory_allocation.dashboard.charts import draw_grouped_bars
from inventory_allocation.dashboard.page import page, show_chart, show_table
from inventory_allocation.dashboard.reading import read
from inventory_allocation.dashboard.session import current_session
from inventory_allocation.jobs.what_if import (
    Comparison,
    change_inputs,
    compare_scenario,
    plan_scenario,
    read_base,
)
from inventory_allocation.presentation.plan_tables import read_plan
from inventory_allocation.presentation.words import label

__all__ = ["show"]

CENTERS = "select fc_id from {dim_fulfillment_centers} order by fc_id"
GAP = 0.02


@st.cache_resource(max_entries=50, show_spinner=False)
def _compare(changes: tuple[str, ...], seconds: int, version: str) -> Comparison:  # noqa: ARG001
    connection = current_session().connection
    settings = SolveSettings(gap=GAP, time_limit=float(seconds))
    with connection.reader.open() as warehouse:
        base = read_base(connection.project, warehouse)
    scenario = change_inputs(base, settings, list(changes))
    draft = plan_scenario(base, settings, scenario)
    figures = draft.tables["plan_kpis"]
    return compare_scenario(base, scenario.run_id, figures, draft.plan.solution.gap)


def _choose() -> tuple[list[str], int]:
    """Sliders; the changes that they make, and the seconds that a plan may take."""
    centers = read(CENTERS)["fc_id"].tolist()
    left, right = st.columns(2)
    demand = left.slider("Demand, % of the forecast", 50, 150, 100, 5)
    shipping = left.slider("Shipping cost, % of today's", 50, 200, 100, 5)
    center = right.selectbox("A centre", centers)
    capacity = right.slider("What it can ship, % of today's (0: nothing)", 0, 200, 100, 10)
    stock = right.slider("Its stock, % of today's", 0, 200, 100, 10)
    with st.expander("Other changes, and time"):
        written = st.text_area(
            "A change a line, as for `inventory-allocation what-if --set`",
            placeholder="vars.late_cost_per_unit=2\nlanes.*.transit_days+1",
        )
        seconds = st.slider("Seconds for the plan, at most", 10, 300, 60, 10)
    moved = {
        "demand.*.demand_units": demand,
        "lanes.*.cost_per_unit": shipping,
        f"fulfillment_centers.{center}.outbound_capacity_units": capacity,
        f"stock.{center}>*.available_units": stock,
    }
    changes = [f"{name}*{percent / 100:g}" for name, percent in moved.items() if percent != 100]
    return changes + [line.strip() for line in written.splitlines() if line.strip()], seconds


def _show_comparison(comparison: Comparison) -> None:
    figures = comparison.figures
    rows = figures.set_index("figure").to_dict("index")
    for column, name in zip(st.columns(3), ["cost", "fill_rate", "share_within_sla"], strict=True):
        row, is_share = rows[name], name != "cost"
        value = f"{row['scenario']:.1%}" if is_share else f"{row['scenario']:,.0f}"
        change = f"{100 * row['change']:+.1f} points" if is_share else f"{row['change']:+,.0f}"
        color = "normal" if is_share else "inverse"
        column.metric(label(name), value, change, delta_color=color, border=True)  # type: ignore[arg-type]
    st.caption(
        f"Proven gaps: {comparison.base_gap:.2%} of the plan in force, {comparison.gap:.2%} of "
        "this one."
    )
    noise = comparison.gap + comparison.base_gap
    if abs(rows["cost"]["change"]) < noise * abs(rows["cost"]["in_force"]):
        st.caption(
            "The change of cost is smaller than the two together: it may be no change at all."
        )
    if not comparison.are_inputs_the_same:
        st.warning(
            "The inputs have changed since the plan in force was made: a part of the difference "
            "comes from that.",
            icon=":material/warning:",
        )
    costs = figures[figures["figure"].str.startswith("cost_")]
    if not costs.empty:
        parts = costs.assign(part=[label(name.removeprefix("cost_")) for name in costs["figure"]])
        parts = parts.rename(columns={"in_force": "plan in force", "scenario": "what if"})
        long = parts.melt("part", ["plan in force", "what if"], var_name="of", value_name="cost")
        show_chart(
            draw_grouped_bars(long, "part", "cost", "of"),
            long,
            "Parts of the cost that differ, in force and in the scenario.",
        )
    show_table(figures.assign(figure=figures["figure"].map(label)), "Nothing differs.")


@page("What if", "A plan from changed inputs beside the plan in force. Nothing is written.")
def show() -> None:
    """Show the page."""
    read_plan(read)
    changes, seconds = _choose()
    if changes:
        st.markdown("Changes: " + ", ".join(f"`{change}`" for change in changes))
    if st.button("Plan it", type="primary", disabled=not changes):
        st.session_state["what_if"] = (tuple(changes), seconds)
    asked = st.session_state.get("what_if")
    if asked is None:
        st.caption("Move a slider, then plan. It takes seconds to a minute or so.")
        return
    with st.spinner(f"Planning, at most {asked[1]} seconds of solving"):
        comparison = _compare(asked[0], asked[1], st.session_state["version"])
    if list(asked[0]) != changes:
        changes_of_it = ", ".join(f"`{change}`" for change in asked[0])
        st.caption(f"This is the plan for {changes_of_it}.")
    _show_comparison(comparison)
