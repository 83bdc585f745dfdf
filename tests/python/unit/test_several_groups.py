"""Comparisons of several groups against scipy, the published formula and sums by hand."""

import numpy as np
import pytest
from scipy import stats

from inventory_allocation.statistics.several_groups import compare_groups


@pytest.fixture
def samples():
    rng = np.random.default_rng(6)
    return [rng.gamma(2, scale, size) for scale, size in ((1, 30), (1.4, 50), (3, 20))]


def test_welch_of_two_groups_is_the_square_of_welch_t(samples):
    found = compare_groups(samples[:2])
    t = stats.ttest_ind(samples[0], samples[1], equal_var=False)
    assert found.welch_statistic == pytest.approx(t.statistic**2, rel=1e-9)
    assert found.welch_p_value == pytest.approx(t.pvalue, rel=1e-9)


def test_welch_follows_the_formula_of_1951(samples):
    found = compare_groups(samples)
    sizes = np.array([len(group) for group in samples])
    means = np.array([group.mean() for group in samples])
    weights = sizes / np.array([group.var(ddof=1) for group in samples])
    share = weights / weights.sum()
    between = (weights * (means - (share * means).sum()) ** 2).sum() / 2
    spread = ((1 - share) ** 2 / (sizes - 1)).sum()
    statistic = between / (1 + 2 * 1 / 8 * spread)
    degrees = 8 / (3 * spread)
    assert found.welch_statistic == pytest.approx(statistic, rel=1e-9)
    assert found.welch_p_value == pytest.approx(stats.f.sf(statistic, 2, degrees), rel=1e-9)


def test_effect_sizes_by_hand():
    groups = [np.array([1.0, 2.0]), np.array([3.0, 4.0]), np.array([5.0, 6.0])]
    found = compare_groups(groups)
    assert found.eta_squared == pytest.approx(16 / 17.5)
    # Ranks 1 to 6: H = 12 / (6 * 7) * (3 ** 2 + 7 ** 2 + 11 ** 2) / 2 - 3 * 7.
    statistic = 12 / 42 * (9 + 49 + 121) / 2 - 21
    assert found.kruskal_statistic == pytest.approx(statistic)
    assert found.epsilon_squared == pytest.approx(statistic / 5)


def test_nothing_to_compare_is_missing_and_no_error():
    one, same = np.array([1.0]), np.array([2.0, 2.0, 2.0])
    assert np.isnan(compare_groups([same, one])).all()
    assert np.isnan(compare_groups([same, same])).all()
    varied = compare_groups([same, np.array([3.0, 4.0, 5.0])])
    assert np.isnan(varied.welch_p_value)
    assert varied.kruskal_p_value < 0.05
