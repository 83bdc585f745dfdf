"""What every page has: its heading, the state of the data, clear words where there is nothing."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

import pandas as pd
import streamlit as st

from inventory_allocation.dashboard.charts import Drawing
from inventory_allocation.dashboard.session import current_session
from inventory_allocation.errors import InputError, InventoryAllocationError
from inventory_allocation.presentation.words import is_share, label

__all__ = ["Page", "page", "show_chart", "show_table"]

COUNTS = ("rows", "customers", "trucks", "packs", "lines", "days_seen", "series")
# Columns whose values are names of ours.
CODES = ("check_name", "constraint_type", "rule")
Page = Callable[[], None]


def page(title: str, about: str) -> Callable[[Page], Page]:
    """Make a function a page: with a heading, and with errors that people can act on."""

    def decorate(show: Page) -> Page:
        @wraps(show)
        def shown() -> None:
            st.title(title)
            st.caption(about)
            try:
                if _show_state():
                    show()
            except InputError as error:
                st.info(f"Nothing to show yet: {error}", icon=":material/info:")
            except InventoryAllocationError as error:
                st.warning(str(error), icon=":material/warning:")

        return shown

    return decorate


def _show_state() -> bool:
    """Say how old the rows are and whether a build is at work; give whether there are any."""
    state = current_session().connection.reader.refresh()
    st.session_state["version"] = state.version
    if state.read_at is None:
        st.info(
            "A build is at work, and the dashboard has not read this warehouse before. Load the "
            "page again when it is done.",
            icon=":material/hourglass_top:",
        )
        return False
    when = f"{state.read_at:%Y-%m-%d %H:%M} UTC"
    if state.is_building:
        st.info(
            f"A build is at work. This is the warehouse as it was at {when}.",
            icon=":material/hourglass_top:",
        )
    else:
        st.caption(f"Warehouse as of {when}.")
    return True


def _column(name: str, values: "pd.Series[Any]") -> Any:
    if pd.api.types.is_bool_dtype(values):
        return st.column_config.CheckboxColumn(label(name))
    if pd.api.types.is_datetime64_any_dtype(values):
        has_time = bool((values.dropna() != values.dropna().dt.normalize()).any())
        form = "YYYY-MM-DD HH:mm" if has_time else "YYYY-MM-DD"
        return st.column_config.DatetimeColumn(label(name), format=form)
    if not pd.api.types.is_numeric_dtype(values):
        return st.column_config.TextColumn(label(name))
    if pd.api.types.is_integer_dtype(values) or name in COUNTS:
        return st.column_config.NumberColumn(label(name), format="localized")
    if is_share(name):
        return st.column_config.NumberColumn(label(name), format="percent")
    return st.column_config.NumberColumn(label(name), format="%.2f")


def show_table(frame: pd.DataFrame, empty: str, columns: Mapping[str, Any] | None = None) -> None:
    """Show a frame as a table that can be sorted, searched and saved, or say that it is empty.

    Args:
        frame: The rows.
        empty: What it means that there are none.
        columns: Streamlit's settings for columns that need their own.
    """
    if frame.empty:
        st.info(empty, icon=":material/check_circle:")
        return
    frame = frame.assign(**{name: frame[name].map(label) for name in CODES if name in frame})
    config = {name: _column(name, frame[name]) for name in frame.columns} | dict(columns or {})
    st.dataframe(frame, hide_index=True, width="stretch", column_config=config)


def show_chart(chart: Drawing, rows: pd.DataFrame, about: str) -> None:
    """Show a chart with words for those who can't see it, and its rows as a table.

    Args:
        chart: The chart.
        rows: What it shows.
        about: What it shows, in a sentence.
    """
    st.altair_chart(chart.properties(description=about), width="stretch")
    with st.expander("As a table"):
        show_table(rows, "No rows.")
