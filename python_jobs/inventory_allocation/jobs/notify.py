"""Sending alerts to people: mail, Slack, Teams, a webhook, whatever Apprise knows."""

import os
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd

from inventory_allocation.errors import InputError, InventoryAllocationError
from inventory_allocation.frames import to_arrow, to_pandas
from inventory_allocation.jobs.data_age import find_old_orders, say_what_is_over
from inventory_allocation.warehouse import DbtProject, Warehouse, open_warehouse

__all__ = ["ADDRESSES", "count_addresses", "is_quiet", "read_alerts", "send", "send_alerts"]

# Addresses hold passwords and tokens: they come from the environment, never from a var.
ADDRESSES = "INVENTORY_ALLOCATION_ALERT_URLS"
ALERTS = "fct_alerts"
RAISED, RESOLVED = "raised", "resolved"


def is_quiet(now: datetime, quiet_hours: str | None, time_zone: str) -> bool:
    """Whether a moment is within the quiet hours, such as 22:00-07:00 there.

    Raises:
        InputError: The hours or the time zone can't be read.
    """
    if quiet_hours is None:
        return False
    try:
        begin, end = (time.fromisoformat(part.strip()) for part in quiet_hours.split("-"))
        here = now.astimezone(ZoneInfo(time_zone)).time().replace(tzinfo=None)
    except (ValueError, ZoneInfoNotFoundError) as error:
        raise InputError(
            f"var alert_quiet_hours is {quiet_hours!r} and alert_time_zone {time_zone!r}: write "
            "them as '22:00-07:00' and 'Europe/Paris'"
        ) from error
    return begin <= here < end if begin <= end else here >= begin or here < end


def count_addresses() -> int:
    """How many addresses the environment names."""
    return len(os.environ.get(ADDRESSES, "").split())


def send(title: str, body: str) -> None:
    """Send a message to all addresses of the environment; none is no error.

    Raises:
        InputError: An address can't be read, or the extra for alerts isn't installed.
        InventoryAllocationError: A message couldn't be delivered.
    """
    addresses = os.environ.get(ADDRESSES, "").split()
    if not addresses:
        return
    try:
        from apprise import Apprise
    except ImportError as error:
        raise InputError(
            f"{ADDRESSES} is set: `pip install 'inventory-allocation[alerts]'` sends to it"
        ) from error
    messenger = Apprise()
    for number, address in enumerate(addresses, 1):
        if not messenger.add(address):
            kind = address.partition("://")[0]
            raise InputError(
                f"address {number} of {ADDRESSES} ({kind}://...) is none that Apprise knows"
            )
    if not messenger.notify(body=body, title=title):
        kinds = ", ".join(address.partition("://")[0] for address in addresses)
        raise InventoryAllocationError(
            f"an alert could not be delivered to one of {len(addresses)} addresses ({kinds}); the "
            "next run tries again"
        )


def read_alerts(project: DbtProject, warehouse: Warehouse) -> pd.DataFrame:
    """All alerts of the last build, newest first."""
    alerts = to_pandas(warehouse.query(f"select * from {project.model_relation(ALERTS)}"))
    return alerts.sort_values(["last_seen", "alert_id"], ascending=[False, True], ignore_index=True)


def _choose(alerts: pd.DataFrame, sent: pd.DataFrame, quiet: bool) -> pd.DataFrame:
    """What is to be said: alerts that were not raised yet, and those that went away since."""
    said = set(zip(sent["alert_id"], sent["event"], strict=True))
    was_raised = [(name, RAISED) in said for name in alerts["alert_id"]]
    was_resolved = [(name, RESOLVED) in said for name in alerts["alert_id"]]
    is_resolved = alerts["is_resolved"].astype(bool)
    new = alerts[~is_resolved & ~pd.Series(was_raised, index=alerts.index)].assign(event=RAISED)
    gone = alerts[
        is_resolved
        & pd.Series(was_raised, index=alerts.index)
        & ~pd.Series(was_resolved, index=alerts.index)
    ].assign(event=RESOLVED)
    chosen = pd.concat([new, gone])
    if quiet:
        # The rest is said when the quiet hours are over.
        chosen = chosen[(chosen["severity"] == "error") & (chosen["event"] == RAISED)]
    return chosen.sort_values(["event", "severity", "alert_id"], ignore_index=True)


def _describe(chosen: pd.DataFrame) -> str:
    lines = []
    for _, row in chosen.iterrows():
        what = f"{row['check_name']}, {row['entity']}"
        if row["event"] == RESOLVED:
            lines.append(f"resolved: {what}")
        else:
            since = f"since {row['first_seen']:%Y-%m-%d}"
            lines.append(
                f"{row['severity']}: {what} ({since}): {row['cause']}. {row['suggested_action']}"
            )
    return "\n".join(lines)


def send_alerts(project: DbtProject, now: datetime) -> int:
    """Send alerts that nobody was told of, in one message, and note that they were.

    That the newest order is old is one of them.

    Alerts that are over are said to be so, once. In the quiet hours only errors are sent; the rest
    waits for a run after them.

    Args:
        project: The project; vars alert_quiet_hours and alert_time_zone.
        now: The moment.

    Returns:
        How many were sent; without an address none is.

    Raises:
        InputError: An address or the quiet hours can't be read.
        InventoryAllocationError: The message couldn't be delivered; it stays to be sent.
    """
    if not count_addresses():
        return 0
    meta = project.model_meta(ALERTS)
    quiet = is_quiet(now, meta["alert_quiet_hours"], meta["alert_time_zone"])
    relation = str(project.source_node("operations", "alert_notifications").relation_name)
    warehouse = open_warehouse(project)
    try:
        sent = to_pandas(warehouse.query(f"select * from {relation}"))
        old_orders = say_what_is_over(find_old_orders(project, warehouse, now), sent)
        alerts = read_alerts(project, warehouse)
        found = pd.concat([part for part in (alerts, old_orders) if len(part)] or [alerts])
        chosen = _choose(found.reset_index(drop=True), sent, quiet)
        if chosen.empty:
            return 0
        send(f"inventory allocation: {len(chosen)} alerts", _describe(chosen))
        rows = chosen[["alert_id", "event", "severity"]].assign(
            loaded_at=now.astimezone(UTC).replace(tzinfo=None)
        )
        schema = project.source_schema("operations", "alert_notifications")
        warehouse.append(relation, to_arrow(rows, schema))
    finally:
        warehouse.close()
    return len(chosen)
