"""Customer segments: who is in them, what they are worth, and whether to trust them."""

import altair as alt
import streamlit as st

from inventory_allocation.dashboard.charts import draw_grouped_bars
from inventory_allocation.dashboard.page import page, show_chart, show_table
from inventory_allocation.dashboard.reading import condition, read

__all__ = ["show"]

SEGMENTS = """
    select segment, customers, customer_share, revenue_share, mean_monetary, mean_recency_days,
        mean_frequency, mean_order_value, mean_return_rate, mean_probability_alive, expected_value,
        fitted_at
    from {dim_segments} order by segment_id
"""
VERDICT = "select verdict from {fct_segment_validation} where check_name = 'verdict'"
CHECK_NAMES = "select distinct check_name from {fct_segment_validation} order by check_name"
CHECKS = """
    select check_name, metric, segment, other_segment, feature, value, lower_bound, upper_bound,
        p_holm, effect_size, verdict
    from {{fct_segment_validation}} where 1 = 1{conditions}
    order by check_name, metric, segment, other_segment, feature limit 500
"""


@page("Segments", "Groups of customers by how recently, how often and how much they buy.")
def show() -> None:
    """Show the page."""
    segments = read(SEGMENTS)
    verdict = read(VERDICT)
    if not verdict.empty:
        st.info(f"Verdict: {verdict['verdict'].iloc[0]}", icon=":material/fact_check:")
    left, right = st.columns(2)
    shares = segments.melt(
        id_vars="segment",
        value_vars=["customer_share", "revenue_share"],
        var_name="of",
        value_name="share",
    ).replace({"customer_share": "customers", "revenue_share": "revenue"})
    with left:
        st.subheader("Share of customers and of revenue")
        show_chart(
            draw_grouped_bars(shares, "segment", "share", "of"),
            shares,
            "Each segment's share of customers beside its share of revenue.",
        )
    with right:
        st.subheader("Recency and frequency")
        columns = ["segment", "mean_recency_days", "mean_frequency", "customers"]
        dots = (
            alt.Chart(segments)
            .mark_circle(opacity=0.8, color="#0072B2")
            .encode(
                x=alt.X("mean_recency_days:Q", title="Mean days since the last purchase"),
                y=alt.Y("mean_frequency:Q", title="Mean purchases"),
                size=alt.Size("customers:Q", legend=None, scale=alt.Scale(range=[60, 1500])),
                tooltip=columns,
            )
        )
        names = (
            alt.Chart(segments)
            .mark_text(dy=-14, fontSize=11)
            .encode(x="mean_recency_days:Q", y="mean_frequency:Q", text="segment:N")
        )
        show_chart(
            alt.layer(dots, names),
            segments[columns],
            "Each segment by mean recency and frequency; larger circles have more customers.",
        )
    show_table(segments, "No segments.")
    st.subheader("Checks")
    names_of_checks = read(CHECK_NAMES)["check_name"].tolist()
    chosen = st.multiselect("Kinds of checks", names_of_checks, placeholder="All")
    checks = read(CHECKS.format(conditions=condition("check_name", chosen)), *chosen)
    show_table(checks, "Nothing was checked.")
