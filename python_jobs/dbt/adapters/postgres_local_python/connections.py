"""Connections of `postgres_local_python`: those of Postgres, always in UTC."""

from dataclasses import dataclass, field
from typing import Any

from dbt.adapters.contracts.connection import Connection
from dbt.adapters.postgres import PostgresConnectionManager, PostgresCredentials

__all__ = ["PostgresLocalPythonConnectionManager", "PostgresLocalPythonCredentials"]

# The text that COPY reads and writes depends on these.
SESSION = "set time zone 'UTC'; set datestyle = 'ISO, YMD'; set intervalstyle = 'postgres'"


@dataclass
class PostgresLocalPythonCredentials(PostgresCredentials):
    """Postgres credentials.

    Attributes:
        settings: DuckDB settings of the session that Python models get, such as memory_limit.
    """

    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def type(self) -> str:
        """The adapter's name in profiles.yml."""
        return "postgres_local_python"


class PostgresLocalPythonConnectionManager(PostgresConnectionManager):
    """Opens connections whose sessions all read and write text alike."""

    TYPE = "postgres_local_python"

    @classmethod
    def open(cls, connection: Connection) -> Connection:
        """Open a connection; the session's settings outlive a rollback."""
        was_open = connection.state == "open"
        opened: Connection = super().open(connection)
        if not was_open:
            with opened.handle.cursor() as cursor:
                cursor.execute(SESSION)
            opened.handle.commit()
        return opened
