"""Reading for a page: rows are kept until there may be others."""

import pandas as pd
import streamlit as st

from inventory_allocation.dashboard.session import current_session

__all__ = ["condition", "read"]


# Not st.cache_data, which pickles.
@st.cache_resource(max_entries=300, show_spinner="Reading the warehouse")
def _read(sql: str, parameters: tuple[str, ...], version: str) -> pd.DataFrame:  # noqa: ARG001
    return current_session().connection(sql, *parameters)


def read(sql: str, *parameters: str) -> pd.DataFrame:
    """Rows of a query that names models in braces; see `query_named`."""
    return _read(sql, parameters, st.session_state["version"]).copy()


def condition(column: str, values: list[str]) -> str:
    """SQL that keeps rows whose column is one of as many parameters; nothing where there are none.

    Args:
        column: A column of the project's own, never what somebody typed.
        values: What was chosen; pass them to `read` as parameters.
    """
    return f" and {column} in ({', '.join('?' * len(values))})" if values else ""
