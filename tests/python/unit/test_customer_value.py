"""Customer value: published fits, planted parameters and other people's code agree with ours."""

import math
import warnings

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from scipy.integrate import quad
from scipy.stats import beta as beta_law
from scipy.stats import gamma as gamma_law

from inventory_allocation.customer_value import (
    bgnbd,
    fit_customer_value,
    gamma_gamma,
    predict_customer_value,
)
from inventory_allocation.customer_value.bgnbd import (
    BgNbdParameters,
    expected_purchases,
    expected_purchases_new,
    fit_bgnbd,
    log_likelihood,
    probability_alive,
)
from inventory_allocation.customer_value.fitting import (
    MAX_ROWS,
    count_distinct,
    maximize_likelihood,
    thin,
)
from inventory_allocation.customer_value.gamma_gamma import (
    GammaGammaParameters,
    expected_mean_value,
    fit_gamma_gamma,
)
from inventory_allocation.errors import InputError

# A warning of numpy or scipy is a failure.
pytestmark = pytest.mark.filterwarnings("error")

# For CDNOW, in weeks: Fader, Hardie and Lee (2005); Fader and Hardie (2013).
PUBLISHED = BgNbdParameters(r=0.243, alpha=4.414, a=0.793, b=2.426)
PUBLISHED_VALUE = {"p": 6.25, "q": 3.74, "v": 15.44}

PLANTED = BgNbdParameters(r=0.8, alpha=6.0, a=0.8, b=3.0)
PLANTED_VALUE = GammaGammaParameters(p=5.0, q=4.0, v=30.0, population_mean=50.0)
WINDOW_DAYS = 364

FIT_ROWS = {
    "bg_nbd": ["r", "alpha", "a", "b", "log_likelihood", "customers", "converged"],
    "gamma_gamma": [
        "p",
        "q",
        "v",
        "population_mean",
        "log_likelihood",
        "customers",
        "converged",
        "mean_value_correlation",
    ],
}
HOLDOUT_ROWS = [
    "customers",
    "converged",
    "predicted_purchases",
    "actual_purchases",
    "naive_purchases",
    "mean_absolute_error",
    "naive_mean_absolute_error",
]


def simulate(size, seed, age=None, parameters=PLANTED, window=WINDOW_DAYS / 7, purchases=300):
    """The story of the model, purchase by purchase: time in weeks, one row per customer."""
    rng = np.random.default_rng(seed)
    age = rng.uniform(5, 104, size) if age is None else np.full(size, age)
    rate = rng.gamma(parameters.r, 1 / parameters.alpha, size) + 1e-12
    leave = rng.beta(parameters.a, parameters.b, size)
    times = np.cumsum(rng.exponential(size=(size, purchases)) / rate[:, None], axis=1)
    leaves = rng.random((size, purchases)) < leave[:, None]
    happens = np.cumsum(leaves, axis=1) - leaves == 0
    before = happens & (times <= age[:, None])
    after = happens & ~before & (times <= age[:, None] + window)
    return pd.DataFrame(
        {
            "x": before.sum(axis=1).astype("float64"),
            "recency": np.where(before, times, 0).max(axis=1),
            "age": age,
            "is_alive": ~(before & leaves).any(axis=1),
            "later": after.sum(axis=1).astype("float64"),
        }
    )


def history(customers):
    return (customers[column].to_numpy(dtype="float64") for column in ("x", "recency", "age"))


def to_input(customers, seed=5):
    """What the warehouse hands over: days, and a value drawn from the Gamma-Gamma story."""
    rng = np.random.default_rng(seed)
    x = customers["x"].to_numpy()
    scale = rng.gamma(PLANTED_VALUE.q, 1 / PLANTED_VALUE.v, len(x))
    value = rng.gamma(PLANTED_VALUE.p * np.maximum(x, 1)) / (scale * np.maximum(x, 1))
    return pd.DataFrame(
        {
            "customer_id": [f"C{number:05d}" for number in rng.permutation(len(x))],
            "repeat_purchase_days": x.astype("int64"),
            "last_purchase_age_days": (customers["recency"] * 7).round().astype("int64"),
            "tenure_days": (customers["age"] * 7).round().astype("int64"),
            "mean_repeat_value": np.where(x > 0, value, np.nan),
        }
    )


def with_holdout(frame, customers):
    return frame.assign(
        holdout_repeat_purchase_days=frame["repeat_purchase_days"],
        holdout_last_purchase_age_days=frame["last_purchase_age_days"],
        holdout_tenure_days=frame["tenure_days"],
        holdout_purchases=customers["later"].astype("int64"),
        holdout_days=WINDOW_DAYS,
    )


def kinds(x, recency, age, value=None):
    """A frame of customers, given in days."""
    columns = np.broadcast_arrays(x, recency, age, np.nan if value is None else value)
    names = ["repeat_purchase_days", "last_purchase_age_days", "tenure_days", "mean_repeat_value"]
    frame = pd.DataFrame(dict(zip(names, columns, strict=True)))
    return frame.assign(customer_id=[f"C{number:05d}" for number in range(len(frame))])


def look_up(fit, model, parameter):
    return fit.set_index(["model", "parameter"])["value"][model, parameter]


