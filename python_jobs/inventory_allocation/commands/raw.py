"""inventory-allocation init-raw, load-raw and generate."""

from pathlib import Path
from typing import Any, Literal

import click

from inventory_allocation.commands.options import EPILOG, project_options

__all__ = ["generate", "init_raw", "load_raw_command"]


@click.command("init-raw", epilog=EPILOG)
@project_options
def init_raw(project: Any) -> None:
    """Create the missing raw tables and nullable columns, and never touch a row.

    \b
    Example:
      inventory-allocation init-raw
    """
    from inventory_allocation.jobs import load_raw

    project.variables["sample_company"] = False
    load_raw.init_raw(project)
    click.echo("raw tables are complete")


@click.command("load-raw", epilog=EPILOG)
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Replace rows that are in the tables.")
@project_options
def load_raw_command(project: Any, directory: Path, replace: bool) -> None:
    """Load <table>.csv or <table>.parquet files of DIRECTORY into the raw tables.

    \b
    Example:
      inventory-allocation load-raw my_export/ --replace
    """
    from inventory_allocation.jobs.load_raw import load_raw

    project.variables["sample_company"] = False
    loaded = load_raw(project, directory, replace)
    for table, rows in loaded.rows.items():
        click.echo(f"{table:<22}{rows:>12,} rows")
    if loaded.ignored:
        click.echo(f"ignored: {', '.join(loaded.ignored)}")


@click.command(epilog=EPILOG)
@click.option(
    "--scale",
    type=click.Choice(["tiny", "small", "medium", "large"]),
    default="small",
    show_default=True,
    help="How big.",
)
@click.option("--seed", type=int, default=7, show_default=True, help="Seed.")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default=Path("build/sample_company"),
    show_default=True,
    help="Where to write.",
)
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["csv", "parquet"]),
    default="csv",
    show_default=True,
    help="File format.",
)
def generate(scale: str, seed: int, output: Path, file_format: Literal["csv", "parquet"]) -> None:
    """Write a believable company as files, with the hidden truth beside it in truth/.

    \b
    Example:
      inventory-allocation generate --scale medium --format parquet --output build/medium
      inventory-allocation load-raw build/medium
    """
    from inventory_allocation.jobs.generate import write_company
    from inventory_allocation.sample_company import generate_company

    for table, rows in write_company(generate_company(scale, seed), output, file_format).items():
        click.echo(f"{table:<28}{rows:>12,} rows")
