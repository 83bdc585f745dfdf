"""Puts the dbt project into the wheel, for `inventory-allocation init`."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

INTO = "inventory_allocation/dbt_project"
PARTS = (
    "dbt_project.yml",
    "profiles.yml.example",
    "macros",
    "models",
    "seeds",
    "snapshots",
    "tests/fixtures",
    "tests/generic",
    "tests/*.sql",
    "tests/*.yml",
)


class DbtProjectHook(BuildHookInterface[Any]):
    """Adds the files of the project; an editable installation finds them in the checkout."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Say what goes where, before a build."""
        if version == "editable":
            return
        root = Path(self.root)
        for part in PARTS:
            for path in sorted(root.glob(part)):
                build_data["force_include"][str(path)] = f"{INTO}/{path.relative_to(root)}"
