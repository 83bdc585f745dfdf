"""What both adapters say of themselves to dbt."""

from importlib import import_module
from typing import Any

from dbt.adapters.base.relation import AdapterTrackingRelationInfo

__all__ = ["NamedByType"]


class NamedByType:
    """An adapter whose module has the name of its type.

    dbt looks for a module named after the class, in lower case and without underscores.
    """

    @classmethod
    def get_adapter_run_info(cls, config: Any) -> AdapterTrackingRelationInfo:
        """Name and versions of the adapter, for dbt's own records of a run."""
        name = cls.type()  # type: ignore[attr-defined]
        return AdapterTrackingRelationInfo(
            adapter_name=name,
            base_adapter_version=import_module("dbt.adapters.__about__").version,
            adapter_version=import_module(f"dbt.adapters.{name}.__version__").version,
            model_adapter_details=cls._get_adapter_specific_run_info(config),  # type: ignore[attr-defined]
        )
