"""Planning an experiment: how many units, and who gets what."""

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from statsmodels.stats.power import tt_ind_solve_power

from inventory_allocation.errors import InputError
from inventory_allocation.experiments import (
    ExperimentSettings,
    assign_units,
    measure_assignment,
    plan_sample_size,
)

IDS = [f"u{number:03d}" for number in range(61)]


def history(count, mean, deviation, correlation):
    """Two windows with exactly these moments."""
    rng = np.random.default_rng(1)
    first, second = rng.normal(size=(2, count))
    first = (first - first.mean()) / first.std(ddof=1)
    second -= second.mean() + first * (second @ first) / (first @ first)
    second /= second.std(ddof=1)
    values = correlation * first + np.sqrt(1 - correlation**2) * second
    return mean + deviation * values, 5.0 + 2.0 * first


@pytest.fixture(scope="module")
def covariates():
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(
        {
            "revenue_before": rng.lognormal(3, 1, len(IDS)),
            "orders_before": rng.poisson(4, len(IDS)).astype("float64"),
            "recency_days_before": rng.exponential(30, len(IDS)),
        }
    )
    frame.loc[::9, "recency_days_before"] = np.nan
    return frame


# --- sample size ---------------------------------------------------------------------------------


def test_a_medium_effect_needs_the_64_units_per_group_of_cohens_table():
    # d = 0.5: an effect of 0.1 of mean 100 with deviation 20 (Cohen 1988, table 2.4.1).
    plan = plan_sample_size(*history(200, 100.0, 20.0, 0.0), ExperimentSettings(seed=1))
    assert plan.units_needed == 128
    assert plan.mean == pytest.approx(100)
    assert plan.standard_deviation == pytest.approx(20)


@pytest.mark.parametrize("correlation", [0.5, -0.8])
def test_cuped_needs_as_many_as_the_smaller_deviation_asks_for(correlation):
    settings = ExperimentSettings(seed=1, minimum_effect=0.05, power_target=0.9, alpha=0.01)
    plan = plan_sample_size(*history(301, 100.0, 40.0, correlation), settings)
    assert plan.correlation == pytest.approx(correlation)
    left = 40.0 * np.sqrt(1 - correlation**2)
    for deviation, needed, found in (
        (40.0, plan.units_needed, plan.minimum_detectable_effect),
        (left, plan.units_needed_cuped, plan.minimum_detectable_effect_cuped),
    ):
        group = tt_ind_solve_power(effect_size=5.0 / deviation, alpha=0.01, power=0.9)
        assert needed == 2 * np.ceil(group)
        size = tt_ind_solve_power(nobs1=150, alpha=0.01, power=0.9)
        assert found == pytest.approx(size * deviation)


def test_a_plan_leaves_out_units_with_a_gap():
    values, before = history(100, 100.0, 20.0, 0.5)
    values[:10] = np.nan
    before[5:20] = np.nan
    plan = plan_sample_size(values, before, ExperimentSettings(seed=1))
    assert plan.units_at_hand == 80
    assert plan.mean == pytest.approx(values[20:].mean())
    assert plan.correlation == pytest.approx(np.corrcoef(values[20:], before[20:])[0, 1])


@pytest.mark.filterwarnings("error")
def test_a_history_that_says_little_gives_a_plan_that_says_so():
    settings = ExperimentSettings(seed=1)
    nothing = plan_sample_size([], [], settings)
    assert (nothing.units_at_hand, nothing.mean, nothing.units_needed) == (0, None, None)
    assert plan_sample_size([3.0], [2.0], settings).mean == 3.0
    flat = plan_sample_size([0.1] * 9, range(9), settings)
    assert (flat.standard_deviation, flat.units_needed, flat.correlation) == (0.0, None, None)
    around_zero = plan_sample_size([-1.0, 1.0, -1.0, 1.0], [1.0, 2.0, 3.0, 4.0], settings)
    assert around_zero.units_needed is None
    assert around_zero.minimum_detectable_effect > 0
    unknown = plan_sample_size([9.0, 11.0, 10.0, 12.0], [1.0] * 4, settings)
    assert unknown.correlation is None
    assert unknown.units_needed_cuped == unknown.units_needed
    large = plan_sample_size([9.9, 10.1, 10.0, 10.0], [1.0, 2.0, 1.0, 2.0], settings)
    assert large.units_needed == 4


def test_histories_of_different_units_are_refused():
    with pytest.raises(InputError, match="shapes"):
        plan_sample_size([1.0, 2.0], [1.0], ExperimentSettings(seed=1))


