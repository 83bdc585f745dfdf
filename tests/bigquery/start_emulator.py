"""Start the BigQuery emulator; run by the Python of the emulator's own environment.

Two things in which it differs from BigQuery are mended here:
- It refuses the parentheses that dbt puts around the query of a table with a contract,
  `create table t (a int64) as (select ...)`.
- In some queries its NUMERIC keeps three decimals. BigQuery's has nine.
"""

import shutil
import sys
from pathlib import Path

import bqemulator.sql.rewriter.create_table_schema_ctas as ctas
import duckdb
import duckdb_extension_spatial
from bqemulator.cli import main
from sqlglot.dialects.duckdb import DuckDB


def unwrap_parentheses() -> None:
    """Let a contract's query stand in parentheses."""
    find = ctas._first_select
    ctas._first_select = lambda body: find(body.unnest() if body else body)


def keep_nine_decimals() -> None:
    """Let NUMERIC be what it is in BigQuery."""
    write = DuckDB.Generator.datatype_sql

    def datatype_sql(self: DuckDB.Generator, expression: object) -> str:
        text = write(self, expression)
        return "DECIMAL(38, 9)" if text == "DECIMAL" else text

    DuckDB.Generator.datatype_sql = datatype_sql


def install_spatial() -> None:
    """Put the extension that the emulator loads where DuckDB looks for it, without a download."""
    name = "spatial.duckdb_extension"
    source = next(Path(duckdb_extension_spatial.__file__).parent.rglob(name))
    platform = duckdb.execute("pragma platform").fetchone()[0]
    folder = Path.home() / ".duckdb" / "extensions" / f"v{duckdb.__version__}" / platform
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, folder / name)


if __name__ == "__main__":
    unwrap_parentheses()
    keep_nine_decimals()
    install_spatial()
    main(["start", "--log-level", "warning", *sys.argv[1:]])
