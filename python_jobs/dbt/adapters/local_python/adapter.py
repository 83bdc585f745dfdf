"""What the adapters share that run Python models in the dbt process."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from importlib import import_module
from typing import Any

import duckdb
from dbt.adapters.base.relation import AdapterTrackingRelationInfo

from dbt.adapters.local_python.session import LocalTable, run_python_model

__all__ = ["RunsPythonLocally"]


class RunsPythonLocally:
    """Mixin of an adapter.

    Attributes:
        relation_quote: What to put around a relation's name, as compiled code has it.
    """

    config: Any
    relation_quote = ""

    def run_locally(
        self, model: Mapping[str, Any], compiled_code: str, read: Callable[[str], LocalTable]
    ) -> AbstractContextManager[tuple[duckdb.DuckDBPyRelation, dict[str, Any]]]:
        """Run a model; see `run_python_model`.

        Args:
            model: The model as dbt knows it.
            compiled_code: Its source with what dbt adds to it.
            read: Runs a query in the warehouse. With --empty, the queries give no row.
        """
        limit = " limit 0" if getattr(self.config.args, "EMPTY", False) else ""
        return run_python_model(
            model,
            compiled_code,
            lambda name: read(
                f"select * from {self.relation_quote}{name}{self.relation_quote}{limit}"
            ),
            self.config.project_root,
            self.config.credentials.settings,
        )

    @classmethod
    def get_adapter_run_info(cls, config: Any) -> AdapterTrackingRelationInfo:
        """Name and versions of the adapter, for dbt's own records of a run.

        dbt would look for a module named after the class, in lower case without underscores.
        """
        name = cls.type()  # type: ignore[attr-defined]
        return AdapterTrackingRelationInfo(  # type: ignore[abstract]
            adapter_name=name,
            base_adapter_version=import_module("dbt.adapters.__about__").version,
            adapter_version=import_module(f"dbt.adapters.{name}.__version__").version,
            model_adapter_details=cls._get_adapter_specific_run_info(config),  # type: ignore[attr-defined]
        )
