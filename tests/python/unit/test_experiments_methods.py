"""The statistics of experiments against other libraries, published numbers and brute force."""

import itertools

import numpy as np
import pandas as pd
import pytest
from experiment_cases import SETTINGS, simulate_confounded
from scipy import stats
from scipy.special import expit
from statsmodels.discrete.discrete_model import Logit
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestIndPower, ttest_power
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW
from statsmodels.tools import add_constant

from inventory_allocation.errors import InputError
from inventory_allocation.experiments import ExperimentSettings
from inventory_allocation.experiments.bootstrap import bootstrap_interval
from inventory_allocation.experiments.covariates import scale_covariates
from inventory_allocation.experiments.cuped import adjust_by_before, compare_cuped
from inventory_allocation.experiments.matched_pairs import adjust_differences, compare_pairs
from inventory_allocation.experiments.matching import match_nearest, match_variants
from inventory_allocation.experiments.power import minimum_detectable_effect, power_to_detect
from inventory_allocation.experiments.propensity import fit_propensity
from inventory_allocation.experiments.sensitivity import sensitivity_gamma, signed_rank_bound
from inventory_allocation.statistics.corrections import correct_bonferroni, correct_holm
from inventory_allocation.statistics.two_groups import Comparison, compare_welch

RNG = np.random.default_rng(20)
TREATED, CONTROL = RNG.gamma(2, 30, 45), RNG.gamma(2, 20, 70)

# Blood lead of children of workers with lead, and of their matched neighbours (Morton et al.
# 1982), as in Rosenbaum (2002), section 4.3.
LEAD_EXPOSED = [
    *(38, 23, 41, 18, 37, 36, 23, 62, 31, 34, 24, 14, 21, 17, 16, 20, 15),
    *(10, 45, 39, 22, 35, 49, 48, 44, 35, 43, 39, 34, 13, 73, 25, 27),
]
LEAD_CONTROL = [
    *(16, 18, 18, 24, 19, 11, 10, 15, 16, 18, 18, 13, 19, 10, 16, 16, 24),
    *(13, 9, 14, 21, 19, 7, 18, 19, 12, 11, 22, 25, 16, 13, 11, 13),
]
LEAD = np.array(LEAD_EXPOSED, dtype="float64") - np.array(LEAD_CONTROL)


# --- Welch, d, corrections, bootstrap ------------------------------------------------------------


@pytest.mark.parametrize("alpha", [0.05, 0.2])
def test_welch_equals_statsmodels(alpha):
    found = compare_welch(TREATED, CONTROL, alpha)
    truth = CompareMeans(DescrStatsW(TREATED), DescrStatsW(CONTROL))
    _, p_value, degrees = truth.ttest_ind(usevar="unequal")
    lower, upper = truth.tconfint_diff(alpha=alpha, usevar="unequal")
    assert found.effect == pytest.approx(TREATED.mean() - CONTROL.mean(), rel=1e-12)
    assert found.p_value == pytest.approx(p_value, rel=1e-9)
    assert found.degrees == pytest.approx(degrees, rel=1e-9)
    assert [found.effect_lower, found.effect_upper] == pytest.approx([lower, upper], rel=1e-9)
    assert found.standard_error == pytest.approx(truth.std_meandiff_separatevar, rel=1e-9)


def test_cohens_d_by_hand():
    # Means 4 and 2, variances 4 and 1 over 3 and 4 values: pooled (2 * 4 + 3 * 1) / 5 = 2.2.
    treated = np.array([2.0, 4.0, 6.0])
    control = np.array([2 - np.sqrt(1.5), 2.0, 2.0, 2 + np.sqrt(1.5)])
    found = compare_welch(treated, control, 0.05)
    assert found.cohens_d == pytest.approx(2 / np.sqrt(2.2))


def test_corrections_by_hand():
    p_values = np.array([0.04, 0.01, np.nan, 0.03, 0.6])
    assert correct_bonferroni(p_values) == pytest.approx(
        [0.16, 0.04, np.nan, 0.12, 1.0], nan_ok=True
    )
    # Sorted 0.01 * 4, 0.03 * 3, 0.04 * 2 raised to the one before, 0.6 * 1.
    assert correct_holm(p_values) == pytest.approx([0.09, 0.04, np.nan, 0.09, 0.6], nan_ok=True)
    assert np.isnan(correct_holm(np.array([np.nan, np.nan]))).all()


