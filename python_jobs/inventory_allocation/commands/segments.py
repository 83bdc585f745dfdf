"""inventory-allocation segment-figures."""

from pathlib import Path
from typing import Any

import click

from inventory_allocation.commands.options import EPILOG, project_options

__all__ = ["segment_figures"]


@click.command("segment-figures", epilog=EPILOG)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default=Path("build/segments"),
    show_default=True,
    help="Where to write.",
)
@project_options
def segment_figures(project: Any, output: Path) -> None:
    """Draw a profile of each segment of dim_segments, as SVG. Needs matplotlib.

    \b
    Example:
      inventory-allocation segment-figures --output docs/figures
    """
    from inventory_allocation.jobs.segment_figures import write_segment_figures
    from inventory_allocation.warehouse import open_warehouse

    warehouse = open_warehouse(project)
    try:
        files = write_segment_figures(project, warehouse, output)
    finally:
        warehouse.close()
    for path in files:
        click.echo(f"written: {path}")
