"""The dbt project: running it, and asking it where tables are."""

import contextlib
import io
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml

from inventory_allocation.errors import InputError, InventoryAllocationError

__all__ = ["CONTRACT_TYPES", "DbtProject"]

# The words of the data contract, as macros/cross_db/column_type.sql has them.
CONTRACT_TYPES: dict[str, pa.DataType] = {
    "string": pa.string(),
    "integer": pa.int64(),
    "numeric": pa.float64(),
    "timestamp": pa.timestamp("us"),
    "date": pa.date32(),
    "boolean": pa.bool_(),
}


@dataclass
class DbtProject:
    """A dbt project with the profile it is run with: the only source of credentials.

    Attributes:
        directory: Where dbt_project.yml is.
        profiles_directory: Where profiles.yml is; None leaves it to dbt.
        target: Target of the profile; None for its default.
        variables: Values for the project's vars.
    """

    directory: Path
    profiles_directory: Path | None = None
    target: str | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    _manifest: Any = None

    def __post_init__(self) -> None:
        """Check that there is a project."""
        if not (self.directory / "dbt_project.yml").exists():
            raise InputError(
                f"{self.directory} holds no dbt_project.yml: run in the project's directory, or "
                "name it with --project-dir"
            )
        os.environ.setdefault("DO_NOT_TRACK", "1")

    def _arguments(self) -> list[str]:
        arguments = ["--project-dir", str(self.directory)]
        if self.profiles_directory:
            arguments += ["--profiles-dir", str(self.profiles_directory)]
        if self.target:
            arguments += ["--target", self.target]
        if self.variables:
            arguments += ["--vars", yaml.safe_dump(self.variables, default_flow_style=True)]
        return arguments

    def run(
        self, *command: str, on_event: Callable[[Any], None] | None = None, quiet: bool = True
    ) -> Any:
        """Run a dbt command in this process.

        Args:
            command: As on dbt's command line, say `build`, `--select`, `stg_planning`.
            on_event: Called with each of dbt's events.
            quiet: Keep dbt's own output off the terminal.

        Raises:
            InputError: An input table is wrong; the message is the project's own.
            InventoryAllocationError: dbt failed.
        """
        from dbt.cli.main import dbtRunner

        errors: list[str] = []

        def keep_errors(event: Any) -> None:
            if event.info.level == "error":
                errors.append(event.info.msg)

        runner = dbtRunner(callbacks=[keep_errors, *([on_event] if on_event else [])])
        hidden: Any = contextlib.nullcontext()
        if quiet:
            hidden = contextlib.redirect_stdout(io.StringIO())
        with hidden:
            result = runner.invoke([*command, *self._arguments()])
        if not result.success:
            raise self._error(command[0], result, errors)
        return result.result

    @staticmethod
    def _error(command: str, result: Any, errors: list[str]) -> InventoryAllocationError:
        messages = [str(result.exception)] if result.exception else []
        for node in getattr(result.result, "results", []):
            if str(node.status) in ("error", "fail", "runtime error") and node.message:
                name = node.node.name if hasattr(node, "node") else node.unique_id
                messages.append(f"{name}: {node.message}")
        text = " ".join(" ".join(messages or errors).split())
        every = " ".join(" ".join([*messages, *errors]).split())
        if "wrong input: " in every:
            start = every.index("wrong input: ")
            end = every.find(" > in macro", start)
            return InputError(every[start : end if end > 0 else None])
        return InventoryAllocationError(f"dbt {command} failed. {text}"[:2000])

    @property
    def manifest(self) -> Any:
        """What dbt knows of the project after parsing it."""
        if self._manifest is None:
            self._manifest = self.run("parse")
        return self._manifest

    def model_relation(self, name: str) -> str:
        """The quoted name of a model's table."""
        return str(self._node(self.manifest.nodes, name, "model").relation_name)

    def model_meta(self, name: str) -> dict[str, Any]:
        """What a model's config says under `meta`, with the values of vars."""
        return dict(self._node(self.manifest.nodes, name, "model").config.meta)

    def source_node(self, source: str, table: str) -> Any:
        """What dbt knows of a source table: relation_name, columns."""
        return self._node(self.manifest.sources, table, "source", source)

    def source_schema(self, source: str, table: str) -> pa.Schema:
        """Columns of a source table, with the types of the contract."""
        columns = self.source_node(source, table).columns.values()
        return pa.schema([(column.name, CONTRACT_TYPES[column.data_type]) for column in columns])

    def source_tables(self, source: str) -> list[str]:
        """Names of the tables of a source."""
        nodes = self.manifest.sources.values()
        return sorted(node.name for node in nodes if node.source_name == source)

    @staticmethod
    def _node(nodes: Any, name: str, kind: str, source: str | None = None) -> Any:
        for node in nodes.values():
            if (
                node.name == name
                and str(node.resource_type) == kind
                and (source is None or node.source_name == source)
            ):
                return node
        raise InputError(f"the dbt project has no {kind} named {name}")

    def credentials(self) -> Any:
        """The credentials of the target, as dbt's adapter reads them."""
        from argparse import Namespace

        from dbt.config.runtime import load_profile
        from dbt.flags import set_from_args
        from dbt_common.context import set_invocation_context

        profiles = self.profiles_directory
        if profiles is None:
            here = self.directory / "profiles.yml"
            profiles = self.directory if here.exists() else Path.home() / ".dbt"
        set_invocation_context(os.environ)
        set_from_args(Namespace(PROFILES_DIR=str(profiles), PROJECT_DIR=str(self.directory)), {})
        return load_profile(
            str(self.directory), self.variables, target_override=self.target
        ).credentials
