"""inventory-allocation forecast and forecast-sensitivity."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from inventory_allocation.commands.options import EPILOG

__all__ = ["forecast", "forecast_sensitivity"]


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


@click.command("forecast", epilog=EPILOG)
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


@click.command("forecast-sensitivity", epilog=EPILOG)
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
