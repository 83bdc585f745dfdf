"""inventory-allocation demo and run: the whole chain."""

from typing import Any

import click

from inventory_allocation.commands.options import (
    EPILOG,
    project_options,
    solve_options,
    warm_start_option,
)

__all__ = ["demo", "run"]


def _show(project: Any, report: Any) -> None:
    from inventory_allocation.console import console, print_report, print_summary
    from inventory_allocation.jobs.allocate import describe_plan
    from inventory_allocation.jobs.summary import read_summary, suggest_queries
    from inventory_allocation.warehouse import open_warehouse

    if report.published is not None and report.published.is_draft:
        for line in describe_plan(report.published):
            console.print(line)
    else:
        warehouse = open_warehouse(project)
        try:
            print_summary(read_summary(project, warehouse), suggest_queries(project))
        finally:
            warehouse.close()
    print_report(report)


@click.command(epilog=EPILOG)
@project_options
@solve_options
def demo(project: Any, settings: Any) -> None:
    """Run the whole chain on the sample company and show a plan.

    \b
    Example:
      inventory-allocation demo
    """
    from inventory_allocation.console import show_progress
    from inventory_allocation.jobs.run import run_chain

    project.variables["sample_company"] = True
    with show_progress() as progress:
        report = run_chain(project, settings, progress)
    _show(project, report)


@click.command(epilog=EPILOG)
@click.option(
    "--sample-company/--no-sample-company",
    default=None,
    help="Read the seeds, or schema raw. [default: the project's var]",
)
@click.option(
    "--approve/--draft",
    default=True,
    show_default=True,
    help="Put the plan in force, or leave it to `approve`.",
)
@warm_start_option
@click.option(
    "--resume",
    is_flag=True,
    help="Go on with the last run, after the stages it has done; nothing where it is complete.",
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Check the inputs and say what would be done, and how long it usually takes.",
)
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="json writes a line per event to the error stream, and nothing else.",
)
@project_options
@solve_options
def run(
    project: Any,
    settings: Any,
    sample_company: bool | None,
    approve: bool,
    warm_start: bool,
    resume: bool,
    dry_run: bool,
    log_format: str,
) -> None:
    """Check the inputs, build the models, make a plan, put it in force and show it.

    One run at a time on a warehouse; each stage is a row of planning.job_runs, and rpt_job_runs
    has a row per run. A run that failed or was killed goes on with --resume.

    \b
    Example:
      inventory-allocation run --no-sample-company --vars '{plan_periods: 6}'
      inventory-allocation run --draft && inventory-allocation runs
    Every night:
      inventory-allocation run --no-sample-company --log-format json 2>> nights.log
    """
    from inventory_allocation.console import console, print_frame, show_progress
    from inventory_allocation.errors import InventoryAllocationError, exit_code
    from inventory_allocation.jobs.dry_run import describe_run
    from inventory_allocation.jobs.job_log import hash_configuration
    from inventory_allocation.jobs.run import run_chain
    from inventory_allocation.logs import json_logs

    if sample_company is not None:
        project.variables["sample_company"] = sample_company
    if dry_run:
        configuration = hash_configuration(project, settings, approve, warm_start)
        described = describe_run(project, configuration, resume=resume)
        print_frame("A run would do this", described.stages)
        for note in described.notes:
            console.print(note)
        return
    options = {"approve": approve, "warm_start": warm_start, "resume": resume}
    if log_format == "json":
        with json_logs() as logger:
            try:
                run_chain(project, settings, lambda *_: None, **options)
            except Exception as error:
                is_unknown = not isinstance(error, InventoryAllocationError)
                logger.error("run failed", extra={"error": str(error)}, exc_info=is_unknown)
                click.get_current_context().exit(exit_code(error))
        return
    with show_progress() as progress:
        report = run_chain(project, settings, progress, **options)
    if report.stages:
        _show(project, report)
    else:
        console.print("the last run is complete: there is nothing to resume")
