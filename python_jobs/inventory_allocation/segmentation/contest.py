"""Champion and challenger: a new fit takes over if it says more about what customers do next."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from inventory_allocation.frames import require_columns
from inventory_allocation.segmentation.kmeans import Labels, Matrix
from inventory_allocation.segmentation.outcomes import HISTORY
from inventory_allocation.segmentation.settings import SegmentSettings
from inventory_allocation.segmentation.stored_fits import Fit, select_fitted

__all__ = ["Contest", "explained_share", "hold_contest", "score_fit"]


class Contest(NamedTuple):
    """Who wins.

    Attributes:
        is_accepted: Whether the new fit takes over.
        score: `score_fit` of the new fit; NaN with too few customers.
        champion_score: The same of the fit in force; NaN where there is none.
        verdict: Why, in words.
    """

    is_accepted: bool
    score: float
    champion_score: float
    verdict: str


def explained_share(values: Matrix, labels: Labels) -> float:
    """Share of the variance of values that lies between groups, less what chance would give.

    Epsilon squared (Kelley 1935, An unbiased correlation ratio measure): more groups alone don't
    raise it.

    Args:
        values: A value for each customer, shape (customers,).
        labels: The group of each.

    Returns:
        At most 1; about 0, also below, where groups say nothing; 0 where nothing varies.
    """
    groups = pd.Series(values).groupby(labels)
    total = float(((values - values.mean()) ** 2).sum())
    freedom = len(values) - groups.ngroups
    if total <= 0 or freedom <= 0:
        return 0.0
    within = total - float((groups.size() * (groups.mean() - values.mean()) ** 2).sum())
    return 1 - within / freedom * (len(values) - 1) / total


def score_fit(history: pd.DataFrame, fit: Fit, settings: SegmentSettings) -> float:
    """How much segments say of what customers did after the newest earlier snapshot.

    Customers get the segment that their features of that day ask for. The time after it is held
    back from the features, not from the centres: those were fitted on features of a later day.

    Args:
        history: Features at earlier snapshots, with snapshots_back (1 the newest), next_spend and
            next_purchase_days: what followed each of them.
        fit: Centres.
        settings: Settings.

    Returns:
        Mean of two shares of variance explained, less what chance would give: of the ranks of
        spend, and of whether a customer bought again. NaN with too few customers.

    Raises:
        InputError: A column is missing.
    """
    require_columns(history, ["snapshots_back", "next_spend", "next_purchase_days"], HISTORY)
    customers = select_fitted(history[history["snapshots_back"] == 1], settings)
    if customers.empty:
        return float("nan")
    labels = fit.label(customers)
    spend = np.asarray(customers["next_spend"].rank(), dtype=np.float64)
    bought = np.asarray(customers["next_purchase_days"] > 0, dtype=np.float64)
    return (explained_share(spend, labels) + explained_share(bought, labels)) / 2


def hold_contest(
    history: pd.DataFrame, challenger: Fit, champion: Fit | None, settings: SegmentSettings
) -> Contest:
    """Let a new fit compete with the one in force.

    Args:
        history: As for `score_fit`.
        challenger: The new fit.
        champion: The fit in force; None where there is none with these settings.
        settings: Settings.

    Raises:
        InputError: A column is missing.
    """
    score = score_fit(history, challenger, settings)
    if champion is None:
        return Contest(True, score, float("nan"), "accepted: no fit of these settings in force")
    before = score_fit(history, champion, settings)
    if not np.isfinite(score):
        return Contest(True, score, before, "accepted: too few customers at the snapshot before")
    shares = f"{score:.4f} of what customers did next against {before:.4f}"
    if score > before:
        return Contest(True, score, before, f"accepted: it explains {shares}")
    return Contest(False, score, before, f"rejected: it explains {shares} by the fit in force")
