"""The adapter `postgres_local_python`."""

from collections.abc import Mapping
from typing import Any

from dbt.adapters.base import available
from dbt.adapters.postgres import PostgresAdapter
from dbt.adapters.postgres.relation import PostgresRelation

from dbt.adapters.local_python.adapter import RunsPythonLocally
from dbt.adapters.local_python.session import quote
from dbt.adapters.postgres_local_python.connections import PostgresLocalPythonConnectionManager
from dbt.adapters.postgres_local_python.copy import copy_from_arrow, copy_to_arrow
from dbt.adapters.postgres_local_python.types import postgres_columns

__all__ = ["PostgresLocalPythonAdapter", "PostgresLocalPythonRelation"]

BACKUP = "__dbt_backup"


class PostgresLocalPythonRelation(PostgresRelation):
    """A relation whose name may hold quotes."""

    def quoted(self, identifier: str) -> str:
        """A quoted identifier."""
        return quote(identifier)


class PostgresLocalPythonAdapter(RunsPythonLocally, PostgresAdapter):
    """Postgres, with Python models run in the dbt process and dbt's own transaction."""

    Relation = PostgresLocalPythonRelation
    ConnectionManager = PostgresLocalPythonConnectionManager

    @available
    def run_python_model(
        self, model: Mapping[str, Any], relation: PostgresRelation, kind: str
    ) -> str:
        """Run a Python model into a new table, in the open transaction.

        Args:
            model: The model as dbt knows it.
            relation: The table to create.
            kind: Empty, `temporary` or `unlogged`.

        Returns:
            The statement that is left to do.
        """
        self.execute("select 1", auto_begin=True)  # dbt's transaction is open from here on
        handle = self.connections.get_thread_connection().handle
        with (
            self.connections.exception_handler(f"create table {relation}"),
            handle.cursor() as cursor,
            self.run_locally(
                model, model["compiled_code"], lambda query: copy_to_arrow(cursor, query)
            ) as (result, _),
        ):
            types, rows = postgres_columns(result)
            columns = ", ".join(f"{quote(name)} {type_}" for name, type_ in types.items())
            cursor.execute(f"create {kind} table {relation} ({columns})")
            copy_from_arrow(cursor, str(relation), types, rows.to_arrow_reader(1 << 16))
        return f"analyze {relation}"

    @available
    def copy_seed(self, relation: str, path: str, columns: list[str], delimiter: str) -> None:
        """Append a seed's file to its table."""
        names = ", ".join(quote(column) for column in columns)
        sql = f"copy {relation} ({names}) from stdin (format csv, header, delimiter '{delimiter}')"
        with self.connections.exception_handler(sql), open(path, "rb") as file:
            self.connections.get_thread_connection().handle.cursor().copy_expert(sql, file)

    def rename_relation(
        self, from_relation: PostgresRelation, to_relation: PostgresRelation
    ) -> None:
        """Rename a relation; what dbt would keep as a backup is dropped instead.

        Postgres brings it back when the transaction fails, and nothing is left over when dbt is
        killed between the commit and the drop that would follow.
        """
        if str(to_relation.identifier).endswith(BACKUP):
            self.drop_relation(from_relation)
        else:
            super().rename_relation(from_relation, to_relation)
