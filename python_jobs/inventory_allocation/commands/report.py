"""inventory-allocation report."""

from pathlib import Path
from typing import Any

import click

from inventory_allocation.commands.options import EPILOG, project_options

__all__ = ["report"]


@click.command(epilog=EPILOG)
@click.option(
    "--format",
    "form",
    type=click.Choice(["html", "pdf"]),
    default="html",
    show_default=True,
    help="A page for a browser, or an A4 document.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file.  [default: build/plan.html or build/plan.pdf]",
)
@project_options
def report(project: Any, form: str, output: Path | None) -> None:
    """Write a report on the plan in force: one file that a manager reads.

    What it costs and serves beside the greedy plan and the plan before it, shortages and what
    helps, what limits it, transfers, orders, alerts.
    Needs: pip install 'inventory-allocation[report]'.

    \b
    Example:
      inventory-allocation report
      inventory-allocation report --format pdf --output monday.pdf
    """
    from inventory_allocation.jobs.plan_report import write_report
    from inventory_allocation.presentation.connection import connect

    file = output or Path("build") / f"plan.{form}"
    write_report(connect(project), form, file)
    click.echo(f"wrote {file}")
