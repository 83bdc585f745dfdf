"""What the adapters share that run dbt Python models in the dbt process."""

from dbt.adapters.local_python.session import LocalTable, run_python_model

__all__ = ["LocalTable", "run_python_model"]
