"""inventory-allocation: the command line.

Exit codes: 0 done, 1 failed, 2 wrong input or usage.
"""

import functools
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import click
import yaml

from inventory_allocation import __version__
from inventory_allocation.commands.replay import replay
from inventory_allocation.errors import InputError, InventoryAllocationError

__all__ = ["find_profiles", "main"]

EPILOG = "Exit codes: 0 done, 1 failed, 2 wrong input or usage."


class _Commands(click.Group):
    """A group whose errors are one clear paragraph, and a traceback with --debug only."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.Abort, click.ClickException):
            raise
        except Exception as error:
            if ctx.params.get("debug"):
                raise
            code = 2 if isinstance(error, InputError) else 1
            known = isinstance(error, InventoryAllocationError)
            text = str(error) if known else f"{type(error).__name__}: {error}"
            click.echo(f"Error: {' '.join(text.split())}", err=True)
            if not known:
                click.echo(
                    "Run again with `inventory-allocation --debug ...` for details.", err=True
                )
            ctx.exit(code)


@click.group(cls=_Commands, epilog=EPILOG)
@click.version_option(__version__)
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def main(debug: bool) -> None:  # noqa: ARG001
    """Segments, demand forecasts and stock plans with a proven gap, inside your own warehouse.

    Start with `inventory-allocation demo`.
    """
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")


def find_profiles(directory: Path = Path()) -> Path | None:
    """The project's own profiles.yml, else the user's, else the example."""
    if (directory / "profiles.yml").exists():
        return directory
    if (Path.home() / ".dbt" / "profiles.yml").exists():
        return None
    example = directory / "profiles.yml.example"
    if not example.exists():
        return None
    folder = directory / "target" / "profiles"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(example, folder / "profiles.yml")
    click.echo("no profiles.yml found: using profiles.yml.example (DuckDB)", err=True)
    return folder


def _project_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options that say which project, profile and vars; the command gets a DbtProject."""

    @click.option(
        "--project-dir",
        type=click.Path(path_type=Path),
        default=Path(),
        help="Where dbt_project.yml is.",
    )
    @click.option("--profiles-dir", type=click.Path(path_type=Path), help="Where profiles.yml is.")
    @click.option("--target", help="Target of the profile.")
    @click.option("--vars", "variables", default="{}", help="Vars of the project, as YAML.")
    @functools.wraps(command)
    def wrapped(
        project_dir: Path,
        profiles_dir: Path | None,
        target: str | None,
        variables: str,
        **arguments: Any,
    ) -> Any:
        from inventory_allocation.warehouse import DbtProject

        try:
            values = yaml.safe_load(variables) or {}
        except yaml.YAMLError as error:
            raise InputError(f"--vars is no YAML: {error}") from error
        if not isinstance(values, dict):
            raise InputError("--vars must be a YAML mapping, such as '{plan_periods: 4}'")
        # Files need no project.
        if arguments.get("inputs") is not None:
            return command(project=None, **arguments)
        profiles = profiles_dir or find_profiles(project_dir)
        project = DbtProject(project_dir, profiles, target, values)
        return command(project=project, **arguments)

    return wrapped


def _solve_options(
    command: Callable[..., Any] | None = None, *, gap: float = 0.005
) -> Callable[..., Any]:
    """Options of the solver, with a default for the gap; the command gets SolveSettings."""
    if command is None:
        return functools.partial(_solve_options, gap=gap)

    @click.option(
        "--gap",
        type=click.FloatRange(0, 1),
        default=gap,
        show_default=True,
        help="Relative gap at which the solver may stop.",
    )
    @click.option(
        "--time-limit",
        type=click.FloatRange(min=1),
        default=300.0,
        show_default=True,
        help="Seconds for the solver.",
    )
    @click.option(
        "--route",
        type=click.Choice(["auto", "mip", "relax_and_round", "column_generation"]),
        default="auto",
        show_default=True,
        help="How to solve; auto chooses by size.",
    )
    @click.option(
        "--threads",
        type=click.IntRange(min=0),
        default=0,
        show_default=True,
        help="Threads of route column_generation, 0 for all cores; the plan is the same for any.",
    )
    @click.option("--seed", type=int, default=0, show_default=True, help="Seed of the solver.")
    @click.option(
        "--solver",
        default="highs",
        show_default=True,
        help="Another solver that PuLP finds, for the program as one: cbc, gurobi, scip, ...",
    )
    @functools.wraps(command)
    def wrapped(
        gap: float,
        time_limit: float,
        route: str,
        seed: int,
        threads: int,
        solver: str,
        **arguments: Any,
    ) -> Any:
        from inventory_allocation.allocation import SolveSettings

        settings = SolveSettings(gap, time_limit, route, seed, threads, solver)
        return command(settings=settings, **arguments)

    return wrapped


