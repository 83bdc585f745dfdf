"""Pairs of a treated and a control unit that were about as likely to be treated."""

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from inventory_allocation.experiments.columns import COVARIATES
from inventory_allocation.experiments.covariates import scale_covariates
from inventory_allocation.experiments.propensity import fit_propensity
from inventory_allocation.statistics.two_groups import Values

__all__ = ["Matching", "match_nearest", "match_variants"]

CALIPER = 0.2

Positions = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Matching:
    """Treated and control units, and the pairs among them.

    Attributes:
        treated: All treated units, sorted.
        control: All control units, sorted.
        treated_rows: Position of the treated unit of each pair.
        control_rows: Position of its control unit.
        treated_covariates: Scaled covariates of the treated of each pair, (pairs, columns), not
            on a log scale: that one suits the odds of being treated, this one a mean.
        control_covariates: The same of the control units.
    """

    treated: pd.DataFrame
    control: pd.DataFrame
    treated_rows: Positions
    control_rows: Positions
    treated_covariates: Values
    control_covariates: Values

    @property
    def matched_share(self) -> float:
        """Share of the treated that found a match."""
        return len(self.treated_rows) / len(self.treated)


def match_nearest(
    treated: Values, control: Values, caliper: float, seed: int
) -> tuple[Positions, Positions]:
    """Match each treated score with the nearest control score that is still free.

    The treated choose in a random order, which bears no relation to their scores.

    Args:
        treated: Scores of the treated.
        control: Scores of the control units.
        caliper: Largest distance of a pair.
        seed: Seed of the order.

    Returns:
        Positions of the treated, rising, and of their control units.
    """
    order = np.argsort(control, kind="stable")
    free, scores = order.tolist(), control[order].tolist()
    pairs = []
    for position in np.random.default_rng(seed).permutation(len(treated)).tolist():
        score = float(treated[position])
        above = bisect_left(scores, score)
        near = [place for place in (above - 1, above) if 0 <= place < len(scores)]
        best = min(near, key=lambda place: abs(scores[place] - score), default=None)
        if best is not None and abs(scores[best] - score) <= caliper:
            pairs.append((position, free.pop(best)))
            scores.pop(best)
    matched = np.array(sorted(pairs), dtype="int64").reshape(-1, 2)
    return matched[:, 0], matched[:, 1]


def match_variants(treated: pd.DataFrame, control: pd.DataFrame, seed: int) -> Matching:
    """Match treated and control units one to one on the logit of the propensity score.

    Nearest neighbour without replacement, within a caliper of 0.2 standard deviations of the
    logit, pooled over the groups (Austin 2011).

    Args:
        treated: Treated units, sorted, with the covariates.
        control: Control units, the same.
        seed: Seed of the order in which the treated choose.

    Returns:
        The pairs; none when no covariate varies, for then nothing was compared.
    """
    both = pd.concat([treated[COVARIATES], control[COVARIATES]], ignore_index=True)
    covariates = scale_covariates(both, is_unskewed=False)
    is_treated = np.arange(len(both)) < len(treated)
    rows = control_rows = np.empty(0, dtype="int64")
    if covariates.shape[1]:
        logit = fit_propensity(scale_covariates(both, is_unskewed=True), is_treated)
        groups = logit[is_treated], logit[~is_treated]
        caliper = CALIPER * float(np.sqrt((groups[0].var() + groups[1].var()) / 2))
        rows, control_rows = match_nearest(*groups, caliper, seed)
    return Matching(
        treated,
        control,
        rows,
        control_rows,
        covariates[is_treated][rows],
        covariates[~is_treated][control_rows],
    )