def test_corrections_equal_statsmodels():
    p_values = RNG.random(40) ** 3
    for method, function in (("holm", correct_holm), ("bonferroni", correct_bonferroni)):
        truth = multipletests(p_values, method=method)[1]
        assert function(p_values) == pytest.approx(truth, rel=1e-12)


def test_bootstrap_of_a_tiny_sample_equals_all_its_resamples():
    values = np.array([0.0, 1.0, 5.0, 7.0])
    means = [np.mean(sample) for sample in itertools.product(values, repeat=4)]
    found = bootstrap_interval((values,), ExperimentSettings(seed=1, bootstraps=20_000, alpha=0.2))
    assert found == pytest.approx(np.quantile(means, [0.1, 0.9]), abs=0.15)


def test_bootstrap_resamples_each_group_within_itself():
    settings = ExperimentSettings(seed=1, bootstraps=4_000)
    lower, upper = bootstrap_interval((TREATED, CONTROL), settings)
    spread = np.sqrt(TREATED.var() / len(TREATED) + CONTROL.var() / len(CONTROL))
    effect = TREATED.mean() - CONTROL.mean()
    assert [lower, upper] == pytest.approx([effect - 1.96 * spread, effect + 1.96 * spread], abs=2)
    constant = bootstrap_interval((np.full(5, 3.0), np.full(9, 1.0)), settings)
    assert constant == (2.0, 2.0)


# --- power ---------------------------------------------------------------------------------------


def test_power_equals_statsmodels_where_variances_and_sizes_are_equal():
    control = CONTROL[:45]
    treated = control[::-1] + 3.0
    settings = ExperimentSettings(seed=1, minimum_effect=0.3)
    found = compare_welch(treated, control, settings.alpha)
    size = 0.3 * control.mean() / control.std(ddof=1)
    truth = TTestIndPower()
    assert power_to_detect(found, settings) == pytest.approx(truth.power(size, 45, 0.05), rel=1e-9)
    detectable = truth.solve_power(nobs1=45, alpha=0.05, power=0.8) * control.std(ddof=1)
    assert minimum_detectable_effect(found, settings) == pytest.approx(detectable, rel=1e-4)


def test_power_follows_the_effect_worth_finding_and_not_the_observed_one():
    settings = ExperimentSettings(seed=1, minimum_effect=0.3)
    small = compare_welch(CONTROL[:45] + 0.1, CONTROL[45:], 0.05)
    large = compare_welch(CONTROL[:45] + 500.0, CONTROL[45:], 0.05)
    assert power_to_detect(small, settings) == pytest.approx(power_to_detect(large, settings))
    wanted = 0.3 * CONTROL[45:].mean() / small.standard_error
    truth = ttest_power(wanted, 1, 0.05, df=small.degrees)
    assert power_to_detect(small, settings) == pytest.approx(truth)


@pytest.mark.parametrize("degrees", [0.5, 1, 2.5, 10, 400, 1e5])
@pytest.mark.parametrize("target", [0.5, 0.8, 0.95])
def test_the_minimum_detectable_effect_has_the_power_that_was_asked_for(degrees, target):
    found = Comparison(9, 9, 5.0, 4.0, 1.0, standard_error=2.0, degrees=degrees)
    settings = ExperimentSettings(seed=1, power_target=target)
    size = minimum_detectable_effect(found, settings) / 2.0
    critical = stats.t.isf(0.025, degrees)
    assert stats.nct.sf(critical, degrees, size) == pytest.approx(target, abs=1e-4)


def test_power_is_simulated_power():
    rng = np.random.default_rng(3)
    treated, control = rng.normal(3.0, 2.0, (4_000, 12)), rng.normal(0.0, 4.0, (4_000, 30))
    share = (stats.ttest_ind(treated, control, axis=1, equal_var=False).pvalue < 0.05).mean()
    error = np.sqrt(4 / 12 + 16 / 30)
    degrees = error**4 / ((4 / 12) ** 2 / 11 + (16 / 30) ** 2 / 29)
    found = Comparison(12, 30, 33.0, 30.0, 3.0, standard_error=error, degrees=degrees)
    assert power_to_detect(found, ExperimentSettings(seed=1)) == pytest.approx(share, abs=0.025)


# --- CUPED ---------------------------------------------------------------------------------------


def plant(count, correlation, effect, rng):
    """A metric and its window before, of standard normals, in two variants."""
    before = rng.normal(size=2 * count)
    noise = rng.normal(size=2 * count)
    variants = np.array(["a", "control"] * count, dtype=object)
    raw = correlation * before + np.sqrt(1 - correlation**2) * noise + effect * (variants == "a")
    return raw, before, variants


