"""A connection to read with: for the dashboard, the report and notebooks."""

from dataclasses import dataclass

import pandas as pd

from inventory_allocation.warehouse import DbtProject
from inventory_allocation.warehouse.named_query import query_named
from inventory_allocation.warehouse.readers import Reader, open_reader

__all__ = ["Connection", "connect"]


@dataclass(frozen=True)
class Connection:
    """A project and a reader of its warehouse; call it to run a query.

    Attributes:
        project: The dbt project.
        reader: Reads without keeping a build waiting.
    """

    project: DbtProject
    reader: Reader

    def __call__(self, sql: str, *parameters: str) -> pd.DataFrame:
        """Rows of a query that names models in braces; see `query_named`."""
        with self.reader.open() as warehouse:
            return query_named(self.project, warehouse, sql, parameters)


def connect(project: DbtProject) -> Connection:
    """Connect to a project's target, and read it as it is now.

    Raises:
        InputError: There is no warehouse, or it is neither DuckDB nor Postgres.
        InventoryAllocationError: A build is at work on a DuckDB file.
    """
    reader = open_reader(project)
    reader.refresh()
    return Connection(project, reader)