_warm_start_option = click.option(
    "--warm-start",
    is_flag=True,
    help="Start the search from the plan in force: quicker, and another plan within the gap.",
)


def _run_and_show(
    project: Any, settings: Any, *, approve: bool = True, warm_start: bool = False
) -> None:
    from inventory_allocation.console import console, print_report, print_summary, show_progress
    from inventory_allocation.jobs.allocate import describe_plan
    from inventory_allocation.jobs.run import run_chain
    from inventory_allocation.jobs.summary import read_summary, suggest_queries
    from inventory_allocation.warehouse import open_warehouse

    with show_progress() as progress:
        report = run_chain(project, settings, progress, approve=approve, warm_start=warm_start)
    if report.published is not None and report.published.is_draft:
        for line in describe_plan(report.published):
            console.print(line)
        print_report(report)
        return
    warehouse = open_warehouse(project)
    try:
        print_summary(read_summary(project, warehouse), suggest_queries(project))
    finally:
        warehouse.close()
    print_report(report)


@main.command(epilog=EPILOG)
@_project_options
@_solve_options
def demo(project: Any, settings: Any) -> None:
    """Run the whole chain on the sample company and show a plan.

    \b
    Example:
      inventory-allocation demo
    """
    project.variables["sample_company"] = True
    _run_and_show(project, settings)


@main.command(epilog=EPILOG)
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
@_warm_start_option
@_project_options
@_solve_options
def run(
    project: Any, settings: Any, sample_company: bool | None, approve: bool, warm_start: bool
) -> None:
    """Build the models, make a plan, put it in force and show it.

    \b
    Example:
      inventory-allocation run --no-sample-company --vars '{plan_periods: 6}'
      inventory-allocation run --draft && inventory-allocation runs
    """
    if sample_company is not None:
        project.variables["sample_company"] = sample_company
    _run_and_show(project, settings, approve=approve, warm_start=warm_start)


@main.command(epilog=EPILOG)
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
@_warm_start_option
@_project_options
@_solve_options
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
      inventory-allocation approve RUN && dbt build --select source:planning+
    Without someone to look at it first:
      inventory-allocation allocate --approve && dbt build --select source:planning+
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


_REBUILD = "`dbt build --select source:planning+` shows it in the marts"


@main.command(epilog=EPILOG)
@click.argument("run_id", metavar="RUN")
@click.option("--note", help="Why; kept in planning.plan_events.")
@_project_options
def approve(project: Any, run_id: str, note: str | None) -> None:
    """Put a draft in force: RUN is its id, or the beginning of it.

    \b
    Example:
      inventory-allocation approve 5bfd5f --note "agreed in Monday's meeting"
      dbt build --select source:planning+
    """
    from inventory_allocation.jobs.plan_life import approve_run
    from inventory_allocation.warehouse import open_warehouse

    warehouse = open_warehouse(project)
    try:
        whole, is_new = approve_run(project, warehouse, run_id, note)
    finally:
        warehouse.close()
    click.echo(f"plan {whole} is in force: {_REBUILD}" if is_new else f"plan {whole} was in force")


