"""A dbt project written by a test, on a Postgres database of its own."""

import os
from pathlib import Path
from typing import Any

import yaml

from inventory_allocation.warehouse import DbtProject
from postgres_server import Database

SOURCE = """
version: 2
sources:
  - name: raw
    schema: {schema}
    tables:
      - name: {table}
"""


def write_project(
    directory: Path,
    database: Database,
    models: dict[str, str],
    *,
    profile: dict[str, Any] | None = None,
    config: dict[str, Any] | None = None,
    **variables: Any,
) -> DbtProject:
    """Write a project's files, by name under models/, and give the project."""
    output = {
        "type": "postgres_local_python",
        "host": database.host,
        "port": 5432,
        "user": "postgres",
        "password": "",
        "dbname": database.name,
        "schema": "main",
        "threads": 4,
        **(profile or {}),
    }
    project = {
        "name": "small",
        "version": "1.0",
        "profile": "small",
        "flags": {"send_anonymous_usage_stats": False},
        "models": {"small": config or {}},
    }
    profiles = {"small": {"target": "test", "outputs": {"test": output}}}
    files = {f"models/{name}": text for name, text in models.items()}
    files["dbt_project.yml"] = yaml.safe_dump(project)
    files["profiles.yml"] = yaml.safe_dump(profiles)
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    os.environ["DBT_TARGET_PATH"] = str(directory / "target")
    os.environ["DBT_LOG_PATH"] = str(directory / "logs")
    return DbtProject(directory, directory, None, variables)
