"""inventory-allocation dashboard."""

from typing import Any

import click

from inventory_allocation.commands.options import EPILOG, project_options

__all__ = ["dashboard"]


@click.command(epilog=EPILOG)
@click.option(
    "--allow-approval",
    is_flag=True,
    help="Let whoever can open it approve plans and go back to earlier ones.",
)
@click.option(
    "--address",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on. It has no login: see docs/dashboard.md before you change this.",
)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8501,
    show_default=True,
    help="Port to listen on.",
)
@click.option("--open/--no-open", "opens", default=True, help="Open a browser.")
@project_options
def dashboard(project: Any, allow_approval: bool, address: str, port: int, opens: bool) -> None:
    """Show the plan, forecasts, segments and alerts as pages in a browser.

    It reads a DuckDB file or Postgres, and never keeps a build waiting. What-ifs are planned there
    and not kept. Ctrl-C ends it. Needs: pip install 'inventory-allocation[dashboard]'.

    \b
    Example:
      inventory-allocation dashboard
      inventory-allocation dashboard --port 8600 --allow-approval
    """
    from inventory_allocation.dashboard.server import serve

    serve(project, address=address, port=port, opens=opens, can_approve=allow_approval)
