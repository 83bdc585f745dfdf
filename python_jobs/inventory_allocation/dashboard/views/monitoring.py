"""Alerts, checks, nights, refused rows and fits."""

import streamlit as st

from inventory_allocation.dashboard.charts import draw_lines
from inventory_allocation.dashboard.page import page, show_chart, show_table
from inventory_allocation.dashboard.reading import read
from inventory_allocation.presentation.words import label

__all__ = ["show"]

ALERTS = """
    select severity, check_name, entity, first_seen, last_seen, days_seen, is_resolved, value,
        limit_value, cause, suggested_action
    from {fct_alerts} order by is_resolved, first_seen desc, check_name, entity limit 300
"""
LATEST = """
    select as_of, check_name, entity, severity, value, reference_value, limit_value, p_value, cause,
        suggested_action
    from {fct_monitoring_checks}
    where as_of = (select max(as_of) from {fct_monitoring_checks})
    order by check_name, entity
"""
HISTORY = """
    select as_of, entity, max(value) as value, max(limit_value) as limit_value
    from {fct_monitoring_checks} where check_name = ?
    group by as_of, entity order by as_of, entity
"""
NIGHTS = """
    select started_at, outcome, attempts, stages_done, stages, seconds, peak_mb, failed_stage,
        message
    from {rpt_job_runs} order by started_at desc limit 60
"""
REJECTS = """
    select source_table, reason, count(*) as rows_refused from {fct_rejected_rows}
    group by source_table, reason order by rows_refused desc, source_table, reason
"""
FITS = """
    select model_name, version, fitted_on, state, metric, score, compared_with, compared_score,
        verdict
    from {fct_model_registry} order by fitted_on desc, model_name, version limit 100
"""


@page("Monitoring", "What is watched, what is wrong, and how the nights went.")
def show() -> None:
    """Show the page."""
    st.subheader("Alerts")
    alerts = read(ALERTS)
    if st.toggle("Open ones only", value=True):
        alerts = alerts[~alerts["is_resolved"].astype(bool)]
    show_table(alerts, "No alerts.")
    st.subheader("Checks of the last day")
    checks = read(LATEST)
    show_table(checks, "Nothing was checked yet: `inventory-allocation run` does.")
    if not checks.empty:
        name = st.selectbox(
            "A check over time", sorted(set(checks["check_name"])), format_func=label
        )
        history = read(HISTORY, name)
        show_chart(
            draw_lines(history, "as_of", "value", "entity"), history, "Values of a check by day."
        )
    st.subheader("Nights")
    show_table(read(NIGHTS), "No night was run yet.")
    st.subheader("Refused rows")
    show_table(read(REJECTS), "No row was refused.")
    st.subheader("Fits")
    show_table(read(FITS), "Nothing was fitted yet.")
