"""What the plan in force costs and serves, beside the plan before it and the greedy one."""

import pandas as pd
import streamlit as st

from inventory_allocation.dashboard.charts import draw_grouped_bars, draw_lines
from inventory_allocation.dashboard.page import page, show_chart, show_table
from inventory_allocation.dashboard.reading import read
from inventory_allocation.presentation.plan_tables import (
    read_exceptions,
    read_figures,
    read_periods,
    read_plan,
)
from inventory_allocation.presentation.words import label

__all__ = ["show"]

FIGURES = {
    "cost": ("{:,.0f}", "inverse"),
    "fill_rate": ("{:.1%}", "normal"),
    "share_within_sla": ("{:.1%}", "normal"),
    "shipping_cost_per_unit": ("{:,.2f}", "inverse"),
}
ALERTS = "select count(*) as alerts from {fct_alerts} where not is_resolved"


def _difference(form: str, change: float) -> str:
    if "%" in form:
        return f"{100 * change:+.1f} points"
    return f"{'+' if change >= 0 else '-'}{form.format(abs(change))}"


def _show_figures(kpis: pd.DataFrame) -> None:
    rows = kpis.set_index("metric").to_dict("index")
    for column, (metric, (form, color)) in zip(st.columns(4), FIGURES.items(), strict=True):
        row = rows[metric]
        column.metric(
            label(metric),
            form.format(row["plan"]),
            f"{_difference(form, row['plan'] - row['greedy'])} to greedy",
            delta_color=color,  # type: ignore[arg-type]
            border=True,
        )
        if pd.notna(row["plan_before"]):
            change = _difference(form, row["plan"] - row["plan_before"])
            column.caption(f"{change} to the plan before")


@page("Overview", "The plan in force beside the nearest-centre greedy plan and the plan before it.")
def show() -> None:
    """Show the page."""
    plan = read_plan(read)
    st.markdown(
        f"Plan **{plan['run_id']}**, from {plan['horizon_start']:%Y-%m-%d} on. Proven "
        f"gap **{plan['gap']:.2%}**: no plan costs less than {plan['lower_bound']:,.0f}."
    )
    kpis = read_figures(read, str(plan["run_id"]))
    _show_figures(kpis)
    alerts = int(read(ALERTS)["alerts"].iloc[0])
    if alerts:
        st.warning(f"{alerts} open alerts: see Monitoring.", icon=":material/notifications:")

    left, right = st.columns(2)
    with left:
        st.subheader("Cost by part")
        parts = kpis[kpis["metric"].str.startswith("cost_")]
        parts = parts[(parts["plan"] > 0) | (parts["greedy"] > 0)].sort_values(
            "plan", ascending=False
        )
        long = parts.assign(part=[label(name.removeprefix("cost_")) for name in parts["metric"]])
        long = long.melt(
            id_vars="part", value_vars=["plan", "greedy"], var_name="of", value_name="cost"
        )
        show_chart(
            draw_grouped_bars(long, "part", "cost", "of"),
            long,
            "Cost of the plan by part, beside the greedy plan.",
        )
    with right:
        st.subheader("Demand and what is served")
        periods = read_periods(read).melt(id_vars="period_start", var_name="of", value_name="units")
        show_chart(
            draw_lines(periods, "period_start", "units", "of"),
            periods,
            "Forecast demand and units served by period.",
        )
    st.subheader("What to look at")
    show_table(read_exceptions(read), "The plan has no exceptions.")
    with st.expander("All figures of the plan"):
        show_table(
            kpis.assign(metric=kpis["metric"].map(label)).sort_values("metric"), "No figures."
        )
