"""dbt adapter `postgres_local_python`: Postgres, with Python models run in the dbt process."""

from dbt.adapters.base import AdapterPlugin

from dbt.adapters.postgres_local_python.connections import PostgresLocalPythonCredentials
from dbt.adapters.postgres_local_python.impl import PostgresLocalPythonAdapter
from dbt.include import postgres_local_python

Plugin = AdapterPlugin(
    adapter=PostgresLocalPythonAdapter,  # type: ignore[arg-type]
    credentials=PostgresLocalPythonCredentials,
    include_path=postgres_local_python.PACKAGE_PATH,
    dependencies=["postgres"],
)
