"""The script that Streamlit runs: it lists the pages."""

import streamlit as st

from inventory_allocation.dashboard.views import (
    constraints,
    forecasts,
    monitoring,
    network,
    overview,
    plan,
    plans,
    policies,
    segments,
    shortages,
    what_if,
)

st.set_page_config(page_title="Inventory allocation", layout="wide")
st.navigation(
    {
        "Plan": [
            st.Page(overview.show, title="Overview", url_path="overview", default=True),
            st.Page(network.show, title="Map", url_path="map"),
            st.Page(plan.show, title="Lines of the plan", url_path="plan"),
            st.Page(shortages.show, title="Shortages", url_path="shortages"),
            st.Page(constraints.show, title="Constraints", url_path="constraints"),
        ],
        "Decide": [
            st.Page(what_if.show, title="What if", url_path="what-if"),
            st.Page(plans.show, title="Plans", url_path="plans"),
            st.Page(policies.show, title="Policies", url_path="policies"),
        ],
        "Behind it": [
            st.Page(forecasts.show, title="Forecasts", url_path="forecasts"),
            st.Page(segments.show, title="Segments", url_path="segments"),
            st.Page(monitoring.show, title="Monitoring", url_path="monitoring"),
        ],
    }
).run()
