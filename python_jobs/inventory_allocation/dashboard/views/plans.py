"""All plans with their states; approving one and going back, where that is allowed."""

import streamlit as st

from inventory_allocation.dashboard.page import page, show_table
from inventory_allocation.dashboard.reading import read
from inventory_allocation.dashboard.session import current_session

__all__ = ["show"]

STATES = """
    select run_id, state, as_of, horizon_start, objective, lower_bound, gap, greedy_objective,
        loaded_at, approved_at, approved_by, note
    from {int_allocation__state_runs} order by loaded_at desc, run_id limit 500
"""
REBUILD = (
    "The other pages still show the plan before it, until the next night or "
    "`inventory-allocation rebuild-marts`."
)


def _decide(drafts: list[str], superseded: list[str]) -> None:
    session = current_session()
    action = st.radio("What", ["approve a draft", "go back to an earlier plan"], horizontal=True)
    is_approval = action == "approve a draft"
    choices = drafts if is_approval else superseded
    if not choices:
        st.info("There is no draft." if is_approval else "No plan was in force before this one.")
        return
    run_id = st.selectbox("Plan, newest first", choices)
    note = st.text_input("Why (kept with the plan)")
    is_sure = st.checkbox(f"Put plan {run_id} in force")
    if not st.button("Put in force", type="primary", disabled=not is_sure):
        return
    session.decide(run_id, is_approval=is_approval, note=note or None)
    st.session_state["decided"] = f"Plan {run_id} is in force. {REBUILD}"
    st.rerun()


@page("Plans", "Drafts, the plan in force, plans before it and what-ifs.")
def show() -> None:
    """Show the page."""
    if done := st.session_state.pop("decided", None):
        st.success(done)
    states = read(STATES)
    show_table(states, "There is no plan yet: `inventory-allocation run` makes one.")
    if not current_session().can_approve:
        st.caption(
            "Plans are approved with `inventory-allocation approve RUN`, or here where the "
            "dashboard was started with --allow-approval."
        )
        return
    st.subheader("Decide")
    runs_in = {state: part["run_id"].tolist() for state, part in states.groupby("state")}
    _decide(runs_in.get("draft", []), runs_in.get("superseded", []))