@pytest.mark.parametrize("correlation", [0.3, 0.9])
def test_cuped_leaves_one_less_squared_correlation_of_the_variance(correlation):
    raw, before, variants = plant(10_000, correlation, 3.0, np.random.default_rng(4))
    found = compare_cuped(adjust_by_before(raw, before, variants), "a", "control", 0.05)
    plain = compare_welch(raw[variants == "a"], raw[variants == "control"], 0.05)
    ratio = (found.standard_error / plain.standard_error) ** 2
    assert ratio == pytest.approx(1 - correlation**2, rel=0.03)
    assert found.effect == pytest.approx(3.0, abs=4 * found.standard_error)
    assert found.effect == found.treated_mean - found.control_mean
    assert found.cohens_d == pytest.approx(3.0, rel=0.05)


def test_cuped_is_unbiased_and_keeps_its_level_in_small_experiments():
    rng = np.random.default_rng(5)
    found = []
    for _ in range(1_200):
        raw, before, variants = plant(4, 0.8, 1.0, rng)
        comparison = compare_cuped(adjust_by_before(raw, before, variants), "a", "control", 0.05)
        found.append((comparison.effect, comparison.effect_lower < 1 < comparison.effect_upper))
    effects, holds = np.array(found).T
    assert effects.mean() == pytest.approx(1.0, abs=3 * effects.std() / np.sqrt(len(effects)))
    # Two standard errors are 1.3 %; with theta taken as known 4 units hold 92 %.
    assert 0.935 < holds.mean() < 0.97


@pytest.mark.parametrize("count", [3, 40])
def test_cuped_equals_analysis_of_covariance_where_variances_are_equal(count):
    rng = np.random.default_rng(6)
    raw, before = rng.normal(size=count), rng.normal(size=count)
    raw, before = np.append(raw + 0.7, raw), np.append(before + 0.4, before)
    variants = np.repeat(np.array(["a", "control"], dtype=object), count)
    found = compare_cuped(adjust_by_before(raw, before, variants), "a", "control", 0.05)
    design = np.column_stack([np.ones(2 * count), variants == "a", before]).astype("float64")
    truth = OLS(raw, design).fit()
    assert found.effect == pytest.approx(truth.params[1], rel=1e-9)
    assert found.standard_error == pytest.approx(truth.bse[1], rel=1e-9)
    assert found.degrees == pytest.approx(truth.df_resid, rel=1e-9)
    assert found.p_value == pytest.approx(truth.pvalues[1], rel=1e-9)


def test_cuped_pools_theta_over_all_variants_and_leaves_units_without_a_before_alone():
    raw, before, variants = plant(300, 0.8, 2.0, np.random.default_rng(7))
    variants[:150] = "b"
    raw[:150] += 50.0
    before[::7] = np.nan
    adjustment = adjust_by_before(raw, before, variants)
    missing = np.isnan(before)
    assert (adjustment.values[missing] == raw[missing]).all()
    filled = np.where(missing, np.nanmean(before), before)
    design = np.column_stack([variants == name for name in ("a", "b", "control")] + [filled])
    theta = OLS(raw, design.astype("float64")).fit().params[3]
    expected = raw - theta * (filled - np.nanmean(before))
    assert adjustment.values == pytest.approx(expected, rel=1e-9)


# --- propensity and matching ---------------------------------------------------------------------


def test_propensity_equals_statsmodels_logit():
    rng = np.random.default_rng(8)
    covariates = rng.normal(size=(400, 3))
    is_treated = rng.random(400) < expit(covariates @ [1.0, -0.5, 0.0] - 0.7)
    truth = Logit(is_treated.astype("float64"), add_constant(covariates)).fit(disp=False)
    expected = add_constant(covariates) @ truth.params
    assert fit_propensity(covariates, is_treated) == pytest.approx(expected, abs=1e-4)


def test_propensity_is_finite_where_covariates_separate_the_groups():
    covariates = np.linspace(-1, 1, 20)[:, None]
    logit = fit_propensity(covariates, covariates[:, 0] > 0)
    assert np.isfinite(logit).all()
    assert logit[:10].max() < logit[10:].min()


