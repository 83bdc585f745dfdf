"""Turn Online Retail II into the tables of the data contract, with an invented network."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import duckdb

HERE = Path(__file__).resolve().parent
SOURCE_COLUMNS = (
    "Invoice",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "Price",
    "Customer ID",
    "Country",
)
TABLES = (
    "transactions",
    "customers",
    "products",
    "fulfillment_centers",
    "regions",
    "lanes",
    "transfer_lanes",
    "inventory_snapshots",
)


class PrepareError(Exception):
    """What the person at the keyboard can fix; the text is the whole message."""


def parse_args(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="example: python examples/online_retail_ii/prepare.py "
        "--source data/online_retail_ii.parquet --output build/online_retail_ii",
    )
    parser.add_argument("--source", type=Path, required=True, help="online_retail_ii.parquet")
    parser.add_argument("--output", type=Path, required=True, help="folder for the tables")
    parser.add_argument(
        "--best-sellers",
        type=int,
        metavar="N",
        help="only the N SKUs that sold most in the first year, and a supplier: for a replay",
    )
    return parser.parse_args(argv)


def quote(text: object) -> str:
    """Write a value as an SQL string."""
    return "'" + str(text).replace("'", "''") + "'"


def check_source(connection: duckdb.DuckDBPyConnection, source: Path) -> None:
    """Stop when the source is not a parquet file with lines and the columns we map."""
    if not source.is_file():
        raise PrepareError(f"There is no file {source}. README.md says where to get it.")
    try:
        relation = connection.read_parquet(str(source))
    except duckdb.Error as error:
        raise PrepareError(f"{source} is not a readable parquet file.") from error
    missing = [name for name in SOURCE_COLUMNS if name not in relation.columns]
    if missing:
        raise PrepareError(
            f"{source} lacks the columns {', '.join(missing)}. "
            f"It needs {', '.join(SOURCE_COLUMNS)}; it has {', '.join(relation.columns)}."
        )
    if not relation.limit(1).fetchall():
        raise PrepareError(f"{source} holds no lines.")


def build(
    connection: duckdb.DuckDBPyConnection, source: Path, best_sellers: int | None = None
) -> None:
    """Create the contract tables, mapping_counts and mapping_notes in the connection."""
    check_source(connection, source)
    connection.execute(f"set variable source_path = {quote(source)}")
    connection.execute(f"set variable network_path = {quote(HERE / 'network')}")
    try:
        scripts = ["mapping.sql", "network.sql"]
        if best_sellers is not None:
            connection.execute(f"set variable best_sellers = {best_sellers}")
            scripts = ["mapping.sql", "best_sellers.sql", "network.sql", "suppliers.sql"]
        for script in scripts:
            connection.execute((HERE / script).read_text(encoding="utf-8"))
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise PrepareError(f"{source} can't be mapped: {reason}") from error


def _list_tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    there = {row[0] for row in connection.execute("show tables").fetchall()}
    return [name for name in (*TABLES, "suppliers") if name in there]


def write(connection: duckdb.DuckDBPyConnection, output: Path) -> None:
    """Write each table as parquet and the counts as CSV."""
    try:
        output.mkdir(parents=True, exist_ok=True)
        for table in _list_tables(connection):
            target = quote(output / f"{table}.parquet")
            connection.execute(f"copy {table} to {target} (format parquet, compression zstd)")
        target = quote(output / "mapping_counts.csv")
        connection.execute(f"copy mapping_counts to {target} (format csv, header)")
    except (OSError, duckdb.IOException) as error:
        raise PrepareError(f"Can't write to {output}: {error}") from error


def format_rows(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Lay out rows in columns, numbers on the right."""
    numbers = [all(isinstance(row[at], int) for row in rows) for at in range(len(header))]
    cells = [list(header)]
    cells += [[f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row] for row in rows]
    widths = [max(len(row[at]) for row in cells) for at in range(len(header))]
    lines = []
    for row in cells:
        parts = [
            cell.rjust(width) if is_number else cell.ljust(width)
            for cell, width, is_number in zip(row, widths, numbers, strict=True)
        ]
        lines.append("  ".join(parts).rstrip())
    return "\n".join(lines)


def report(connection: duckdb.DuckDBPyConnection, output: Path) -> str:
    """Say which rule took how many lines, and what was written."""
    counts = connection.execute("select rule, outcome, lines, meaning from mapping_counts")
    rules = [tuple(row) for row in counts.fetchall()]
    rules.append(("lines read", "", sum(row[2] for row in rules), ""))
    notes = connection.execute("select note, cast(lines as bigint) from mapping_notes").fetchall()
    sizes = [(name, connection.table(name).shape[0]) for name in _list_tables(connection)]
    return "\n\n".join(
        (
            format_rows(("rule", "outcome", "lines", "meaning"), rules),
            format_rows(("among the mapped lines", "lines"), notes),
            format_rows((f"written to {output}", "rows"), sizes),
        )
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    arguments = parse_args(argv)
    try:
        with duckdb.connect() as connection:
            build(connection, arguments.source, arguments.best_sellers)
            write(connection, arguments.output)
            print(report(connection, arguments.output))
    except PrepareError as error:
        print(f"prepare: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
