"""Warehouses for the tests: a DuckDB file, a database of a real Postgres."""

import gc
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chain import Chain
from postgres_server import Database, PostgresServer

# dbt makes objects by the million and few cycles: looking for them took a sixth of its time.
gc.set_threshold(200_000)


@pytest.fixture(scope="session")
def new_chain(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Chain]:
    """Make a chain on an empty DuckDB file."""

    def make(**variables: Any) -> Chain:
        return Chain(tmp_path_factory.mktemp("chain"), "duckdb", {}, variables)

    return make


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A real Postgres server."""
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture
def database(postgres: PostgresServer) -> Database:
    """An empty database."""
    return postgres.new_database()


@pytest.fixture(scope="session")
def new_postgres_chain(
    postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Chain]:
    """Make a chain on a database of its own, or on one that is given."""

    def make(database: Database | None = None, user: str = "postgres", **variables: Any) -> Chain:
        database = database or postgres.new_database()
        environment = database.environment | {"INVENTORY_ALLOCATION_POSTGRES_USER": user}
        return Chain(tmp_path_factory.mktemp("chain"), "postgres", environment, variables)

    return make
