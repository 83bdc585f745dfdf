"""The life of a fit: asked for, rolled back to; what is in force is in fct_model_registry.

What is asked for is a row in `planning.model_events`; nothing is ever changed there.
"""

import pandas as pd

from inventory_allocation.errors import InputError
from inventory_allocation.frames import to_arrow, to_pandas
from inventory_allocation.jobs.events import find_user, next_moment
from inventory_allocation.jobs.notify import read_alerts
from inventory_allocation.segmentation import MODEL_NAME
from inventory_allocation.warehouse import DbtProject, Warehouse

__all__ = ["read_registry", "request_refit", "request_refit_on_drift", "roll_back_fit"]

REGISTRY = "fct_model_registry"
DRIFTS = ("feature_drift", "segment_drift")


def read_registry(project: DbtProject, warehouse: Warehouse) -> pd.DataFrame:
    """Every fit as of the last build, newest first; columns as `fct_model_registry`.

    Raises:
        InputError: It wasn't built yet.
    """
    fits = to_pandas(warehouse.query(f"select * from {project.model_relation(REGISTRY)}"))
    fits["fitted_on"] = pd.to_datetime(fits["fitted_on"])
    order = ["model_name", "fitted_on", "version"]
    return fits.sort_values(order, ascending=[True, False, True], ignore_index=True)


def _read_as_of(project: DbtProject, warehouse: Warehouse) -> pd.Timestamp:
    relation = project.model_relation("int_calendar__determine_as_of")
    return pd.Timestamp(warehouse.query(f"select as_of from {relation}")["as_of"][0].as_py())


def _record_event(
    project: DbtProject, warehouse: Warehouse, event: str, version: str | None, note: str | None
) -> None:
    row = pd.DataFrame(
        {
            "model_name": [MODEL_NAME],
            "event": [event],
            "version": [version],
            "as_of": [_read_as_of(project, warehouse)],
            "note": [note],
            "created_by": [find_user()],
            "loaded_at": [next_moment(project, warehouse, "operations", "model_events")],
        }
    )
    relation = str(project.source_node("operations", "model_events").relation_name)
    schema = project.source_schema("operations", "model_events")
    warehouse.append(relation, to_arrow(row, schema))


def roll_back_fit(
    project: DbtProject, warehouse: Warehouse, version: str | None = None, note: str | None = None
) -> str:
    """Put a fit of segments in force again, from the next build on.

    Args:
        project: The project.
        warehouse: Where its tables are.
        version: Version, or the beginning of one; by default the newest that was superseded.
        note: Why.

    Returns:
        The whole version.

    Raises:
        InputError: There is no such fit, it is in force, or it was made with other settings, which
            the next build would not use.
    """
    fits = read_registry(project, warehouse)
    fits = fits[fits["model_name"] == MODEL_NAME]
    in_force = fits[fits["state"] == "in_force"]["version"]
    settings = in_force.iloc[0].rpartition("-")[2] if len(in_force) else ""
    if version is None:
        is_before = (fits["state"] == "superseded") & fits["version"].str.endswith(settings)
        found, problem = fits[is_before][:1], "no fit was in force before this one"
    else:
        found = fits[fits["version"].str.startswith(version)]
        problem = f"{'several fits begin' if len(found) else 'no fit begins'} with {version}"
    if len(found) != 1:
        raise InputError(f"{problem}: `inventory-allocation models list` lists them")
    fit = found.iloc[0]
    if fit["state"] == "in_force":
        raise InputError(f"fit {fit['version']} is in force")
    if fit["state"] == "rejected":
        raise InputError(
            f"fit {fit['version']} was rejected ({fit['verdict']}): it was never in force"
        )
    if not fit["version"].endswith(settings):
        raise InputError(
            f"fit {fit['version']} was made with other segment vars than the one in force: set "
            "them back, and the next build fits again"
        )
    _record_event(project, warehouse, "rolled_back", str(fit["version"]), note)
    return str(fit["version"])


def request_refit(project: DbtProject, warehouse: Warehouse, note: str | None = None) -> None:
    """Ask for a fit of segments before it is due: the next build on data of a later day makes it.

    Raises:
        InputError: Nothing was built yet.
    """
    _record_event(project, warehouse, "refit_requested", None, note)


def request_refit_on_drift(project: DbtProject, warehouse: Warehouse) -> str | None:
    """Ask for a fit where customers or segments drifted since the last one, once.

    Returns:
        What drifted; None where nothing did, var segment_refit_on_drift is false, or nothing was
        built yet.
    """
    if not project.model_meta(REGISTRY)["segment_refit_on_drift"]:
        return None
    try:
        fits = read_registry(project, warehouse)
        alerts = read_alerts(project, warehouse)
        relation = project.model_relation("stg_operations__model_events")
        events = to_pandas(warehouse.query(f"select * from {relation}"))
    except InputError:
        return None
    last = fits.loc[fits["model_name"] == MODEL_NAME, "fitted_on"].max()
    is_new = (
        alerts["check_name"].isin(DRIFTS)
        & ~alerts["is_resolved"].astype(bool)
        & (pd.to_datetime(alerts["first_seen"]) > last)
    )
    asked = events["event"].eq("refit_requested") & (pd.to_datetime(events["as_of"]) >= last)
    if not is_new.any() or asked.any():
        return None
    what = ", ".join(sorted(alerts["check_name"][is_new] + " of " + alerts["entity"][is_new]))
    request_refit(project, warehouse, f"on drift: {what}")
    return what