def test_covariates_are_scaled_unskewed_and_their_gaps_marked():
    frame = pd.DataFrame(
        {
            "even": [1.0, 2.0, 3.0, 4.0],
            "skewed": [0.0, 1.0, 2.0, 1000.0],
            "gap": [5.0, np.nan, 7.0, 9.0],
            "same gap": [1.0, np.nan, 1.0, 4.0],
            "constant": 3.0,
            "unknown": np.nan,
        }
    )
    expected = [
        [1, 2, 3, 4],
        np.log1p([0, 1, 2, 1000]),
        [5, 7, 7, 9],
        np.log1p([1, 1, 1, 4]),
        [0, 1, 0, 0],
    ]
    found = scale_covariates(frame, is_unskewed=True)
    assert found == pytest.approx(stats.zscore(np.array(expected, dtype="float64"), axis=1).T)
    plain = scale_covariates(frame, is_unskewed=False)
    assert plain[:, 1] == pytest.approx(stats.zscore(frame["skewed"].to_numpy()))


def test_matching_takes_the_nearest_free_control_within_the_caliper():
    treated, control = RNG.normal(0.5, 1, 60), RNG.normal(0, 1, 90)
    rows, control_rows = match_nearest(treated, control, 0.2, seed=1)
    assert len(set(control_rows)) == len(control_rows)
    assert rows.tolist() == sorted(set(rows))
    assert (np.abs(treated[rows] - control[control_rows]) <= 0.2).all()
    free, expected = set(range(90)), {}
    for row in np.random.default_rng(1).permutation(60):
        best = min(free, key=lambda place, row=row: abs(control[place] - treated[row]))
        if abs(control[best] - treated[row]) <= 0.2:
            expected[int(row)] = best
            free.remove(best)
    assert dict(zip(rows.tolist(), control_rows.tolist(), strict=True)) == expected
    assert 0 < len(rows) < 60


def test_the_caliper_is_a_fifth_of_the_pooled_deviation_of_the_logit():
    units = simulate_confounded("caliper", 600, seed=3, effect=0.0)
    groups = [
        units[units["variant"] == name].reset_index(drop=True) for name in ("treatment", "control")
    ]
    matching = match_variants(*groups, seed=1)
    covariates = scale_covariates(
        pd.concat(groups)[[name for name in units.columns if name.endswith("_before")]],
        is_unskewed=True,
    )
    is_treated = np.arange(len(units)) < len(groups[0])
    truth = Logit(is_treated.astype("float64"), add_constant(covariates)).fit(disp=False)
    logit = add_constant(covariates) @ truth.params
    treated, control = logit[is_treated], logit[~is_treated]
    gaps = np.abs(treated[matching.treated_rows] - control[matching.control_rows])
    caliper = 0.2 * np.sqrt((treated.var() + control.var()) / 2)
    assert 0.9 * caliper < gaps.max() <= caliper * 1.001
    assert matching.matched_share == len(gaps) / len(groups[0])


def test_matching_removes_most_of_a_planted_confounding_and_its_interval_holds():
    naive, matched, holds = [], [], []
    for run in range(40):
        units = simulate_confounded("bias", 500, seed=100 + run, effect=30.0)
        treated, control = (
            units[units["variant"] == name].reset_index(drop=True)
            for name in ("treatment", "control")
        )
        matching = match_variants(treated, control, seed=run)
        values = treated["revenue"].to_numpy()[matching.treated_rows]
        others = control["revenue"].to_numpy()[matching.control_rows]
        differences = adjust_differences(
            values, others, matching.treated_covariates, matching.control_covariates
        )
        found = compare_pairs(values, others, differences, 0.05)
        naive.append(treated["revenue"].mean() - control["revenue"].mean() - 30.0)
        matched.append(found.effect - 30.0)
        holds.append(found.effect_lower < 30.0 < found.effect_upper)
    assert np.mean(naive) > 50
    assert abs(np.mean(matched)) < 0.1 * np.mean(naive)
    assert np.mean(holds) >= 0.85


def test_adjusted_differences_have_the_mean_that_a_regression_on_the_controls_gives():
    covariates, others = RNG.normal(size=(80, 3)) + 0.3, RNG.normal(size=(80, 3))
    treated, control = RNG.normal(size=80) + covariates.sum(axis=1), others.sum(axis=1)
    control += RNG.normal(size=80)
    fit = OLS(control, add_constant(others)).fit()
    expected = (treated - control).mean() - (covariates - others).mean(axis=0) @ fit.params[1:]
    differences = adjust_differences(treated, control, covariates, others)
    assert differences.mean() == pytest.approx(expected)
    few = adjust_differences(treated[:14], control[:14], covariates[:14], others[:14])
    assert (few == (treated - control)[:14]).all()


