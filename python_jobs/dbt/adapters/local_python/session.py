"""Running a dbt Python model in the dbt process, on an in-memory DuckDB connection."""

import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb
import pyarrow as pa
from dbt_common.exceptions import DbtRuntimeError

__all__ = ["LocalTable", "run_python_model"]


@dataclass(frozen=True)
class LocalTable:
    """Rows that were read from the warehouse.

    Attributes:
        rows: The rows.
        casts: DuckDB expressions by column, for types that Arrow's CSV reader doesn't know.
    """

    rows: pa.Table
    casts: Mapping[str, str] = field(default_factory=dict)


ReadTable = Callable[[str], LocalTable]


class _Tables:
    """The relations of one model run: each is read when it is first asked for."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, read: ReadTable) -> None:
        self._connection = connection
        self._read = read
        self._names: dict[str, str] = {}

    def local_name(self, relation: str) -> str:
        if relation not in self._names:
            name = f"relation_{len(self._names)}"
            try:
                table = self._read(relation)
            except Exception as error:
                raise DbtRuntimeError(f"{relation} cannot be read: {error}") from error
            columns = ", ".join(
                f"{table.casts.get(column, quoted)} as {quoted}"
                for column, quoted in ((c, quote(c)) for c in table.rows.column_names)
            )
            self._connection.register(f"{name}_rows", table.rows)
            self._connection.execute(f"create view {name} as select {columns} from {name}_rows")
            self._names[relation] = name
        return self._names[relation]

    def load(self, relation: str) -> duckdb.DuckDBPyRelation:
        return self._connection.table(self.local_name(relation))


class _This:
    """`dbt.this`: in SQL for the session it stands for the rows that the model's table holds."""

    def __init__(self, this: Any, tables: _Tables) -> None:
        self.database = this.database
        self.schema = this.schema
        self.identifier = this.identifier
        self._relation = repr(this)
        self._tables = tables

    def __repr__(self) -> str:
        return self._tables.local_name(self._relation)


def quote(identifier: str) -> str:
    """A quoted identifier, for DuckDB and Postgres."""
    return '"' + identifier.replace('"', '""') + '"'


def _refuse_code_in_names(model: Mapping[str, Any]) -> None:
    """Dbt writes a model's own names into its compiled code as they are."""
    for part in ("database", "schema", "alias"):
        if set(model[part]) & set("'\"\\\n"):
            raise DbtRuntimeError(
                f"the {part} {model[part]!r} is in the name of a Python model: quotes, backslashes "
                "and line ends cannot be there"
            )


def _model_path(model: Mapping[str, Any], project_root: str) -> Path:
    path = Path(project_root) / model["original_file_path"]
    return path if path.exists() else Path(model["original_file_path"])


def _aligned(code: str, path: Path) -> str:
    """The code with the blank lines that dbt strips from its start, so that line numbers hold."""
    source = path.read_text(encoding="utf-8") if path.exists() else ""
    return "\n" * source[: len(source) - len(source.lstrip())].count("\n") + code.lstrip()


def _model_error(error: BaseException, path: Path, name: str) -> DbtRuntimeError:
    frames: TracebackType | None = error.__traceback__
    while frames and frames.tb_frame.f_code.co_filename != str(path):
        frames = frames.tb_next
    shown = "".join(traceback.format_exception(type(error), error, frames, chain=False))
    return DbtRuntimeError(f"Python model {name} failed in {path}\n{shown}")


def _as_relation(
    connection: duckdb.DuckDBPyConnection, result: Any, name: str
) -> duckdb.DuckDBPyRelation:
    if isinstance(result, duckdb.DuckDBPyRelation):
        return result
    try:
        connection.register("model_result", result)
        return connection.table("model_result")
    except duckdb.Error as error:
        raise DbtRuntimeError(
            f"Python model {name} returned {type(result).__name__}: return a pandas, polars or "
            f"Arrow frame, or a DuckDB relation ({str(error).splitlines()[0]})"
        ) from error


@contextmanager
def run_python_model(
    model: Mapping[str, Any],
    compiled_code: str,
    read: ReadTable,
    project_root: str,
    settings: Mapping[str, Any] | None = None,
) -> Iterator[tuple[duckdb.DuckDBPyRelation, dict[str, Any]]]:
    """Run a model and give its rows, and the names that its compiled code defines.

    Args:
        model: The model as dbt knows it: name, original_file_path.
        compiled_code: The model's source with what dbt adds to it.
        read: Reads a relation, given by its quoted name, from the warehouse.
        project_root: Where the project is, to show the model's own file in errors.
        settings: DuckDB settings of the session.

    Raises:
        DbtRuntimeError: The model failed, with its own file and line; or it returned no frame.
    """
    _refuse_code_in_names(model)
    path = _model_path(model, project_root)
    connection = duckdb.connect(":memory:")
    try:
        for setting, value in {"TimeZone": "UTC", **(settings or {})}.items():
            connection.execute(f"set {setting} = '{value}'")
        tables = _Tables(connection, read)
        names: dict[str, Any] = {"__name__": f"dbt_python_model_{model['name']}"}
        try:
            # The project's own model: dbt runs Python models so.
            exec(compile(_aligned(compiled_code, path), str(path), "exec"), names)  # nosec B102
            dbt = names["dbtObj"](tables.load)
            dbt.this = _This(dbt.this, tables)
            result = names["model"](dbt, connection)
        except DbtRuntimeError:
            raise
        except Exception as error:
            raise _model_error(error, path, model["name"]) from error
        yield _as_relation(connection, result, model["name"]), names
    finally:
        connection.close()
