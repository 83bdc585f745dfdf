"""inventory-allocation: the command line.

Exit codes: 0 done, 1 failed, 2 wrong input or usage.
"""

import sys
from typing import Any

import click

from inventory_allocation import __version__
from inventory_allocation.commands import (
    alerts,
    dashboard,
    experiment,
    forecast,
    init,
    models,
    plans,
    raw,
    replay,
    report,
    run,
    segments,
)
from inventory_allocation.commands.options import EPILOG
from inventory_allocation.errors import InventoryAllocationError, exit_code

__all__ = ["main"]


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
            known = isinstance(error, InventoryAllocationError)
            text = str(error) if known else f"{type(error).__name__}: {error}"
            click.echo(f"Error: {' '.join(text.split())}", err=True)
            if not known:
                click.echo(
                    "Run again with `inventory-allocation --debug ...` for details.", err=True
                )
            ctx.exit(exit_code(error))


@click.group(cls=_Commands, epilog=EPILOG)
@click.version_option(__version__)
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def main(debug: bool) -> None:  # noqa: ARG001
    """Segments, demand forecasts and stock plans with a proven gap, inside your own warehouse.

    Start with `inventory-allocation demo`.
    """
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")


for _command in (
    run.demo,
    init.init,
    run.run,
    plans.allocate,
    plans.approve,
    plans.rollback,
    plans.rebuild_marts,
    plans.runs,
    plans.what_if,
    plans.export_inputs,
    dashboard.dashboard,
    report.report,
    alerts.alerts,
    raw.init_raw,
    raw.load_raw_command,
    raw.generate,
    forecast.forecast,
    forecast.forecast_sensitivity,
    segments.segment_figures,
    models.models,
    experiment.experiment,
    replay.replay,
):
    main.add_command(_command)

if __name__ == "__main__":
    main()
