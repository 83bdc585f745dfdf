"""dbt adapter `bigquery_local_python`: BigQuery, with Python models run in the dbt process too."""

from dbt.adapters.base import AdapterPlugin

from dbt.adapters.bigquery_local_python.connections import BigQueryLocalPythonCredentials
from dbt.adapters.bigquery_local_python.impl import BigQueryLocalPythonAdapter
from dbt.include import bigquery_local_python

Plugin = AdapterPlugin(
    adapter=BigQueryLocalPythonAdapter,  # type: ignore[arg-type]
    credentials=BigQueryLocalPythonCredentials,
    include_path=bigquery_local_python.PACKAGE_PATH,
    dependencies=["bigquery"],
)
