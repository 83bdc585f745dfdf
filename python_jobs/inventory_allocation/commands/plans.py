"""inventory-allocation allocate, what-if, and the life of a plan."""

from pathlib import Path
from typing import Any

import click

from inventory_allocation.commands.options import (
    EPILOG,
    project_options,
    solve_options,
    warm_start_option,
)

__all__ = [
    "allocate",
    "approve",
    "export_inputs",
    "rebuild_marts",
    "rollback",
    "runs",
    "what_if",
]


@click.command(epilog=EPILOG)
@click.option(
    "--sample-company/--no-sample-company",
    default=None,
    help="Plan for the seeds, or schema raw. [default: the project's var]",
)
@click.option(
    "--inputs",
    type=click.Path(path_type=Path),
    help="Read Parquet files of this directory, not a warehouse.",
)
@click.option(
    "--outputs",
    type=click.Path(path_type=Path),
    help="With --inputs: write the plan to a folder in this directory.",
)
@click.option("--approve", is_flag=True, help="Put the plan in force at once.")
@warm_start_option
@project_options
@solve_options
def allocate(
    project: Any,
    settings: Any,
    approve: bool,
    warm_start: bool,
    sample_company: bool | None,
    inputs: Path | None,
    outputs: Path | None,
) -> None:
    """Make a plan from tables that `dbt build` made, check it and publish it.

    The plan is a draft until it is approved; the marts show the plan in force.

    \b
    Example:
      dbt build && inventory-allocation allocate --gap 0.002
      inventory-allocation approve RUN && inventory-allocation rebuild-marts
    Without someone to look at it first:
      inventory-allocation allocate --approve && inventory-allocation rebuild-marts
    Without a warehouse:
      inventory-allocation export-inputs inputs
      inventory-allocation allocate --inputs inputs --outputs plans
    """
    from inventory_allocation.console import console, show_steps
    from inventory_allocation.jobs.allocate import describe_plan, run_allocation
    from inventory_allocation.jobs.allocate_files import allocate_files
    from inventory_allocation.warehouse import open_warehouse

    if (inputs is None) != (outputs is None):
        raise click.UsageError("--inputs and --outputs go together")
    if inputs is not None and (approve or warm_start):
        name = "--approve" if approve else "--warm-start"
        raise click.UsageError(f"{name} is for a warehouse: files have no plan in force")
    with show_steps():
        if inputs is not None and outputs is not None:
            published = allocate_files(inputs, outputs, settings)
        else:
            if sample_company is not None:
                project.variables["sample_company"] = sample_company
            warehouse = open_warehouse(project)
            try:
                published = run_allocation(
                    project, warehouse, settings, approve=approve, warm_start=warm_start
                )
            finally:
                warehouse.close()
    for line in describe_plan(published):
        console.print(line)


_REBUILD = "`inventory-allocation rebuild-marts` shows it in the marts"


@click.command(epilog=EPILOG)
@click.argument("run_id", metavar="RUN")
@click.option("--note", help="Why; kept in planning.plan_events.")
@project_options
def approve(project: Any, run_id: str, note: str | None) -> None:
    """Put a draft in force: RUN is its id, or the beginning of it.

    \b
    Example:
      inventory-allocation approve 5bfd5f --note "agreed in Monday's meeting"
      inventory-allocation rebuild-marts
    """
    from inventory_allocation.jobs.plan_life import approve_run
    from inventory_allocation.warehouse import open_warehouse

    warehouse = open_warehouse(project)
    try:
        whole, is_new = approve_run(project, warehouse, run_id, note)
    finally:
        warehouse.close()
    click.echo(f"plan {whole} is in force: {_REBUILD}" if is_new else f"plan {whole} was in force")


@click.command(epilog=EPILOG)
@click.argument("run_id", metavar="[RUN]", required=False)
@click.option("--note", help="Why; kept in planning.plan_events.")
@project_options
def rollback(project: Any, run_id: str | None, note: str | None) -> None:
    """Put a plan in force again: RUN, or the one before the present.

    \b
    Example:
      inventory-allocation rollback --note "the forecast missed the strike"
      inventory-allocation rebuild-marts
    """
    from inventory_allocation.jobs.plan_life import roll_back
    from inventory_allocation.warehouse import open_warehouse

    warehouse = open_warehouse(project)
    try:
        whole = roll_back(project, warehouse, run_id, note)
    finally:
        warehouse.close()
    click.echo(f"plan {whole} is in force again: {_REBUILD}")


@click.command("rebuild-marts", epilog=EPILOG)
@project_options
def rebuild_marts(project: Any) -> None:
    """Build the marts that show the plan in force, as `dbt build --select source:planning+` does.

    \b
    Example:
      inventory-allocation approve RUN && inventory-allocation rebuild-marts
    """
    from inventory_allocation.jobs.run import PLAN_MARTS

    project.run("build", "--select", PLAN_MARTS)
    click.echo("the marts show the plan in force")


@click.command(epilog=EPILOG)
@project_options
def runs(project: Any) -> None:
    """List plans and what-ifs, newest first, with their state, cost and gap.

    \b
    Example:
      inventory-allocation runs
    """
    from inventory_allocation.console import print_runs
    from inventory_allocation.jobs.plan_life import read_states
    from inventory_allocation.warehouse import open_warehouse

    warehouse = open_warehouse(project)
    try:
        print_runs(read_states(project, warehouse))
    finally:
        warehouse.close()


@click.command("what-if", epilog=EPILOG)
@click.option("--set", "changes", multiple=True, help="A change of the inputs; may be repeated.")
@click.option(
    "--file", "path", type=click.Path(path_type=Path), help="YAML file with a list of changes."
)
@project_options
@solve_options(gap=0.02)
def what_if(project: Any, settings: Any, changes: tuple[str, ...], path: Path | None) -> None:
    """Plan from changed inputs, and show it beside the plan in force, which stays in force.

    A change is TABLE.KEY.COLUMN, then `*`, +, - or =, and a number; KEY is the id of a row, ids
    joined by > where it takes several, or `*` for all. The scenario is a run of its own.

    \b
    Example:
      inventory-allocation what-if \\
        --set "fulfillment_centers.FC-LEJ.outbound_capacity_units*1.2"
    Also:
      --set "demand.*.demand_units*1.1"
      --set "lanes.FC-LEJ>R01.cost_per_unit+0.5"
      --set "stock.FC-LEJ>SPO-0004.available_units=0"
      --set "vars.close_centers=1"
    """
    from inventory_allocation.console import print_comparison, show_steps
    from inventory_allocation.jobs.what_if import read_scenario_file, run_what_if
    from inventory_allocation.warehouse import open_warehouse

    given = [*(read_scenario_file(path) if path else []), *changes]
    warehouse = open_warehouse(project)
    try:
        with show_steps():
            comparison = run_what_if(project, warehouse, settings, given)
    finally:
        warehouse.close()
    print_comparison(comparison)


@click.command("export-inputs", epilog=EPILOG)
@click.argument("directory", type=click.Path(path_type=Path))
@project_options
def export_inputs(project: Any, directory: Path) -> None:
    """Write what a plan is made from to DIRECTORY, as Parquet files.

    \b
    Example:
      inventory-allocation export-inputs inputs
    """
    from inventory_allocation.jobs.allocate import read_inputs
    from inventory_allocation.jobs.allocate_files import write_input_files
    from inventory_allocation.warehouse import open_warehouse

    warehouse = open_warehouse(project)
    try:
        written = write_input_files(read_inputs(project, warehouse), directory)
    finally:
        warehouse.close()
    for path in written:
        click.echo(f"wrote {path}")
