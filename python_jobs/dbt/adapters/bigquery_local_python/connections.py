"""Connections of `bigquery_local_python`: those of BigQuery."""

from dataclasses import dataclass, field
from typing import Any

from dbt.adapters.bigquery import BigQueryConnectionManager, BigQueryCredentials

__all__ = ["BigQueryLocalPythonConnectionManager", "BigQueryLocalPythonCredentials"]


@dataclass
class BigQueryLocalPythonCredentials(BigQueryCredentials):
    """BigQuery credentials.

    Attributes:
        settings: DuckDB settings of the session that Python models get, such as memory_limit.
    """

    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def type(self) -> str:
        """The adapter's name in profiles.yml."""
        return "bigquery_local_python"


class BigQueryLocalPythonConnectionManager(BigQueryConnectionManager):
    """BigQuery's own, under the adapter's name."""

    TYPE = "bigquery_local_python"