# --- assignment ----------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [2, 3, 4])
@pytest.mark.parametrize("is_balanced", [True, False])
def test_sizes_differ_by_at_most_one_and_each_unit_has_one_variant(covariates, count, is_balanced):
    variants = [f"v{number}" for number in range(count)]
    found = assign_units(IDS, covariates if is_balanced else None, variants, seed=1)
    assert found["unit_id"].tolist() == sorted(IDS)
    sizes = found["variant"].value_counts()
    assert set(sizes.index) == set(variants)
    assert sizes.max() - sizes.min() <= 1


@pytest.mark.parametrize("is_balanced", [True, False])
def test_assignment_is_seeded_and_knows_no_order(covariates, is_balanced):
    known = covariates if is_balanced else None
    first = assign_units(IDS, known, ["a", "b"], seed=1)
    order = np.random.default_rng(3).permutation(len(IDS))
    shuffled = covariates.iloc[order] if is_balanced else None
    again = assign_units([IDS[place] for place in order], shuffled, ["b", "a"], seed=1)
    assert_frame_equal(again, first)
    other = assign_units(IDS, known, ["a", "b"], seed=2)
    assert not other["variant"].equals(first["variant"])


def test_rerandomisation_balances_better_than_chance(covariates):
    worst = {"rerandomised": [], "plain": []}
    for seed in range(8):
        for name, known in (("rerandomised", covariates), ("plain", None)):
            found = assign_units(IDS, known, ["control", "a"], seed)
            table = measure_assignment(found, IDS, covariates)
            worst[name].append(table["standardized_mean_difference"].abs().max())
    assert np.mean(worst["rerandomised"]) < 0.5 * np.mean(worst["plain"])


def test_the_distance_is_among_the_best_hundredth_of_random_assignments(covariates):
    """Against Mahalanobis distances of assignments that are drawn here."""
    known = covariates[["orders_before"]].assign(other=np.arange(len(IDS)) % 7.0)
    inverse = np.linalg.inv(np.cov(known.to_numpy(), rowvar=False))

    values = known.to_numpy()

    def distance(is_treated):
        gap = values[is_treated].mean(axis=0) - values[~is_treated].mean(axis=0)
        return gap @ inverse @ gap

    rng = np.random.default_rng(4)
    random = [distance(rng.permutation(len(IDS)) < 30) for _ in range(3_000)]
    limit = np.quantile(random, 0.02)
    for seed in range(5):
        found = assign_units(IDS, known, ["control", "a"], seed)
        assert distance((found["variant"] == "a").to_numpy()) < limit


def test_every_unit_can_get_every_variant(covariates):
    shares = np.mean(
        [assign_units(IDS, covariates, ["a", "b"], seed)["variant"] == "a" for seed in range(14)],
        axis=0,
    )
    assert shares.min() > 0
    assert shares.max() < 1


def test_one_of_the_best_is_taken_and_not_the_best():
    """Of 252 assignments of ten units the best one and its mirror image would be only two."""
    known = pd.DataFrame({"x": np.random.default_rng(6).normal(size=10)})
    found = {tuple(assign_units(IDS[:10], known, ["a", "b"], seed)["variant"]) for seed in range(9)}
    assert len(found) > 2


def test_balance_of_an_assignment_by_hand(covariates):
    found = assign_units(IDS, covariates, ["control", "a"], seed=5)
    table = measure_assignment(found, IDS, covariates).set_index("covariate")
    groups = [
        covariates.loc[(found["variant"] == name).to_numpy(), "orders_before"]
        for name in ("a", "control")
    ]
    spread = np.sqrt((groups[0].var() + groups[1].var()) / 2)
    expected = (groups[0].mean() - groups[1].mean()) / spread
    assert table.loc["orders_before", "standardized_mean_difference"] == pytest.approx(expected)
    assert table.index.tolist() == [*covariates.columns, "recency_days_before_is_missing"]
    assert set(table["control_variant"]) == {"control"}


@pytest.mark.filterwarnings("error")
def test_covariates_that_say_nothing_do_not_hinder():
    empty = pd.DataFrame({"constant": 1.0, "unknown": np.nan}, index=range(len(IDS)))
    assert len(assign_units(IDS, empty, ["a", "b"], seed=1)) == len(IDS)
    twice = pd.DataFrame({"x": np.arange(61.0), "same": np.arange(61.0) * 2})
    assert len(assign_units(IDS, twice, ["a", "b"], seed=1)) == len(IDS)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((IDS, None, ["a"]), "at least two"),
        ((IDS, None, ["a", "a"]), "at least two"),
        ((["x", "x"], None, ["a", "b"]), "more than once"),
        ((["x"], None, ["a", "b"]), "fewer than 2 variants"),
        ((IDS, pd.DataFrame({"x": [1.0]}), ["a", "b"]), "1 rows for 61 units"),
    ],
)
def test_assignments_that_cannot_be_made_are_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        assign_units(*arguments, seed=1)
