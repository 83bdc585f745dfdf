"""inventory-allocation models list, rollback and refit."""

from typing import Any

import click

from inventory_allocation.commands.options import EPILOG, project_options

__all__ = ["models"]

_NOTE = "Why; kept in planning.model_events."


@click.group(epilog=EPILOG)
def models() -> None:
    """List fits of segments and forecasts, go back to an earlier one, ask for a new one."""


@models.command("list", epilog=EPILOG)
@click.option("--all", "show_all", is_flag=True, help="Also what is fitted on every build.")
@project_options
def list_fits(project: Any, show_all: bool) -> None:
    """List fits, newest first: what is in force, what was rejected and why.

    \b
    Example:
      inventory-allocation models list
    """
    from inventory_allocation.console import print_frame
    from inventory_allocation.jobs.model_life import read_registry
    from inventory_allocation.warehouse import open_warehouse

    warehouse = open_warehouse(project)
    try:
        fits = read_registry(project, warehouse)
    finally:
        warehouse.close()
    shown = fits if show_all else fits[fits["verdict"] != "fitted on every build"]
    columns = ["version", "state", "metric", "score", "compared_with", "compared_score"]
    print_frame("Fits", shown[["model_name", *columns]])
    for _, fit in shown[shown["state"] == "rejected"].iterrows():
        click.echo(f"{fit['version']}: {fit['verdict']}")


@models.command("rollback", epilog=EPILOG)
@click.argument("version", required=False)
@click.option("--note", help=_NOTE)
@project_options
def roll_back(project: Any, version: str | None, note: str | None) -> None:
    """Put a fit of segments in force again: VERSION, or the one before the present.

    It is in force from the next build on, until a new fit beats it.

    \b
    Example:
      inventory-allocation models rollback --note "segment 4 is an artefact of the strike"
      inventory-allocation run
    """
    from inventory_allocation.jobs.model_life import roll_back_fit
    from inventory_allocation.warehouse import open_warehouse

    warehouse = open_warehouse(project)
    try:
        whole = roll_back_fit(project, warehouse, version, note)
    finally:
        warehouse.close()
    click.echo(f"fit {whole} is in force from the next build on")


@models.command("refit", epilog=EPILOG)
@click.option("--note", help=_NOTE)
@project_options
def refit(project: Any, note: str | None) -> None:
    """Ask for a fit of segments now: the next build on data of a later day makes it.

    It takes over only if it beats the one in force on what customers did next.

    \b
    Example:
      inventory-allocation models refit --note "new loyalty programme"
    """
    from inventory_allocation.jobs.model_life import request_refit
    from inventory_allocation.warehouse import open_warehouse

    warehouse = open_warehouse(project)
    try:
        request_refit(project, warehouse, note)
    finally:
        warehouse.close()
    click.echo("the next build on data of a later day fits segments again")