def test_the_deviation_of_adjusted_differences_is_that_of_the_effect():
    rng = np.random.default_rng(9)
    effects, errors = [], []
    for _ in range(800):
        # Treated that lie apart from their controls, so that the error of the slope counts.
        others = rng.normal(size=(60, 2))
        covariates = others + np.array([1.0, 0.5])
        treated = covariates @ [2.0, 1.0] + rng.normal(size=60)
        control = others @ [2.0, 1.0] + rng.normal(size=60)
        differences = adjust_differences(treated, control, covariates, others)
        found = compare_pairs(treated, control, differences, 0.05)
        effects.append(found.effect)
        errors.append(found.standard_error)
    assert np.mean(effects) == pytest.approx(0, abs=3 * np.std(effects) / np.sqrt(800))
    assert np.mean(errors) == pytest.approx(np.std(effects), rel=0.08)


def test_pairs_are_tested_as_scipy_does():
    treated, control = TREATED[:40], CONTROL[:40]
    found = compare_pairs(treated, control, treated - control, 0.05)
    truth = stats.ttest_rel(treated, control)
    interval = truth.confidence_interval()
    assert found.p_value == pytest.approx(truth.pvalue)
    assert [found.effect_lower, found.effect_upper] == pytest.approx([*interval])
    assert found.control_mean == pytest.approx(control.mean())


# --- hidden bias ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gamma", "published"),
    [(2, 0.0018), (3, 0.0136), (4, 0.0388), (4.25, 0.0468), (5, 0.0740)],
)
def test_the_bound_of_the_lead_study_is_the_published_one(gamma, published):
    assert signed_rank_bound(LEAD, gamma) == pytest.approx(published, abs=5e-5)


@pytest.mark.parametrize("gamma", [1.0, 1.5, 3.0])
def test_the_bound_is_close_to_all_assignments_of_few_pairs(gamma):
    differences = np.array([1.2, -0.5, 2.2, 3.1, -1.4, 4.0, 2.9, 0.3, 5.1, 1.9, 3.3, 2.6])
    ranks = stats.rankdata(np.abs(differences))
    observed = ranks[differences > 0].sum()
    chance = gamma / (1 + gamma)
    exact = 0.0
    for signs in itertools.product([0, 1], repeat=len(ranks)):
        up = np.array(signs)
        if up @ ranks >= observed:
            exact += chance ** up.sum() * (1 - chance) ** (len(up) - up.sum())
    # The normal approximation without a correction for continuity is a little lower.
    assert signed_rank_bound(differences, gamma) == pytest.approx(exact, abs=0.02)


def test_without_hidden_bias_the_bound_is_wilcoxons_test():
    differences = RNG.normal(0.3, 1, 80)
    truth = stats.wilcoxon(differences, alternative="greater", method="asymptotic").pvalue
    assert signed_rank_bound(differences, 1.0) == pytest.approx(truth)


def test_gamma_is_where_the_bound_crosses_the_level_in_either_direction():
    gamma = sensitivity_gamma(LEAD, alpha=0.1)
    assert 4.25 < gamma < 5
    assert signed_rank_bound(LEAD, gamma) == pytest.approx(0.05)
    assert sensitivity_gamma(-LEAD, alpha=0.1) == pytest.approx(gamma)
    assert sensitivity_gamma(LEAD, alpha=0.05) < gamma


def test_gamma_has_its_ends():
    assert sensitivity_gamma(np.array([1.0, -1.0, 2.0, -2.0]), 0.05) == 1.0
    assert sensitivity_gamma(np.zeros(30), 0.05) == 1.0
    assert sensitivity_gamma(np.arange(1.0, 200.0), 0.05) == 10.0
    assert np.isnan(sensitivity_gamma(np.array([]), 0.05))


# --- settings ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"alpha": 0.0},
        {"alpha": 0.5},
        {"power_target": 0.4},
        {"power_target": 1.0},
        {"minimum_effect": 0.0},
        {"bootstraps": -1},
        {"seed": -1},
    ],
)
def test_impossible_settings_are_named(wrong):
    (name,) = wrong
    with pytest.raises(InputError, match=f"{name} is"):
        ExperimentSettings(**({"seed": 1} | wrong))
    assert SETTINGS.alpha == 0.05
