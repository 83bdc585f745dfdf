"""inventory-allocation alerts."""

from typing import Any

import click

from inventory_allocation.commands.options import EPILOG, project_options

__all__ = ["alerts"]


@click.command(epilog=EPILOG)
@click.option("--all", "show_all", is_flag=True, help="Also those that are over.")
@click.option("--test", "is_test", is_flag=True, help="Send a message to all addresses instead.")
@project_options
def alerts(project: Any, show_all: bool, is_test: bool) -> None:
    """List the alerts of the last build: what was seen, since when, and what to do.

    `inventory-allocation run` sends new ones to the addresses in the environment variable
    INVENTORY_ALLOCATION_ALERT_URLS, separated by spaces, as Apprise writes them.

    \b
    Example:
      inventory-allocation alerts
      export INVENTORY_ALLOCATION_ALERT_URLS="slack://TOKEN_A/TOKEN_B/TOKEN_C/#planning"
      inventory-allocation alerts --test
    """
    from inventory_allocation.console import print_frame
    from inventory_allocation.errors import InputError
    from inventory_allocation.jobs.notify import ADDRESSES, count_addresses, read_alerts, send
    from inventory_allocation.warehouse import open_warehouse

    if is_test:
        if not count_addresses():
            raise InputError(f"{ADDRESSES} is empty: there is nobody to send to")
        send("inventory allocation: a test", "Alerts of inventory allocation will come here.")
        click.echo(f"sent to {count_addresses()} addresses")
        return
    warehouse = open_warehouse(project)
    try:
        found = read_alerts(project, warehouse)
    finally:
        warehouse.close()
    shown = found if show_all else found[~found["is_resolved"].astype(bool)]
    columns = ["severity", "check_name", "entity", "first_seen", "last_seen", "is_resolved"]
    if shown.empty:
        click.echo("no alerts" if show_all else "no alerts now; --all lists those that are over")
        return
    print_frame("Alerts", shown[columns])
    for _, row in shown.iterrows():
        click.echo(f"{row['check_name']}, {row['entity']}: {row['cause']}.")
        click.echo(f"  {row['suggested_action']}")
