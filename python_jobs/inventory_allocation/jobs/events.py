"""Tables of what happened: rows are only ever added, and their order is that of their moments."""

import getpass
from datetime import UTC, datetime, timedelta

import pandas as pd

from inventory_allocation.frames import to_pandas
from inventory_allocation.warehouse import DbtProject, Warehouse

__all__ = ["find_user", "next_moment"]


def find_user() -> str:
    """The user of the operating system."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def next_moment(project: DbtProject, warehouse: Warehouse, source: str, table: str) -> datetime:
    """Now (UTC), and after the last row of a table also where the clock went back since."""
    now = datetime.now(UTC).replace(tzinfo=None)
    relation = project.source_node(source, table).relation_name
    last = to_pandas(warehouse.query(f"select max(loaded_at) as last from {relation}"))["last"][0]
    if pd.isna(last):
        return now
    return max(now, pd.Timestamp(last).to_pydatetime() + timedelta(microseconds=1))
