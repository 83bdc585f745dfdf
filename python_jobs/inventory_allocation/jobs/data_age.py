"""How old the newest order is: where loading stopped, every table still looks healthy."""

from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from inventory_allocation.frames import to_pandas
from inventory_allocation.warehouse import DbtProject, Warehouse

__all__ = ["find_old_orders", "say_what_is_over"]

CHECK = "data_age"
ENTITY = "order lines"
ACTION = "See why no orders are loaded; plans and checks stay at that day until they are."
COLUMNS = [
    "alert_id",
    "check_name",
    "entity",
    "severity",
    "cause",
    "suggested_action",
    "first_seen",
    "is_resolved",
]


def _limit(threshold: Any) -> timedelta | None:
    """How long a source may go without a row: dbt's words for it are minute, hour and day."""
    if threshold is None or threshold.count is None:
        return None
    return timedelta(**{f"{threshold.period.value}s": threshold.count})


def say_what_is_over(old: pd.DataFrame, sent: pd.DataFrame) -> pd.DataFrame:
    """Add to `find_old_orders` what was sent of it before, as over where nothing is old now.

    Args:
        old: What `find_old_orders` found.
        sent: alert_id, event: what people were told.
    """
    if len(old):
        return old
    ids = sorted({name for name in sent["alert_id"] if str(name).startswith(f"{CHECK}|")})
    over = pd.DataFrame({"alert_id": ids}, columns=COLUMNS)
    return over.assign(check_name=CHECK, entity=ENTITY, is_resolved=True)


def find_old_orders(project: DbtProject, warehouse: Warehouse, now: datetime) -> pd.DataFrame:
    """An alert where the newest order is older than the source freshness of `raw` allows.

    Args:
        project: The project; `freshness` of its source `raw`.
        warehouse: The warehouse.
        now: The moment, with a time zone.

    Returns:
        At most one row: alert_id, check_name, entity, severity, cause, suggested_action,
        first_seen, is_resolved. None where there is no order, or none but the sample company's.
    """
    node = project.source_node("raw", "transactions")
    nothing = pd.DataFrame(columns=COLUMNS)
    if project.model_meta("fct_alerts")["sample_company"] or node.freshness is None:
        return nothing
    rows = to_pandas(
        warehouse.query(
            # A date in the future is a mistake, and says nothing of loading.
            f"select max(ordered_at) as newest from {node.relation_name} "
            "where ordered_at <= current_timestamp"
        )
    )
    newest = pd.Timestamp(rows["newest"].iloc[0])
    if pd.isna(newest):
        return nothing
    newest = newest.tz_localize("UTC") if newest.tzinfo is None else newest
    age = now - newest
    for severity, threshold in (
        ("error", node.freshness.error_after),
        ("warning", node.freshness.warn_after),
    ):
        limit = _limit(threshold)
        if limit is not None and age > limit:
            cause = f"the newest order is of {newest:%Y-%m-%d}, {age.days} days ago"
            key = f"{CHECK}|{newest:%Y-%m-%d}|{severity}"
            row = (key, CHECK, ENTITY, severity, cause, ACTION, newest.tz_localize(None), False)
            return pd.DataFrame([row], columns=COLUMNS)
    return nothing