@pytest.fixture(scope="module")
def lifetimes():
    """The package Lifetimes: CDNOW's customers and an implementation that is not ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        package = pytest.importorskip("lifetimes", exc_type=ImportError)
        pytest.importorskip("lifetimes.datasets", exc_type=ImportError)
        yield package


@pytest.fixture(scope="module")
def cdnow(lifetimes):
    frame = lifetimes.datasets.load_cdnow_summary_data_with_monetary_value()
    assert len(frame) == 2357
    return frame.rename(columns={"frequency": "x", "T": "age", "monetary_value": "value"})


@pytest.fixture(scope="module")
def their_bgnbd(lifetimes):
    model = lifetimes.BetaGeoFitter()
    names = ["r", "alpha", "a", "b"]
    model.params_ = pd.Series({name: getattr(PUBLISHED, name) for name in names})
    return model


@pytest.fixture(scope="module")
def their_gamma_gamma(lifetimes):
    model = lifetimes.GammaGammaFitter()
    model.params_ = pd.Series(PUBLISHED_VALUE)
    return model


@pytest.fixture(scope="module")
def planted():
    return simulate(10_000, seed=1)


@pytest.fixture(scope="module")
def customers(planted):
    some = planted.iloc[:4000]
    return with_holdout(to_input(some), some)


@pytest.fixture(scope="module")
def fit(customers):
    return fit_customer_value(customers)


@pytest.fixture(scope="module")
def predictions(customers, fit):
    return predict_customer_value(customers, fit, WINDOW_DAYS)


# --- BG/NBD: likelihood and fit ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "recency", "age"), [(0, 0.0, 10.0), (1, 0.5, 4.0), (3, 7.0, 9.0), (2, 5.0, 5.0)]
)
def test_the_likelihood_is_the_integral_over_all_rates_and_leaving_probabilities(x, recency, age):
    model = BgNbdParameters(r=2.0, alpha=4.0, a=2.0, b=3.0)
    nodes, weights = np.polynomial.legendre.leggauss(100)
    p, rate = (nodes + 1) / 2, (nodes[:, None] + 1) * 6
    stayed = (1 - p) ** x * rate**x * np.exp(-rate * age)
    left = p * (1 - p) ** (x - 1) * rate**x * np.exp(-rate * recency) if x else 0.0
    density = gamma_law.pdf(rate, 2, scale=1 / 4.0) * beta_law.pdf(p, 2, 3)
    integral = 3 * (weights @ ((stayed + left) * density) @ weights)
    one = (np.array([value], dtype="float64") for value in (x, recency, age))
    assert math.exp(log_likelihood(model, *one)[0]) == pytest.approx(integral, rel=1e-9)


@pytest.mark.parametrize("logs", [[-1.4, 1.5, -0.2, 0.9], [2.0, 3.0, -3.0, 4.0]])
def test_the_slope_of_both_likelihoods_equals_finite_differences(logs):
    x = np.array([0.0, 1.0, 2.0, 40.0])
    recency, age = np.array([0.0, 3.0, 20.0, 30.0]), np.array([10.0, 10.0, 20.0, 31.0])
    counts, which = np.unique(x, return_inverse=True)
    own = slice(1, None)  # Gamma-Gamma has no x = 0
    sides = [
        lambda at: bgnbd._likelihood_and_slope(at, counts, which, recency, age),
        lambda at: gamma_gamma._likelihood_and_slope(at, counts[own], which[own] - 1, age[own]),
    ]
    for side, size in zip(sides, (4, 3), strict=True):
        at = np.array(logs[:size])
        for place, step in enumerate(np.eye(size) * 1e-5):
            difference = (side(at + step)[0] - side(at - step)[0]) / 2e-5
            np.testing.assert_allclose(side(at)[1][place], difference, rtol=1e-6, atol=1e-7)


def test_cdnow_gives_the_published_parameters_to_the_printed_digits(cdnow):
    found = fit_bgnbd(*history(cdnow))
    assert found.converged
    assert found.customers == 2357
    assert round(found.r, 3) == 0.243
    assert round(found.alpha, 3) == 4.414
    assert round(found.a, 3) == 0.793
    assert round(found.b, 3) == 2.426
    assert round(found.log_likelihood, 1) == -9582.4


def test_planted_parameters_are_recovered(planted):
    found = fit_bgnbd(*history(planted))
    assert found.converged
    for name in ("r", "alpha", "a", "b"):
        assert getattr(found, name) == pytest.approx(getattr(PLANTED, name), rel=0.08), name


def test_customers_counted_twice_double_the_likelihood_and_move_no_parameter(planted):
    once = fit_bgnbd(*history(planted.head(1000)))
    twice = fit_bgnbd(*history(pd.concat([planted.head(1000)] * 2)))
    assert twice.log_likelihood == pytest.approx(2 * once.log_likelihood)
    assert (twice.r, twice.alpha, twice.a, twice.b) == pytest.approx(
        (once.r, once.alpha, once.a, once.b), rel=1e-5
    )
    assert twice.customers == 2000


def test_another_unit_of_time_changes_alpha_only(planted):
    x, recency, age = history(planted.head(1000))
    weeks, days = fit_bgnbd(x, recency, age), fit_bgnbd(x, recency * 7, age * 7)
    assert days.alpha == pytest.approx(7 * weeks.alpha, rel=1e-5)
    assert (days.r, days.a, days.b) == pytest.approx((weeks.r, weeks.a, weeks.b), rel=1e-5)


def test_where_nobody_leaves_the_fit_ends_at_its_bound_and_still_predicts():
    rng = np.random.default_rng(3)
    age = rng.uniform(20, 100, 1000)
    rate = rng.gamma(1.5, 0.1, 1000)
    x = rng.poisson(rate * age).astype("float64")
    recency = np.where(x > 0, age * rng.beta(np.maximum(x, 1), 1), 0.0)
    found = fit_bgnbd(x, recency, age)
    assert found.converged
    assert found.a / (found.a + found.b) < 1e-3
    predicted = expected_purchases(found, x, recency, age, 10.0)
    assert predicted.sum() == pytest.approx((rate * 10).sum(), rel=0.03)


def test_the_highest_of_several_maxima_is_taken():
    def two_hills(at):
        return -((at**2 - 1) ** 2) + 0.1 * at, (-4 * at * (at**2 - 1) + 0.1)[None, :]

    for starts in ([[-1.0], [1.0]], [[1.0], [-1.0]]):
        point, converged = maximize_likelihood(two_hills, np.ones(1), np.array(starts), [(-2, 2)])
        assert converged
        assert point == pytest.approx(1.0123, abs=1e-4)


# --- distinct rows and thinning ------------------------------------------------------------------


def test_equal_rows_are_counted_once():
    (x, age), weights = count_distinct(np.array([2.0, 1.0, 2.0, 2.0]), np.array([3.0, 3.0, 3.0, 1]))
    assert x.tolist() == [1, 2, 2]
    assert age.tolist() == [3, 1, 3]
    assert weights.tolist() == [1, 1, 2]


def test_no_row_is_thinned_up_to_the_limit():
    x, weights = thin([np.arange(5.0)], np.arange(1.0, 6.0), rows=5)
    assert x.tolist() == [0, 1, 2, 3, 4]
    assert weights.tolist() == [1, 2, 3, 4, 5]


def test_thinning_spreads_over_all_rows_and_keeps_customers_and_heavy_rows():
    weights = np.ones(1001)
    weights[300] = 1000
    x, kept = thin([np.arange(1001.0)], weights, rows=100)
    assert len(x) <= 100
    assert kept.sum() == pytest.approx(2000)
    assert kept[x == 300] == pytest.approx(1000, rel=0.02)
    assert np.average(x, weights=kept) == pytest.approx(
        np.average(np.arange(1001), weights=weights), rel=0.01
    )


def test_more_distinct_customers_than_the_limit_are_thinned_for_the_fit_only(planted, monkeypatch):
    x, recency, age = history(planted)
    whole = fit_bgnbd(x, recency, age)
    seen = []

    def thin_hard(columns, weights):
        seen.append(len(weights))
        return thin(columns, weights, rows=5000)

    monkeypatch.setattr(bgnbd, "thin", thin_hard)
    thinned = fit_bgnbd(x, recency, age)
    assert len(thin([np.arange(MAX_ROWS + 1.0)], np.ones(MAX_ROWS + 1))[0]) == MAX_ROWS == 100_000
    assert seen == [len(planted.drop_duplicates(["x", "recency", "age"]))]
    assert thinned.r != whole.r
    assert thinned.r == pytest.approx(whole.r, rel=0.02)
    assert thinned.customers == len(planted)
    # All customers, at parameters a little off the best ones.
    assert 0 < whole.log_likelihood - thinned.log_likelihood < 5


def test_the_gamma_gamma_fit_is_thinned_likewise(planted, monkeypatch):
    frame = to_input(planted)
    x, value = (
        frame[column].to_numpy() for column in ("repeat_purchase_days", "mean_repeat_value")
    )
    whole = fit_gamma_gamma(x, value, 50)
    monkeypatch.setattr(gamma_gamma, "thin", lambda *given: thin(*given, rows=1000))
    thinned = fit_gamma_gamma(x, value, 50)
    assert thinned.p != whole.p
    assert thinned.population_mean == pytest.approx(whole.population_mean, rel=0.01)
    assert thinned.customers == whole.customers
    assert 0 < whole.log_likelihood - thinned.log_likelihood < 5


# --- BG/NBD: predictions -------------------------------------------------------------------------


@pytest.mark.parametrize("horizon", [1, 13, 39, 520])
def test_expected_purchases_equal_those_of_lifetimes(cdnow, their_bgnbd, horizon):
    x, recency, age = history(cdnow)
    theirs = their_bgnbd.conditional_expected_number_of_purchases_up_to_time(
        horizon, x, recency, age
    )
    ours = expected_purchases(PUBLISHED, x, recency, age, horizon)
    np.testing.assert_allclose(ours, theirs, atol=1e-6)
    assert expected_purchases_new(PUBLISHED, horizon) == pytest.approx(
        float(their_bgnbd.expected_number_of_purchases_up_to_time(horizon)), abs=1e-6
    )


def test_probability_alive_equals_that_of_lifetimes(cdnow, their_bgnbd):
    theirs = their_bgnbd.conditional_probability_alive(*history(cdnow))
    np.testing.assert_allclose(probability_alive(PUBLISHED, *history(cdnow)), theirs, atol=1e-6)


# Equation 10 for a customer who is surely alive, by mpmath with 80 digits; where it is 0 / 0 (a = 1
# and a + b + x = 1) by mpmath's quadrature.
EXACT = [
    # r, alpha, a, b, x, age, horizon, expected
    (0.243, 4.414, 0.793, 2.426, 2, 38.86, 39, 1.687399305805313),
    (0.243, 4.414, 0.793, 2.426, 10_000, 520, 52, 954.78931870541475),
    (0.243, 4.414, 0.793, 2.426, 1_000_000, 520, 52, 95475.954415963),
    (0.8, 6, 3, 5, 10_000, 1, 520, 5002.6161470921632),
    (0.152, 0.796, 0.290477, 266, 2, 0, 520, 965.31663113356764),
    (576, 0.00149, 256.037, 44.7, 10_000, 0, 52, 40.385265667334544),
    (0.1, 1, 0.3, 0.2, 0, 0, 1000, 8.7745100000099074),
    (1097, 3107, 0.000912, 1097, 5, 52, 52, 18.139782153706631),
    (0.5, 3, 300, 2, 0, 0, 52, 0.77083332091101954),
    (3, 8, 1.0000001, 2, 4, 20, 30, 4.8866722078719666),
    (0.8, 6, 1, 3, 4, 20, 52, 5.9721016601716),
    (0.8, 6, 1 + 1e-12, 3, 4, 20, 52, 5.9721016601716),
    (2, 5, 0.4, 0.6, 0, 10, 26, 2.0245766114662),
    (5, 0.001, 2, 0.3, 100, 0, 1, 101.202398038213),
    (0.5, 3, 5000, 5, 1_000_000, 10, 52, 201.04100820164033),
]


@pytest.mark.parametrize(("r", "alpha", "a", "b", "x", "age", "horizon", "expected"), EXACT)
def test_expected_purchases_equal_exact_arithmetic(r, alpha, a, b, x, age, horizon, expected):
    model = BgNbdParameters(r, alpha, a, b)
    arrays = [np.array([float(value)]) for value in (x, alpha + age, horizon)]
    assert bgnbd._quadrature(model, *arrays)[0] == pytest.approx(expected, rel=1e-7)
    one = np.array([float(x)]), np.array([float(age)]), np.array([float(age)])
    alive = probability_alive(model, *one)
    found = expected_purchases(model, *one, horizon)
    assert found == pytest.approx(expected * alive, rel=1e-7)


def test_expected_purchases_are_finite_and_within_what_the_rate_allows_everywhere():
    x, age, horizon = (
        column.ravel()
        for column in np.meshgrid(
            [0.0, 1, 2, 30, 1000, 10_000, 1_000_000], [0.0, 1, 50, 1000], [0.0, 1, 52, 520]
        )
    )
    for r in (0.01, 0.25, 3.0, 1000.0):
        for a in (0.001, 0.7, 1.0, 2.0, 1000.0):
            for b in (0.01, 0.3, 2.4, 1000.0):
                model = BgNbdParameters(r, 4.4, a, b)
                found = expected_purchases(model, x, age / 2, age, horizon)
                assert np.isfinite(found).all()
                assert (found >= 0).all()
                assert (found <= (r + x) / (4.4 + age) * horizon * (1 + 1e-8)).all()
                assert (found[horizon == 0] == 0).all()


def test_a_horizon_per_customer_equals_one_call_each():
    x, recency, age = (np.array(column) for column in ([3.0, 3.0, 0.0], [9.0, 5, 0], [10.0, 10, 4]))
    horizon = np.array([5.0, 50.0, 5.0])
    together = expected_purchases(PUBLISHED, x, recency, age, horizon)
    for row in range(3):
        one = slice(row, row + 1)
        alone = expected_purchases(PUBLISHED, x[one], recency[one], age[one], horizon[row])
        assert together[row] == alone[0]


def test_predictions_hold_for_simulated_customers_however_often_they_bought(planted):
    x, recency, age = history(planted)
    predicted = expected_purchases(PLANTED, x, recency, age, WINDOW_DAYS / 7)
    alive = probability_alive(PLANTED, x, recency, age)
    for group in (x == 0, x == 1, (x > 1) & (x < 5), x >= 5):
        error = planted["later"][group].std() / math.sqrt(group.sum())
        assert predicted[group].mean() == pytest.approx(
            planted["later"][group].mean(), abs=4 * error
        )
        assert alive[group].mean() == pytest.approx(planted["is_alive"][group].mean(), abs=0.03)


@pytest.mark.parametrize("weeks", [4.0, 52.0])
def test_new_customers_buy_as_often_as_the_simulation_says(weeks):
    x = simulate(6_000, seed=8, age=weeks)["x"]
    error = x.std() / math.sqrt(len(x))
    assert expected_purchases_new(PLANTED, weeks) == pytest.approx(x.mean(), abs=3 * error)


def test_without_repeat_purchase_a_customer_is_alive_by_the_model():
    silent = probability_alive(PUBLISHED, np.zeros(2), np.zeros(2), np.array([0.0, 1e6]))
    assert silent.tolist() == [1, 1]


# --- Gamma-Gamma ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("x", "value"), [(1, 20.0), (3, 55.0), (12, 8.0)])
def test_the_gamma_gamma_likelihood_is_the_integral_over_all_scales(x, value):
    p, q, v = 6.0, 4.0, 15.0

    def given(scale):
        own = gamma_law.pdf(value, p * x, scale=1 / (scale * x))
        return own * gamma_law.pdf(scale, q, scale=1 / v)

    integral, _ = quad(given, 0, 8, epsabs=1e-14, points=[0.1, 0.3, 1.0])
    found = gamma_gamma._likelihood_and_slope(
        np.log([p, q, v]), np.array([float(x)]), np.array([0]), np.array([value])
    )[0]
    assert math.exp(found[0]) == pytest.approx(integral, rel=1e-6)


def test_cdnow_gives_the_published_gamma_gamma(cdnow):
    x, value = cdnow["x"].to_numpy(), cdnow["value"].to_numpy()
    found = fit_gamma_gamma(x, value, 50)
    assert found.converged
    assert found.customers == 946
    assert round(found.p, 2) == PUBLISHED_VALUE["p"]
    assert round(found.q, 2) == PUBLISHED_VALUE["q"]
    # Printed as 15.44; the maximum is at 15.448, where the log-likelihood is higher by 0.001.
    assert found.v == pytest.approx(PUBLISHED_VALUE["v"], rel=1e-3)
    assert found.population_mean == found.p * found.v / (found.q - 1)


def test_expected_value_equals_that_of_lifetimes(cdnow, their_gamma_gamma):
    x, value = cdnow["x"].to_numpy(), cdnow["value"].to_numpy()
    mean = 6.25 * 15.44 / 2.74
    theirs = their_gamma_gamma.conditional_expected_average_profit(x, value)
    ours = expected_mean_value(
        GammaGammaParameters(**PUBLISHED_VALUE, population_mean=mean), x, value
    )
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_planted_values_are_recovered(planted):
    frame = to_input(planted)
    x, value = (
        frame[column].to_numpy() for column in ("repeat_purchase_days", "mean_repeat_value")
    )
    found = fit_gamma_gamma(x, value, 50)
    assert found.converged
    for name in ("p", "q", "v", "population_mean"):
        assert getattr(found, name) == pytest.approx(getattr(PLANTED_VALUE, name), rel=0.06), name


def test_customers_without_positive_value_take_no_part_and_are_worth_the_population_mean(customers):
    x = customers["repeat_purchase_days"].to_numpy(dtype="float64")
    value = customers["mean_repeat_value"].to_numpy()
    plain = fit_gamma_gamma(x, value, 50)
    odd_value = np.concatenate([value, [0.0, -20.0, np.nan, 30.0]])
    odd_x = np.concatenate([x, [3.0, 3.0, 3.0, 0.0]])
    assert fit_gamma_gamma(odd_x, odd_value, 50) == plain
    expected = expected_mean_value(plain, odd_x, odd_value)
    assert (expected[-4:] == plain.population_mean).all()
    assert (expected[x.size :] == expected[-1]).all()
    assert len(np.unique(expected[: x.size][x > 0])) > 1000


def test_more_purchases_move_the_expected_value_from_the_population_to_the_customer():
    x = np.array([1.0, 5.0, 1e6])
    expected = expected_mean_value(PLANTED_VALUE, x, np.full(3, 100.0))
    assert (np.diff(expected) > 0).all()
    assert expected[0] == pytest.approx((5 * 100 + 3 * 50) / (5 + 3))
    assert expected[2] == pytest.approx(100, rel=1e-4)


def heavy_tail(q):
    rng = np.random.default_rng(4)
    return rng.gamma(6.0, size=2000) / rng.gamma(q, size=2000)


@pytest.mark.parametrize(
    "value",
    [
        heavy_tail(0.7),
        heavy_tail(1.02),
        np.full(2000, 7.5),
        np.append(np.arange(1.0, 50), np.zeros(1951)),
    ],
)
def test_without_a_sound_fit_every_purchase_is_worth_the_plain_mean(value):
    x = np.ones(2000)
    found = fit_gamma_gamma(x, value, 50)
    assert not found.converged
    assert np.isnan([found.p, found.q, found.v, found.log_likelihood]).all()
    assert found.population_mean == pytest.approx(value[value > 0].mean())
    assert (expected_mean_value(found, x, value) == found.population_mean).all()


# --- the frames ----------------------------------------------------------------------------------


def test_the_fit_has_a_row_per_model_and_parameter(fit, customers):
    assert fit.columns.tolist() == ["model", "parameter", "value"]
    assert fit.dtypes.astype(str).tolist() == ["string", "string", "float64"]
    found = fit.groupby("model", sort=False)["parameter"].agg(list).to_dict()
    assert found == {**FIT_ROWS, "holdout": HOLDOUT_ROWS}
    assert fit["value"].notna().all()
    without = fit_customer_value(customers[customers.columns[:5]])
    assert_frame_equal(without, fit[fit["model"] != "holdout"], check_exact=True)


def test_days_become_weeks(fit):
    for name in ("r", "alpha", "a", "b"):
        assert look_up(fit, "bg_nbd", name) == pytest.approx(getattr(PLANTED, name), rel=0.1), name


def test_predictions_are_those_of_the_two_models(customers, fit, predictions):
    ordered = customers.sort_values("customer_id")
    x, value = (
        ordered[column].to_numpy(dtype="float64")
        for column in ("repeat_purchase_days", "mean_repeat_value")
    )
    recency, age = (
        ordered[column].to_numpy() / 7 for column in ("last_purchase_age_days", "tenure_days")
    )
    model = BgNbdParameters(*(look_up(fit, "bg_nbd", name) for name in ("r", "alpha", "a", "b")))
    values = GammaGammaParameters(
        *(look_up(fit, "gamma_gamma", name) for name in ("p", "q", "v", "population_mean"))
    )
    purchases = expected_purchases(model, x, recency, age, WINDOW_DAYS / 7)
    worth = expected_mean_value(values, x, value)
    expected = pd.DataFrame(
        {
            "customer_id": ordered["customer_id"].astype("string").reset_index(drop=True),
            "probability_alive": probability_alive(model, x, recency, age),
            "expected_purchases": purchases,
            "expected_purchase_value": worth,
            "expected_value": purchases * worth,
        }
    )
    assert_frame_equal(predictions, expected, check_exact=True)


@pytest.mark.parametrize("shuffle", [1, 2])
def test_any_order_of_rows_gives_identical_bytes(customers, fit, predictions, shuffle):
    shuffled = customers.sample(frac=1, random_state=shuffle)
    again = fit_customer_value(shuffled)
    assert_frame_equal(again, fit, check_exact=True)
    reversed_fit = again.iloc[::-1]
    predicted = predict_customer_value(shuffled, reversed_fit, WINDOW_DAYS)
    assert_frame_equal(predicted, predictions, check_exact=True)


def test_the_correlation_is_over_customers_with_a_positive_value():
    frame = kinds([1, 2, 3, 0, 5], [9, 9, 9, 0, 9], 20, [10.0, 30.0, 20.0, np.nan, -99.0])
    found = look_up(fit_customer_value(frame), "gamma_gamma", "mean_value_correlation")
    assert found == pytest.approx(0.5)


def test_the_hold_out_beats_the_naive_rule_on_simulated_customers(fit, customers):
    found = fit[fit["model"] == "holdout"].set_index("parameter")["value"]
    actual = customers["holdout_purchases"]
    naive = customers["repeat_purchase_days"] / customers["tenure_days"] * customers["holdout_days"]
    assert found["customers"] == len(customers)
    assert found["converged"] == 1
    assert found["actual_purchases"] == actual.sum()
    assert found["naive_purchases"] == pytest.approx(naive.sum())
    assert found["naive_mean_absolute_error"] == pytest.approx((naive - actual).abs().mean())
    assert found["predicted_purchases"] == pytest.approx(actual.sum(), rel=0.05)
    assert found["mean_absolute_error"] < 0.8 * found["naive_mean_absolute_error"]


def test_the_hold_out_errors_are_those_of_a_fit_on_the_cutoff_alone(customers, predictions, fit):
    # Here the history up to the cutoff is all of the history.
    later = customers.sort_values("customer_id")["holdout_purchases"].to_numpy()
    error = (predictions["expected_purchases"] - later).abs().mean()
    assert look_up(fit, "holdout", "mean_absolute_error") == pytest.approx(error)
    assert look_up(fit, "holdout", "predicted_purchases") == pytest.approx(
        predictions["expected_purchases"].sum()
    )


def test_customers_who_came_after_the_cutoff_take_no_part_in_the_hold_out(customers, fit):
    cutoff = ["holdout_repeat_purchase_days", "holdout_last_purchase_age_days"]
    cutoff += ["holdout_tenure_days"]
    late = customers.head(500).assign(
        customer_id=[f"Z{number}" for number in range(500)], holdout_purchases=1000
    )
    late = late.astype(dict.fromkeys(cutoff, "float64"))
    late[cutoff] = np.nan
    everybody = pd.concat([customers.astype(dict.fromkeys(cutoff, "float64")), late])
    found = fit_customer_value(everybody)
    assert_frame_equal(
        found[found["model"] == "holdout"], fit[fit["model"] == "holdout"], check_exact=True
    )
    assert look_up(found, "bg_nbd", "customers") == len(customers) + 500


def cdnow_transactions(lifetimes):
    columns = ["master", "customer_id", "date", "units", "amount"]
    rows = lifetimes.datasets.load_dataset(
        "CDNOW_sample.txt", header=None, sep=r"\s+", names=columns
    )
    rows["date"] = pd.to_datetime(rows["date"].astype(str))
    days = rows.groupby(["customer_id", "date"], as_index=False)["amount"].sum()
    first = days.groupby("customer_id")["date"].transform("min")
    return days.assign(first=first, age=(days["date"] - first).dt.days)


def summarise(days, until):
    seen = days[days["date"] <= until]
    by_customer = seen.groupby("customer_id")
    return pd.DataFrame(
        {
            "repeat_purchase_days": by_customer.size() - 1,
            "last_purchase_age_days": by_customer["age"].max(),
            "tenure_days": (until - by_customer["first"].min()).dt.days,
            "mean_repeat_value": seen[seen["age"] > 0].groupby("customer_id")["amount"].mean(),
        }
    )


def test_cdnow_through_the_frames_gives_the_published_fit_and_beats_the_naive_rule(lifetimes):
    days = cdnow_transactions(lifetimes)
    cutoff, end = pd.Timestamp("1997-09-30"), pd.Timestamp("1998-06-30")
    at_cutoff = summarise(days, cutoff)
    fit = fit_customer_value(at_cutoff.reset_index())
    for name, printed in (("r", 0.243), ("alpha", 4.414), ("a", 0.793), ("b", 2.426)):
        assert look_up(fit, "bg_nbd", name) == pytest.approx(printed, abs=6e-4)
    assert look_up(fit, "gamma_gamma", "mean_value_correlation") == pytest.approx(0.11, abs=0.005)

    history_at_cutoff = at_cutoff.drop(columns="mean_repeat_value").add_prefix("holdout_")
    later = days[days["date"] > cutoff].groupby("customer_id").size()
    frame = summarise(days, end).join(history_at_cutoff)
    frame["holdout_purchases"] = later.reindex(frame.index).fillna(0)
    frame["holdout_days"] = (end - cutoff).days
    holdout = fit_customer_value(frame.reset_index()).query("model == 'holdout'")
    found = holdout.set_index("parameter")["value"]
    assert found["actual_purchases"] == 1882
    assert found["predicted_purchases"] == pytest.approx(1882, rel=0.15)
    assert found["naive_purchases"] > 1.5 * 1882
    assert found["mean_absolute_error"] < 0.8 * found["naive_mean_absolute_error"]


# --- odd input -----------------------------------------------------------------------------------


def assert_nothing_predicted(frame, **arguments):
    fit = fit_customer_value(frame, **arguments)
    assert look_up(fit, "bg_nbd", "converged") == 0
    assert fit.query("parameter in ['r', 'alpha', 'a', 'b', 'p', 'q', 'v']")["value"].isna().all()
    found = predict_customer_value(frame, fit, 90)
    assert found["customer_id"].tolist() == sorted(frame["customer_id"])
    assert found.drop(columns="customer_id").isna().all(axis=None)
    return fit, found


@pytest.mark.parametrize("min_customers", [0, 50])
def test_no_customers_give_empty_predictions_with_the_same_types(
    customers, fit, predictions, min_customers
):
    empty = customers.iloc[:0]
    empty_fit, found = assert_nothing_predicted(empty, min_customers=min_customers)
    assert found.dtypes.to_dict() == predictions.dtypes.to_dict()
    assert empty_fit.dtypes.to_dict() == fit.dtypes.to_dict()
    assert_frame_equal(empty_fit[["model", "parameter"]], fit[["model", "parameter"]])
    assert predict_customer_value(empty, fit, 90).empty


@pytest.mark.parametrize(
    "frame",
    [
        kinds([2], [20], [30], [9.0]),
        kinds([0], [0], [0]),
        kinds(np.full(200, 3), 20, 30, 9.0),
        kinds(np.zeros(200, int), 0, np.arange(200)),
        kinds(np.zeros(200, int), 0, 0),
        kinds(np.arange(200) % 7, 0, 0),
        kinds(np.tile([0, 1, 2], 100), np.tile([0, 5, 9], 100), 20, 5.0),
    ],
    ids=["one", "one new", "alike", "no repeat", "all new", "no time", "three kinds"],
)
@pytest.mark.parametrize("min_customers", [1, 50])
def test_where_nothing_can_be_fitted_nothing_is_predicted(frame, min_customers):
    assert_nothing_predicted(frame, min_customers=min_customers)


def test_the_minimum_of_customers_is_kept(customers):
    few = customers.iloc[:49]
    few_fit, _ = assert_nothing_predicted(few)
    assert look_up(few_fit, "holdout", "converged") == 0
    assert look_up(few_fit, "bg_nbd", "customers") == 49
    assert look_up(fit_customer_value(customers.iloc[:50]), "bg_nbd", "converged") == 1
    assert look_up(fit_customer_value(few, 49), "holdout", "converged") == 1


def test_too_few_repeat_customers_have_purchases_at_the_plain_mean_value(customers):
    some = customers.sort_values("repeat_purchase_days").iloc[:9000:60]
    frame = some[customers.columns[:5]].copy()
    with_value = frame["mean_repeat_value"].dropna().index
    frame.loc[with_value[20:], "mean_repeat_value"] = np.nan
    fit = fit_customer_value(frame)
    assert look_up(fit, "bg_nbd", "converged") == 1
    assert look_up(fit, "gamma_gamma", "converged") == 0
    found = predict_customer_value(frame, fit, 90)
    assert found["expected_purchase_value"].to_numpy() == pytest.approx(
        frame["mean_repeat_value"].mean()
    )
    assert (found["expected_value"] > 0).all()


@pytest.mark.parametrize(
    ("position", "change"),
    [
        (0, {"repeat_purchase_days": 1_000_000}),
        (0, {"repeat_purchase_days": 1_000_000, "last_purchase_age_days": 0, "tenure_days": 0}),
        (0, {"last_purchase_age_days": 10**7}),
        (0, {"tenure_days": 10**7}),
        (0, {"mean_repeat_value": 1e300}),
        (0, {"mean_repeat_value": 1e-300}),
        (0, {"mean_repeat_value": math.inf}),
        (slice(None), {"mean_repeat_value": -5.0}),
        (slice(None), {"last_purchase_age_days": 0}),
        (slice(None), {"tenure_days": 100, "last_purchase_age_days": 100}),
    ],
)
def test_odd_customers_break_nothing(customers, position, change):
    frame = customers.iloc[:400].sort_values("repeat_purchase_days", ascending=False)
    frame = frame.reset_index(drop=True)  # the first one has a value
    for column, value in change.items():
        frame[column] = frame[column].astype(type(value))
        frame.loc[frame.index[position], column] = value
    fit = fit_customer_value(frame)
    assert look_up(fit, "bg_nbd", "converged") == 1
    found = predict_customer_value(frame, fit, 90)
    assert np.isfinite(found[["probability_alive", "expected_purchases"]]).all(axis=None)
    assert found["probability_alive"].between(0, 1).all()
    assert found["expected_purchases"].between(0, 90).all()


def test_a_last_purchase_outside_of_the_tenure_is_at_its_end(customers, fit):
    late, end, before, start, null = (
        predict_customer_value(kinds([3], [age], [100], [20.0]), fit, 90)
        for age in (500, 100, -20, 0, np.nan)
    )
    assert_frame_equal(late, end, check_exact=True)
    assert_frame_equal(before, start, check_exact=True)
    assert_frame_equal(null, start, check_exact=True)
    assert (start["probability_alive"] < end["probability_alive"]).all()


def test_the_naive_rule_expects_nothing_of_customers_who_came_at_the_cutoff(customers, fit):
    new = customers.head(200).assign(
        customer_id=[f"Z{number}" for number in range(200)],
        holdout_repeat_purchase_days=0,
        holdout_last_purchase_age_days=0,
        holdout_tenure_days=0,
    )
    found = fit_customer_value(pd.concat([customers, new]))
    assert look_up(found, "holdout", "customers") == len(customers) + 200
    naive = look_up(found, "holdout", "naive_purchases")
    assert naive == pytest.approx(look_up(fit, "holdout", "naive_purchases"))


def test_a_day_is_a_purchase_day_only_once(customers, fit):
    busy = kinds([5000], [700], [700], [20.0])
    assert predict_customer_value(busy, fit, 90)["expected_purchases"].tolist() == [90]


def test_ties_everywhere_still_fit():
    frame = kinds(np.tile([0, 0, 1, 2, 4], 100), np.tile([0, 0, 9, 40, 60], 100), 70, 8.0)
    fit = fit_customer_value(frame)
    assert look_up(fit, "bg_nbd", "converged") == 1
    found = predict_customer_value(frame, fit, 90)
    assert found.drop(columns="customer_id").notna().all(axis=None)
    assert (found["expected_purchase_value"] == 8.0).all()


def test_a_row_without_history_is_null_and_moves_no_other(customers, fit, predictions):
    odd = kinds([1, 1, -1], [1, 1, 0], [5, 5, 5]).astype({"tenure_days": "Int64"})
    odd["customer_id"] = ["~1", "~2", "~3"]
    odd = odd.astype({"repeat_purchase_days": "Int64"})
    odd.loc[0, "tenure_days"] = pd.NA
    odd.loc[1, "repeat_purchase_days"] = pd.NA
    whole = customers.astype({"tenure_days": "Int64", "repeat_purchase_days": "Int64"})
    together = pd.concat([odd, whole])
    assert_frame_equal(fit_customer_value(together), fit, check_exact=True)
    found = predict_customer_value(together, fit, WINDOW_DAYS)
    assert found["customer_id"].tolist()[-3:] == ["~1", "~2", "~3"]
    assert found.tail(3).drop(columns="customer_id").isna().all(axis=None)
    assert_frame_equal(found.iloc[:-3], predictions, check_exact=True)


def test_a_model_that_did_not_converge_predicts_nothing(customers, fit):
    failed = fit.copy()
    is_flag = (failed["model"] == "bg_nbd") & (failed["parameter"] == "converged")
    failed.loc[is_flag, "value"] = 0.0
    for parameters in (failed, fit.iloc[:0]):
        found = predict_customer_value(customers, parameters, 90)
        assert found.drop(columns="customer_id").isna().all(axis=None)


@pytest.mark.parametrize(
    "column", ["customer_id", "repeat_purchase_days", "tenure_days", "mean_repeat_value"]
)
def test_a_missing_column_is_named(customers, fit, column):
    frame = customers.drop(columns=column)
    with pytest.raises(InputError, match=f"int_customers__value_input lacks column {column}"):
        fit_customer_value(frame)
    with pytest.raises(InputError, match=column):
        predict_customer_value(frame, fit, 90)


def test_a_part_of_the_hold_out_columns_is_a_mistake(customers):
    with pytest.raises(InputError, match="lacks column holdout_days"):
        fit_customer_value(customers.drop(columns="holdout_days"))


def test_a_missing_column_of_the_parameters_is_named(customers, fit):
    with pytest.raises(InputError, match="lacks column value"):
        predict_customer_value(customers, fit.drop(columns="value"), 90)
