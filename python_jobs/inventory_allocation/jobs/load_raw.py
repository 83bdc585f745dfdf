"""Loading a folder of files into the raw tables."""

from dataclasses import dataclass
from pathlib import Path

from inventory_allocation.errors import InputError
from inventory_allocation.warehouse import DbtProject, open_warehouse
from inventory_allocation.warehouse.files import read_file

__all__ = ["LoadedFiles", "find_raw_files", "init_raw", "load_raw"]

ENDINGS = (".parquet", ".csv")


@dataclass(frozen=True)
class LoadedFiles:
    """What was loaded.

    Attributes:
        rows: Rows by table.
        ignored: Names of files that are no raw table.
    """

    rows: dict[str, int]
    ignored: list[str]


def init_raw(project: DbtProject) -> None:
    """Create missing raw tables and nullable columns; never touch a row.

    Raises:
        InputError: A required column is missing, or a column has the wrong type.
    """
    project.run("run-operation", "init_raw")


def find_raw_files(project: DbtProject, directory: Path) -> dict[str, Path]:
    """Find the files `<table>.csv` or `<table>.parquet` of the raw tables, by table.

    Raises:
        InputError: There is no such file.
    """
    if not directory.is_dir():
        raise InputError(f"{directory} is no directory: name the one that holds the files")
    tables = project.source_tables("raw")
    files = {
        path.stem: path
        for ending in reversed(ENDINGS)
        for path in sorted(directory.glob(f"*{ending}"))
        if path.stem in tables
    }
    if not files:
        raise InputError(
            f"{directory} holds no file named after a raw table, such as transactions.csv or "
            f"transactions.parquet. The tables are {', '.join(tables)}"
        )
    return files


def load_raw(project: DbtProject, directory: Path, replace: bool) -> LoadedFiles:
    """Load `<table>.csv` or `<table>.parquet` files into the raw tables of the same names.

    Args:
        project: The project, with var sample_company off.
        directory: Where the files are. CSV files have a header; an empty field is null.
        replace: Replace rows that are there; without it a table that holds rows is an error.

    Raises:
        InputError: There is no such file, or a file doesn't fit its table.
    """
    files = find_raw_files(project, directory)
    init_raw(project)
    relations = {name: str(project.source_node("raw", name).relation_name) for name in files}
    warehouse = open_warehouse(project)
    try:
        if not replace:
            filled = [
                name
                for name in files
                if warehouse.query(f"select 1 as found from {relations[name]} limit 1").num_rows
            ]
            if filled:
                raise InputError(
                    f"table {', '.join(filled)} holds rows already: give --replace to put the "
                    "files' rows in their place"
                )
        rows = {}
        for name, path in sorted(files.items()):
            with read_file(path, project.source_schema("raw", name)) as batches:
                rows[name] = warehouse.replace(relations[name], batches)
    finally:
        warehouse.close()
    ignored = sorted(
        path.name for path in directory.iterdir() if path.is_file() and path not in files.values()
    )
    return LoadedFiles(rows, ignored)