@main.command(epilog=EPILOG)
@click.argument("run_id", metavar="[RUN]", required=False)
@click.option("--note", help="Why; kept in planning.plan_events.")
@_project_options
def rollback(project: Any, run_id: str | None, note: str | None) -> None:
    """Put a plan in force again: RUN, or the one before the present.

    \b
    Example:
      inventory-allocation rollback --note "the forecast missed the strike"
      dbt build --select source:planning+
    """
    from inventory_allocation.jobs.plan_life import roll_back
    from inventory_allocation.warehouse import open_warehouse

    warehouse = open_warehouse(project)
    try:
        whole = roll_back(project, warehouse, run_id, note)
    finally:
        warehouse.close()
    click.echo(f"plan {whole} is in force again: {_REBUILD}")


@main.command(epilog=EPILOG)
@_project_options
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


@main.command("what-if", epilog=EPILOG)
@click.option("--set", "changes", multiple=True, help="A change of the inputs; may be repeated.")
@click.option(
    "--file", "path", type=click.Path(path_type=Path), help="YAML file with a list of changes."
)
@_project_options
@_solve_options(gap=0.02)
def what_if(project: Any, settings: Any, changes: tuple[str, ...], path: Path | None) -> None:
    """Plan from changed inputs, and show it beside the plan in force, which stays in force.

    A change is TABLE.KEY.COLUMN, then *, +, - or =, and a number; KEY is the id of a row, ids
    joined by > where it takes several, or * for all. The scenario is a run of its own.

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


@main.command("export-inputs", epilog=EPILOG)
@click.argument("directory", type=click.Path(path_type=Path))
@_project_options
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


@main.command("init-raw", epilog=EPILOG)
@_project_options
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


@main.command("load-raw", epilog=EPILOG)
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Replace rows that are in the tables.")
@_project_options
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


@main.command(epilog=EPILOG)
@click.option(
    "--scale",
    type=click.Choice(["small", "medium", "large"]),
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


def _panel_options(command: Any) -> Any:
    """Options of a command that reads a panel from a file."""
    options = [
        click.argument("panel", type=click.Path(exists=True, dir_okay=False, path_type=Path)),
        click.option(
            "--period",
            type=click.Choice(["day", "week", "month"]),
            default="week",
            show_default=True,
            help="What a row of the panel is.",
        ),
        click.option(
            "--forecast-periods",
            type=click.IntRange(min=1),
            default=13,
            show_default=True,
            help="How far ahead.",
        ),
        click.option(
            "--backtest-cutoffs",
            type=click.IntRange(min=0),
            default=12,
            show_default=True,
            help="Past origins that weights and intervals are learnt from.",
        ),
        click.option(
            "--series-column", default="series_id", show_default=True, help="Name of a series."
        ),
        click.option(
            "--period-column", default="period_start", show_default=True, help="Its dates."
        ),
        click.option("--units-column", default="units", show_default=True, help="Its demand."),
        click.option(
            "--adds-up-to",
            "hierarchy",
            multiple=True,
            metavar="COLUMN",
            help="What a series adds up to, the finest first: sku, then category. Repeat it.",
        ),
        click.option(
            "--in-common",
            "attributes",
            multiple=True,
            metavar="COLUMN",
            help="What else series have in common, such as segment or region: how the others do is "
            "a feature. Repeat it.",
        ),
        click.option(
            "--signals",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="Regressors, such as promotions or the weather: a file with columns signal_name, "
            "period_start, value, is_known_ahead, and optionally series_id (empty for all).",
        ),
        click.option(
            "--as-of",
            type=click.DateTime(["%Y-%m-%d"]),
            help="Last day whose rows count.  [default: today]",
        ),
        click.option("--seed", type=int, default=20260628, show_default=True, help="Seed."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def _read_panel(given: dict[str, Any], *more_columns: str) -> tuple[Any, Any, Any]:
    """The panel, the settings and the signals that the options of `_panel_options` ask for."""
    from inventory_allocation.forecasting import ForecastSettings
    from inventory_allocation.jobs.forecast_file import read_panel_file, read_signals_file

    settings = ForecastSettings(
        given["period"],
        given["forecast_periods"],
        given["backtest_cutoffs"],
        hierarchy=given["hierarchy"],
        attributes=given["attributes"],
        as_of=given["as_of"].date() if given["as_of"] else datetime.now(UTC).date(),
        seed=given["seed"],
    )
    columns = {
        "series_id": given["series_column"],
        "period_start": given["period_column"],
        "units": given["units_column"],
    }
    labels = (*settings.hierarchy, *settings.attributes, *more_columns)
    signals = read_signals_file(given["signals"]) if given["signals"] else None
    return read_panel_file(given["panel"], columns, labels), settings, signals


@main.command("forecast", epilog=EPILOG)
@_panel_options
@click.option(
    "--buckets",
    type=click.IntRange(min=1),
    help="Parts that are forecast on their own.  [default: one per 5,000 series; with "
    "--adds-up-to one]",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Processes, of use up to the buckets.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default=Path("build/forecasts"),
    show_default=True,
    help="Where to write.",
)
def forecast(buckets: int | None, workers: int, output: Path, **given: Any) -> None:
    """Forecast every series of a Parquet or CSV file, and say how well that went in the past.

    Writes forecasts, backtests, weights, repairs and signals as Parquet files. A column
    is_stockout, if there is one, marks periods whose sales say less than demand. No warehouse is
    needed.

    \b
    Example:
      inventory-allocation forecast sales.csv --period month --forecast-periods 6
      inventory-allocation forecast m5.parquet --series-column unique_id --period-column ds \\
        --units-column y --workers 2
    """
    from inventory_allocation.console import console, print_frame, show_progress
    from inventory_allocation.forecasting import run_in_processes, run_serially
    from inventory_allocation.jobs import forecast_file as job

    frame, settings, signals = _read_panel(given)
    usual = 1 if settings.hierarchy else max(1, -(-frame["series_id"].nunique() // 5_000))
    parts = buckets or usual
    with show_progress() as progress:

        def report(done: int, of: int) -> None:
            progress("forecast", done, of)

        report(0, parts)
        if workers > 1:
            found = run_in_processes(frame, settings, parts, workers, report, signals)
        else:
            found = run_serially(frame, settings, parts, report, signals)
    for path in job.write_forecasts(found, output):
        click.echo(f"written: {path}")
    if not found.repairs.empty:
        mended = found.repairs.groupby(["reason", "remedy"])["series_id"].nunique()
        print_frame("Mended", mended.rename("series").reset_index()[["reason", "series", "remedy"]])
    if not found.signals.empty:
        print_frame("Signals", found.signals)
    accuracy = job.summarize_accuracy(found.backtests)
    if accuracy.empty:
        console.print("no backtest: too little history for a past origin")
    else:
        print_frame("Accuracy over the backtest", accuracy)


@main.command("forecast-sensitivity", epilog=EPILOG)
@_panel_options
@click.option(
    "--held-out-by",
    metavar="COLUMN",
    help="Also forecast series by what those with other values of it taught, such as the centre.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default=Path("build/forecast_sensitivity.parquet"),
    show_default=True,
    help="Where to write the table.",
)
def forecast_sensitivity(held_out_by: str | None, output: Path, **given: Any) -> None:
    """What forecasts of a Parquet or CSV file depend on, and what a shock does to them.

    Holds the newest periods back and forecasts them again and again, one thing different at a time:
    without a model, a group of features or the say of sums; with other settings; after demand is
    halved or doubled, a promotion that stays out, periods that are lost. About 30 forecasts.

    \b
    Example:
      inventory-allocation forecast-sensitivity sales.csv --period month --forecast-periods 6
    """
    from inventory_allocation.console import print_frame, show_progress
    from inventory_allocation.forecasting import measure_sensitivity

    frame, settings, signals = _read_panel(given, *([held_out_by] if held_out_by else []))
    with show_progress() as progress:

        def report(done: int, of: int) -> None:
            progress("scenarios", done, of)

        table = measure_sensitivity(frame, settings, report, signals, held_out_by)
    output.parent.mkdir(parents=True, exist_ok=True)
    table.to_parquet(output, index=False)
    print_frame("Accuracy of the periods held back", table)
    click.echo(f"written: {output}")


@main.command("segment-figures", epilog=EPILOG)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default=Path("build/segments"),
    show_default=True,
    help="Where to write.",
)
@_project_options
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


@main.group(epilog=EPILOG)
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
@_project_options
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


main.add_command(replay)

if __name__ == "__main__":
    main()
