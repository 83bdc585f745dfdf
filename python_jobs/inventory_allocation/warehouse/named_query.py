"""Queries that name models and planning tables, not where those are."""

from collections.abc import Sequence

import pandas as pd

from inventory_allocation.frames import to_pandas
from inventory_allocation.warehouse.dbt_project import DbtProject
from inventory_allocation.warehouse.interface import Warehouse

__all__ = ["query_named"]


class _Relations:
    """Relations of models, and of tables of source `planning`, by name."""

    def __init__(self, project: DbtProject) -> None:
        self._project = project
        self._planning = project.source_tables("planning")

    def __getitem__(self, name: str) -> str:
        if name in self._planning:
            return str(self._project.source_node("planning", name).relation_name)
        return self._project.model_relation(name)


def query_named(
    project: DbtProject, warehouse: Warehouse, sql: str, parameters: Sequence[str] = ()
) -> pd.DataFrame:
    """Run a query that names models and tables of `planning` in braces.

    Args:
        project: The project, which knows where they are.
        warehouse: Where to ask.
        sql: Say `select sku from {dim_products} where category = ?`.
        parameters: Texts that stand for the question marks.

    Raises:
        InputError: A table isn't there.
    """
    return to_pandas(warehouse.query(sql.format_map(_Relations(project)), parameters))
