"""A dbt project on a scratch DuckDB file of its own."""

import os
from pathlib import Path
from typing import Any

from inventory_allocation.warehouse import DbtProject

__all__ = ["open_scratch_project"]

PROFILE = """inventory_allocation:
  target: scratch
  outputs:
    scratch:
      type: duckdb
      path: {path}
      threads: 1
"""


def open_scratch_project(
    project_directory: Path, scratch: Path, variables: dict[str, Any]
) -> DbtProject:
    """The project on an empty DuckDB file in a directory, which holds dbt's own files as well.

    It sets variables of the process's environment that dbt reads: use it in a process of its own.

    Args:
        project_directory: Where dbt_project.yml is.
        scratch: The directory; it is made where it is missing.
        variables: Values for the project's vars.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    database = scratch / "warehouse.duckdb"
    database.unlink(missing_ok=True)
    os.environ |= {
        "DBT_TARGET_PATH": str(scratch / "target"),
        "DBT_LOG_PATH": str(scratch / "logs"),
        # Nobody reads them, and they take a sixth of the time.
        "DBT_WRITE_JSON": "false",
    }
    (scratch / "profiles.yml").write_text(PROFILE.format(path=database))
    return DbtProject(project_directory, scratch, "scratch", variables)
