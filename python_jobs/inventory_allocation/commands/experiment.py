"""inventory-allocation experiment plan."""

from pathlib import Path
from typing import Any

import click

from inventory_allocation.commands.options import EPILOG, project_options

__all__ = ["experiment"]


@click.group(epilog=EPILOG)
def experiment() -> None:
    """Plan experiments; results are in fct_experiment_results."""


@experiment.command("plan", epilog=EPILOG)
@click.argument("experiment_id")
@click.option(
    "--unit-type",
    type=click.Choice(["fc", "customer", "region"]),
    required=True,
    help="What is assigned: a centre, a customer or a region.",
)
@click.option(
    "--metric",
    type=click.Choice(["orders", "units", "revenue", "late_share", "shipping_cost_per_unit"]),
    default="revenue",
    show_default=True,
    help="What the experiment shall move.",
)
@click.option(
    "--days", type=click.IntRange(min=1), default=28, show_default=True, help="Days it runs."
)
@click.option(
    "--minimum-effect",
    type=click.FloatRange(0, 10, min_open=True),
    default=0.1,
    show_default=True,
    help="Smallest change worth finding, as a share of the mean.",
)
@click.option(
    "--power",
    type=click.FloatRange(0.5, 1, max_open=True),
    default=0.8,
    show_default=True,
    help="Chance to find it.",
)
@click.option(
    "--alpha",
    type=click.FloatRange(0, 0.5, min_open=True, max_open=True),
    default=0.05,
    show_default=True,
    help="Chance of a false alarm.",
)
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), help="First day. [default: tomorrow]")
@click.option(
    "--units",
    "unit_file",
    type=click.Path(path_type=Path),
    help="CSV of the units (unit_id, numbers to balance), in place of the warehouse's.",
)
@click.option("--only-needed", is_flag=True, help="Assign no more units than are enough.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed.")
@click.option(
    "--output", type=click.Path(path_type=Path), help="[default: build/EXPERIMENT_ID.csv]"
)
@project_options
def experiment_plan(
    project: Any,
    experiment_id: str,
    unit_type: str,
    metric: str,
    days: int,
    minimum_effect: float,
    power: float,
    alpha: float,
    start: Any,
    unit_file: Path | None,
    only_needed: bool,
    seed: int,
    output: Path | None,
) -> None:
    """Say how many units an experiment needs, and assign them at random, balanced.

    Writes rows for the raw table `experiments` as CSV; append them when the experiment starts.

    \b
    Example:
      inventory-allocation experiment plan free-delivery --unit-type region --days 28
      inventory-allocation experiment plan night-shift --unit-type fc --units centres.csv
    """
    import pandas as pd

    from inventory_allocation.experiments import ExperimentSettings
    from inventory_allocation.jobs import plan_experiment as job
    from inventory_allocation.warehouse import open_warehouse

    settings = ExperimentSettings(seed, alpha, power, minimum_effect)
    first_day = pd.Timestamp(start or pd.Timestamp.now("UTC").date()) + pd.Timedelta(
        days=0 if start else 1
    )
    if unit_file:
        units = job.read_unit_file(unit_file, metric)
    else:
        warehouse = open_warehouse(project)
        try:
            as_of = job.read_as_of(project, warehouse)
            units = job.read_unit_history(project, warehouse, unit_type, metric, days, as_of)
        finally:
            warehouse.close()
    plan = job.plan_experiment(
        experiment_id, unit_type, units, metric, first_day, days, settings, only_needed
    )
    for line in job.describe_plan(plan, metric, settings):
        click.echo(line)
    path = output or Path("build") / f"{experiment_id}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    plan.assignment.to_csv(path, index=False)
    click.echo(f"written: {path}")
