"""Who gets which variant: at random, among assignments that are balanced."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from inventory_allocation.errors import InputError
from inventory_allocation.experiments.balance import (
    pooled_spread,
    split_covariates,
    standardized_differences,
)
from inventory_allocation.experiments.covariates import scale_covariates
from inventory_allocation.experiments.split import choose_control
from inventory_allocation.one_thread import one_thread
from inventory_allocation.statistics.two_groups import Values

__all__ = ["assign_units", "measure_assignment"]

DRAWS = 1_000
KEPT_DRAWS = 10


def _draw(units: int, variants: int, seed: int, number: int) -> npt.NDArray[np.int64]:
    """Draw the variant of each unit; sizes differ by at most one, and chance says which."""
    rng = np.random.default_rng([seed, number])
    labels = rng.permutation(variants)[np.arange(units) % variants]
    shuffled: npt.NDArray[np.int64] = rng.permutation(labels)
    return shuffled


def _distance(covariates: Values, labels: npt.NDArray[np.int64], variants: int) -> float:
    """Distance of the variants' means from the overall mean, over all variants.

    Args:
        covariates: With mean 0 and, over units, the identity as covariance.
        labels: Variant of each unit.
        variants: Number of variants.

    Returns:
        Sum of size times squared distance; for two equal variants the Mahalanobis distance
        between them, but for a constant.
    """
    chosen = np.eye(variants)[labels]
    totals = chosen.T @ covariates
    return float(((totals**2).sum(axis=1) / chosen.sum(axis=0)).sum())


def _whiten(covariates: Values) -> Values:
    """Turn and scale columns to the identity as covariance, without those that repeat others."""
    turned, sizes, _ = np.linalg.svd(covariates, full_matrices=False)
    whitened: Values = turned[:, sizes > 1e-8 * sizes.max(initial=0.0)]
    return whitened


@one_thread()
def assign_units(
    unit_ids: Sequence[str],
    covariates: pd.DataFrame | None,
    variants: Sequence[str],
    seed: int,
) -> pd.DataFrame:
    """Assign units to variants at random, balanced by rerandomisation (Morgan and Rubin 2012).

    Of 1,000 random assignments into variants whose sizes differ by at most one, one of the 10
    with the smallest Mahalanobis distance between the variants is taken at random. Without
    covariates the first is taken. With fewer than a dozen units little of the randomness is left:
    there are not many assignments, and the best ones are few.

    Args:
        unit_ids: Units, each once, in any order.
        covariates: Numbers known before the start, a row per unit in the order of `unit_ids`,
            null where not known; None for plain randomisation.
        variants: Names, at least two, in any order.
        seed: Seed of the draws.

    Returns:
        One row per unit, sorted: unit_id, variant.

    Raises:
        InputError: A unit or variant appears twice, there are fewer than two variants or fewer
            units than variants, or the covariates are not of the units.
    """
    names, ids = sorted(variants), list(unit_ids)
    if len(names) < 2 or len(set(names)) < len(names):
        raise InputError(f"variants are {names}; at least two different ones are needed")
    if len(set(ids)) < len(ids):
        raise InputError("unit_ids has a unit more than once")
    if len(ids) < len(names):
        raise InputError(f"{len(ids)} units are fewer than {len(names)} variants")
    if covariates is not None and len(covariates) != len(ids):
        raise InputError(f"covariates has {len(covariates)} rows for {len(ids)} units")
    order = np.argsort(np.array(ids, dtype=object), kind="stable")
    chosen = 0
    if covariates is not None:
        matrix = _whiten(scale_covariates(covariates.iloc[order], is_unskewed=True))
        distances = [
            _distance(matrix, _draw(len(order), len(names), seed, number), len(names))
            for number in range(DRAWS)
        ]
        best = np.argsort(distances, kind="stable")[:KEPT_DRAWS]
        chosen = int(np.random.default_rng([seed, DRAWS]).choice(best))
    labels = _draw(len(order), len(names), seed, chosen)
    frame = pd.DataFrame(
        {
            "unit_id": [ids[position] for position in order],
            "variant": [names[label] for label in labels],
        }
    )
    return frame.astype("string")


def measure_assignment(
    assignment: pd.DataFrame, unit_ids: Sequence[str], covariates: pd.DataFrame
) -> pd.DataFrame:
    """Measure how balanced an assignment is.

    Args:
        assignment: From `assign_units`.
        unit_ids: Units in the order of the rows of `covariates`.
        covariates: As for `assign_units`.

    Returns:
        One row per variant but the control and covariate: variant, control_variant, covariate,
        treated_mean, control_mean, standardized_mean_difference. The control is the variant named
        control, else the first.
    """
    variant = assignment.set_index("unit_id")["variant"].loc[list(unit_ids)].to_numpy()
    control = choose_control(sorted(set(variant)))
    frames = []
    for name in sorted(set(variant) - {control}):
        groups = split_covariates(covariates[variant == name], covariates[variant == control])
        found = standardized_differences(*groups, pooled_spread(*groups))
        found = found.rename_axis("covariate").reset_index()
        found.insert(0, "control_variant", control)
        found.insert(0, "variant", name)
        frames.append(found)
    return pd.concat(frames, ignore_index=True)
