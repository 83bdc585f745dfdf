"""The unit of analysis: what was assigned, a unit or a cluster of units."""

import pandas as pd

from inventory_allocation.experiments.columns import COVARIATES, METRICS

__all__ = ["is_assigned_by_cluster", "to_analysis_units"]


def is_assigned_by_cluster(units: pd.DataFrame) -> bool:
    """Whether the units of each cluster share a variant and some cluster has 2 or more of them.

    Args:
        units: Units of one experiment: variant, cluster_id (null: in no cluster).
    """
    clusters = units[units["cluster_id"].notna()].groupby("cluster_id")["variant"]
    variants_per_cluster = clusters.nunique()
    return bool((variants_per_cluster == 1).all() and (clusters.size() > 1).any())


def to_analysis_units(units: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Replace units that were assigned by cluster by the means of their clusters.

    Units of one cluster are alike, so counting each as an observation of its own overstates what
    is known; the mean of each cluster is one observation (Donner and Klar 2000). A unit in no
    cluster stands for itself.

    Args:
        units: Units of one experiment, sorted by unit_id, with the columns of the input.

    Returns:
        Variant, metrics and covariates by unit of analysis, sorted; and its name, `unit` or
        `cluster`.
    """
    columns = [*METRICS, *COVARIATES]
    if not is_assigned_by_cluster(units):
        return units[["variant", *columns]].reset_index(drop=True), "unit"
    in_cluster = units["cluster_id"].notna()
    owner = units["cluster_id"].where(in_cluster, units["unit_id"])
    means = units[columns].groupby([units["variant"], in_cluster, owner]).mean()
    return means.reset_index("variant").reset_index(drop=True), "cluster"
