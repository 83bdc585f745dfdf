"""Writing a replay to the warehouse."""

import hashlib
from datetime import UTC, datetime

import pandas as pd

from inventory_allocation.frames import to_arrow
from inventory_allocation.warehouse import DbtProject, Warehouse

__all__ = ["publish_replay"]

CLAIMS = {
    "equal": "held_equal",
    "low": "effect_low",
    "high": "effect_high",
    "source": "source_claim",
}


def publish_replay(
    project: DbtProject,
    warehouse: Warehouse,
    rows: pd.DataFrame,
    claims: pd.DataFrame,
    first_counted: pd.Timestamp,
) -> tuple[str, bool]:
    """Write measures and claims in one transaction; the same rows are not written twice.

    Args:
        project: The project, whose tables are there.
        warehouse: Where to write.
        rows: company, condition, policy, setting, period_start, cluster, measure, value.
        claims: As from `judge_claims`.
        first_counted: First day of the first period that counts.

    Returns:
        The run id, a hash of the rows, and whether they were written.
    """
    text = rows.to_csv(index=False, float_format="%.12g")
    run_id = hashlib.sha256(text.encode()).hexdigest()[:16]
    now = datetime.now(UTC).replace(tzinfo=None)
    periods = rows["period_start"]
    run = {
        "companies": ", ".join(sorted(rows["company"].unique())),
        "first_period_start": periods.min(),
        "first_counted_period_start": first_counted,
        "last_period_start": periods.max(),
    }
    found = claims.rename(columns=CLAIMS)
    tables = {
        "replay_runs": pd.DataFrame([run]),
        "policy_replay": rows.assign(is_training=periods < first_counted),
        "policy_claims": found.assign(source_claim=found["source_claim"].replace("", None)),
    }
    relations = {name: str(project.source_node("replay", name).relation_name) for name in tables}
    written = warehouse.publish(
        relations["replay_runs"],
        run_id,
        {
            relations[name]: to_arrow(
                frame.assign(run_id=run_id, loaded_at=now), project.source_schema("replay", name)
            )
            for name, frame in tables.items()
        },
    )
    return run_id, written
