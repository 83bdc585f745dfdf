"""Segments: planted groups come back; ids and names stay; new customers are assigned."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from segment_cases import AS_OF, EVEN, PLANTED, SETTINGS, fit, make_noise, plant_customers
from sklearn.metrics import adjusted_rand_score
from statsmodels.stats.outliers_influence import variance_inflation_factor

from inventory_allocation.errors import InputError
from inventory_allocation.segmentation import SegmentSettings, assign_segments, sweep_segments
from inventory_allocation.segmentation import kmeans as kmeans_module
from inventory_allocation.segmentation.collinearity import (
    drop_collinear_features,
    variance_inflation_factors,
)
from inventory_allocation.segmentation.continuity import match_segments
from inventory_allocation.segmentation.features import fit_scaling, scale_customers
from inventory_allocation.segmentation.kmeans import assign, fit_centers
from inventory_allocation.segmentation.names import name_segments
from inventory_allocation.segmentation.sweep import Candidate, choose_segment_count, sweep


@pytest.fixture(scope="module")
def customers():
    return plant_customers()


@pytest.fixture(scope="module")
def fitted(customers):
    return fit(customers)


@pytest.fixture(scope="module")
def segments(customers, fitted):
    return assign_segments(customers, fitted[1], SETTINGS)


# --- fitting -------------------------------------------------------------------------------------


def test_planted_groups_are_recovered_without_being_told_their_number(customers, segments):
    assert segments["segment_id"].nunique() == len(PLANTED)
    truth = customers.set_index("customer_id")["group"].loc[segments["customer_id"]]
    assert adjusted_rand_score(truth, segments["segment_id"]) >= 0.9


@pytest.mark.parametrize("shuffle", [1, 2])
def test_any_order_of_rows_gives_identical_rows(customers, fitted, segments, shuffle):
    shuffled = customers.sample(frac=1, random_state=shuffle)
    sweeps, centers = fit(shuffled)
    assert_frame_equal(sweeps, fitted[0], check_exact=True)
    assert_frame_equal(centers, fitted[1], check_exact=True)
    again = assign_segments(shuffled, centers.sample(frac=1, random_state=shuffle), SETTINGS)
    assert_frame_equal(again, segments, check_exact=True)


def test_segment_ids_count_from_one_by_falling_mean_spending(customers, segments):
    spending = segments.merge(customers, on="customer_id").groupby("segment_id")["monetary"].mean()
    assert spending.index.tolist() == [1, 2, 3, 4]
    assert (spending.diff().dropna() < 0).all()


def test_planted_groups_get_the_names_that_their_centres_ask_for(customers, segments):
    joined = segments.merge(customers, on="customer_id")
    names = joined.groupby("group")["segment"].agg(lambda found: found.mode()[0]).to_dict()
    assert names == {
        "often": "champions",
        "winter": "seasonal Q4",
        "gone": "lapsed",
        "new": "occasional",
    }


def test_distance_and_silhouette_follow_their_definitions(customers, fitted, segments):
    rows = fitted[1]
    scaling = fit_scaling(customers, SETTINGS.features)
    kept = scaling.keep(rows["feature"].unique())
    ordered = customers.sort_values("customer_id")
    matrix = scale_customers(ordered, kept)
    by_segment = rows.sort_values(["segment_id", "position"])["center"].to_numpy()
    centers = by_segment.reshape(rows["segment_id"].nunique(), -1)
    distances = np.linalg.norm(matrix[:, None] - centers[None], axis=2)
    np.testing.assert_allclose(segments["distance"], distances.min(axis=1))
    nearest, second = np.sort(distances, axis=1)[:, :2].T
    np.testing.assert_allclose(segments["silhouette"], (second - nearest) / second)
    assert (segments["segment_id"] == distances.argmin(axis=1) + 1).all()


def test_a_fixed_number_of_segments_is_kept_and_the_sweep_still_shown(customers):
    sweeps, centers = fit(customers, replace(SETTINGS, segment_count=6))
    assert centers["segment_id"].nunique() == 6
    silhouettes = sweeps.query("metric == 'silhouette'")
    assert silhouettes["segment_count"].tolist() == list(range(2, 11))
    chosen = sweeps.query("metric == 'silhouette' and is_chosen")
    assert chosen["segment_count"].tolist() == [6]
    assert chosen["verdict"].tolist() == ["chosen by var segment_count"]


# --- from fit to fit -----------------------------------------------------------------------------


def later(frame, days):
    return frame.assign(snapshot_date=AS_OF + pd.Timedelta(days=days))


def test_between_fits_nothing_is_fitted_and_new_customers_get_the_nearest_centre(
    customers, fitted, segments
):
    newcomer = customers[customers["group"] == "winter"].head(1).assign(customer_id="newcomer")
    month = later(pd.concat([customers, newcomer]), 27)
    sweeps, centers = fit(month, SETTINGS, *fitted)
    assert_frame_equal(centers, fitted[1])
    assert_frame_equal(sweeps, fitted[0])
    found = assign_segments(month, centers, SETTINGS)
    name = found.set_index("customer_id").loc["newcomer", "segment"]
    assert name == "seasonal Q4"
    old = found[found["customer_id"] != "newcomer"].reset_index(drop=True)
    assert_frame_equal(old, segments)


def test_a_new_fit_keeps_ids_and_names_and_a_new_group_gets_a_new_id(customers, fitted):
    # The lapsed group now spends most, so a fit on its own would number it first.
    moved = later(customers.copy(), 28)
    moved.loc[moved["group"] == "gone", "monetary"] *= 3
    extra = plant_customers(5, {"bulk": (60, 300, 40, 90_000, EVEN, 0.1)}, moved.snapshot_date[0])
    extra["customer_id"] = "N" + extra["customer_id"]
    month = pd.concat([moved, extra], ignore_index=True)
    sweeps, centers = fit(month, SETTINGS, *fitted)
    assert sweeps["fitted_on"].nunique() == 2
    found = assign_segments(month, centers, SETTINGS).merge(month, on="customer_id")
    names = found.groupby("group")[["segment_id", "segment"]].agg(lambda x: x.mode()[0])
    assert names.loc[["often", "winter", "gone", "new"], "segment_id"].tolist() == [1, 2, 4, 3]
    assert names.loc["gone", "segment"] == "lapsed"
    assert names.loc["bulk", "segment_id"] == 5
    assert found["segment"].nunique() == 5


@pytest.mark.parametrize(
    ("days", "settings"), [(1, replace(SETTINGS, segment_count=3)), (-1, SETTINGS), (28, SETTINGS)]
)
def test_other_settings_an_earlier_day_and_an_old_fit_ask_for_a_new_one(
    customers, fitted, days, settings
):
    _, centers = fit(later(customers, days), settings, *fitted)
    assert len(centers) > len(fitted[1])


def test_going_back_to_earlier_settings_finds_their_fit(customers, fitted):
    others = fit(customers, replace(SETTINGS, segment_count=3), *fitted)
    back = fit(customers, SETTINGS, *others)
    assert_frame_equal(back[1], others[1])
    assert assign_segments(customers, back[1], SETTINGS)["segment"].nunique() == 4


def test_centres_catch_up_after_a_build_that_failed_behind_the_sweep(customers, fitted):
    late = later(customers, 3)
    sweeps, first = fit(late, SETTINGS, fitted[0])
    assert set(sweeps["fitted_on"]) == {AS_OF}
    assert set(first["fitted_on"]) == {AS_OF + pd.Timedelta(days=3)}
    due = later(customers, 28)
    sweeps, centers = fit(due, SETTINGS, sweeps, first)
    assert sweeps["fitted_on"].nunique() == 2
    assert set(centers["fitted_on"]) == {AS_OF + pd.Timedelta(days=days) for days in (3, 28)}


def test_segments_match_by_the_customers_they_share():
    old = np.array([1] * 10 + [2] * 10 + [3] * 10)
    new = np.array([7] * 9 + [8] * 11 + [9] * 4 + [6] * 6)
    # 7 and 1 share 9 of 10, 8 and 2 share 10 of 11, 6 and 3 share 6 of 10, 9 and 3 4 of 10.
    assert match_segments(new, old) == {7: 1, 8: 2, 6: 3}
    halves = np.array([1, 1, 2, 2])
    assert match_segments(halves, np.array([1, 1, 1, 1])) == {}


# --- customers who are not fitted ----------------------------------------------------------------


def test_customers_without_enough_history_have_their_own_segment(customers):
    thin = customers.copy()
    thin.loc[:9, "purchase_days"] = 1
    _, centers = fit(thin)
    found = assign_segments(thin, centers, SETTINGS).set_index("customer_id")
    ids = thin.loc[:9, "customer_id"]
    assert set(found.loc[ids, "segment"]) == {"thin history"}
    assert set(found.loc[ids, "segment_id"]) == {-1}
    assert found.loc[ids, ["distance", "silhouette", "fitted_on"]].isna().all().all()
    assert (found["segment"] == "thin history").sum() == 10


@pytest.mark.parametrize("count", [0, 1, 29])
def test_too_few_customers_are_unassigned(customers, count):
    few = customers.head(count)
    sweeps, centers = fit(few)
    found = assign_segments(few, centers, SETTINGS)
    assert len(sweeps) == len(centers) == 0
    assert len(found) == count
    assert set(found["segment"]) <= {"unassigned"}
    full = fit(customers)
    assert sweeps.dtypes.to_dict() == full[0].dtypes.to_dict()
    assert centers.dtypes.to_dict() == full[1].dtypes.to_dict()


def test_customers_who_are_all_alike_are_unassigned(customers):
    alike = customers.iloc[[0] * 60].assign(customer_id=[f"A{i:02d}" for i in range(60)])
    sweeps, centers = fit(alike)
    assert set(sweeps["verdict"]) == {"left out: the same for all customers"}
    assert set(assign_segments(alike, centers, SETTINGS)["segment"]) == {"unassigned"}


@pytest.mark.parametrize(("different", "largest"), [(2, 2), (3, 3), (5, 5)])
def test_heavy_ties_give_at_most_as_many_segments_as_customers_differ(
    customers, different, largest
):
    tied = customers.iloc[np.arange(60) % different]
    tied = tied.assign(customer_id=[f"T{i:02d}" for i in range(60)])
    _, centers = fit(tied)
    found = assign_segments(tied, centers, SETTINGS)
    assert 1 <= found["segment"].nunique() <= largest


def test_one_customer_with_a_million_orders_is_no_segment_of_its_own(customers):
    odd = customers.copy()
    odd.loc[0, ["frequency", "monetary"]] = [1e6, 1e9]
    _, centers = fit(odd)
    found = assign_segments(odd, centers, SETTINGS)
    assert found["segment"].value_counts().min() > 50


@pytest.mark.parametrize("column", ["customer_id", "monetary", "purchase_days", "season_strength"])
def test_a_missing_column_is_named(customers, column):
    with pytest.raises(InputError, match=f"int_customers__segment_input lacks column {column}"):
        sweep_segments(customers.drop(columns=column), None, SETTINGS)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"features": ["recency"]}, "segment_features names recency"),
        ({"features": []}, "segment_features names nothing"),
        ({"features": ["monetary", "monetary"]}, "twice"),
        ({"segment_count": 1}, "segment_count is 1"),
        ({"segment_count": 11}, "segment_count is 11"),
        ({"refit_days": 0}, "segment_refit_days is 0"),
    ],
)
def test_a_setting_that_makes_no_sense_names_its_var(values, text):
    with pytest.raises(InputError, match=text):
        SegmentSettings(**{"features": ["monetary"], **values})


def test_settings_come_from_one_row_and_the_refit_period_is_not_part_of_a_fit():
    row = {
        "features": "monetary,season",
        "segment_count": None,
        "min_customers": 5,
        "min_purchase_days": 2,
        "refit_days": 7,
        "bootstraps": 3,
        "permutations": 4,
        "seed": 1,
    }
    found = SegmentSettings.from_frame(pd.DataFrame([row]))
    assert found == SegmentSettings(["monetary", "season"], None, 5, 2, 7, 3, 4, 1)
    assert replace(found, refit_days=9).fingerprint == found.fingerprint
    assert replace(found, seed=2).fingerprint != found.fingerprint


# --- features ------------------------------------------------------------------------------------


def test_variance_inflation_factors_equal_those_of_statsmodels():
    rng = np.random.default_rng(4)
    matrix = rng.normal(size=(200, 5))
    matrix[:, 4] = matrix[:, 0] + 0.3 * matrix[:, 1] + 0.2 * rng.normal(size=200)
    matrix = (matrix - matrix.mean(axis=0)) / matrix.std(axis=0)
    expected = [variance_inflation_factor(matrix, column) for column in range(5)]
    found = variance_inflation_factors(matrix, list("abcde"))
    assert list(found) == list("abcde")
    np.testing.assert_allclose(list(found.values()), expected, rtol=1e-9)


def test_ties_between_the_columns_of_one_feature_do_not_count():
    rng = np.random.default_rng(4)
    matrix = rng.normal(size=(500, 3))
    matrix[:, 1] = -matrix[:, 0]
    found = variance_inflation_factors(matrix, ["season", "season", "monetary"])
    assert found["season"] == pytest.approx(1, abs=0.01)
    apart = variance_inflation_factors(matrix, ["one", "other", "monetary"])
    assert apart["one"] > 1e5


def test_the_generalised_factor_is_the_canonical_one():
    # Fox and Monette: the factor is the product of 1 / (1 - canonical correlation squared).
    rng = np.random.default_rng(5)
    matrix = rng.normal(size=(400, 5))
    matrix[:, 0] += matrix[:, 3]
    matrix[:, 1] += matrix[:, 4] - 0.5 * matrix[:, 3]
    inner = np.corrcoef(matrix, rowvar=False)
    own, cross, rest = inner[:2, :2], inner[:2, 2:], inner[2:, 2:]
    squared = np.linalg.eigvals(np.linalg.solve(own, cross) @ np.linalg.solve(rest, cross.T))
    expected = np.prod(1 / (1 - squared.real)) ** 0.5
    found = variance_inflation_factors(matrix, ["two", "two", "a", "b", "c"])["two"]
    assert found == pytest.approx(expected, rel=1e-9)


def test_of_features_that_say_the_same_the_less_important_goes(customers):
    same = customers.assign(
        tenure_days=customers["monetary"] * 1.01,
        recency_days=np.random.default_rng(1).uniform(1, 99, len(customers)),
    )
    names = ["recency_days", "monetary", "season", "tenure_days"]
    scaling = fit_scaling(same, names)
    kept, table = drop_collinear_features(scale_customers(same, scaling), scaling)
    assert list(dict.fromkeys(kept.features)) == names[:3]
    verdicts = table.set_index("feature")["verdict"]
    assert verdicts["tenure_days"] == "left out: would bring monetary to 5 or more"
    assert table.set_index("feature").loc[names[:3], "value"].max() < 5
    swapped = fit_scaling(same, names[::-1])
    kept, _ = drop_collinear_features(scale_customers(same, swapped), swapped)
    assert list(dict.fromkeys(kept.features)) == ["tenure_days", "season", "recency_days"]


def test_columns_of_one_feature_count_as_one_and_unknown_counts_as_the_mean(customers):
    names = ["monetary", "season", "quarter_shares"]
    scaling = fit_scaling(customers, names)
    matrix = scale_customers(customers, scaling)
    features = np.array(scaling.features)
    for name in names:
        assert matrix[:, features == name].var(axis=0).sum() == pytest.approx(1, abs=0.02)
    unknown = customers.assign(monetary=np.nan)
    assert (scale_customers(unknown, scaling)[:, 0] == 0).all()


def test_a_negative_amount_counts_as_zero_and_an_extreme_one_as_four_deviations(customers):
    scaling = fit_scaling(customers, ["monetary"])
    odd = customers.head(2).assign(monetary=[-500.0, 1e30])
    zero = customers.head(2).assign(monetary=[0.0, 1e25])
    np.testing.assert_array_equal(scale_customers(odd, scaling), scale_customers(zero, scaling))
    assert scale_customers(odd, scaling)[1, 0] == 4


# --- K-means -------------------------------------------------------------------------------------


def test_past_the_sample_a_fit_ends_on_everybody(monkeypatch):
    rng = np.random.default_rng(1)
    matrix = np.concatenate([rng.normal(center, 0.1, (400, 2)) for center in (0, 3, 6)])
    monkeypatch.setattr(kmeans_module, "FIT_SAMPLE", 100)
    centers = fit_centers(matrix, 3, 1)
    expected = [matrix[i * 400 : (i + 1) * 400].mean(axis=0) for i in range(3)]
    np.testing.assert_allclose(np.sort(centers[:, 0]), [e[0] for e in expected], atol=1e-9)


def test_a_customer_belongs_to_the_nearest_centre():
    rng = np.random.default_rng(2)
    matrix, centers = rng.normal(size=(50, 3)), rng.normal(size=(4, 3))
    labels, own, other = assign(matrix, centers)
    distances = np.sort(np.linalg.norm(matrix[:, None] - centers[None], axis=2), axis=1)
    np.testing.assert_allclose(own, distances[:, 0])
    np.testing.assert_allclose(other, distances[:, 1])
    np.testing.assert_allclose(own, np.linalg.norm(matrix - centers[labels], axis=1))


# --- number of segments --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("candidates", "chosen"),
    [
        ([], 1),
        # The best silhouette times stability among sound ones.
        ([(3, 0.3, 0.9, 0.1), (4, 0.5, 0.9, 0.1), (5, 0.4, 1.0, 0.1)], 4),
        ([(3, 0.5, 0.8, 0.1), (4, 0.45, 1.0, 0.1), (5, 0.52, 0.8, 0.1)], 4),
        # An unstable one and one with a tiny segment are passed over.
        ([(3, 0.3, 0.9, 0.1), (4, 0.5, 0.79, 0.1), (5, 0.6, 1.0, 0.029)], 3),
        # The limits themselves are sound.
        ([(3, 0.3, 0.9, 0.1), (4, 0.5, 0.8, 0.03)], 4),
        # With 95 % of the best score, more segments win.
        ([(3, 0.5, 0.9, 0.1), (4, 0.48, 0.9, 0.1), (5, 0.47, 0.9, 0.1)], 4),
        # None is sound: the most stable one without a tiny segment, else the most stable one.
        ([(3, 0.9, 0.2, 0.1), (4, 0.1, 0.7, 0.1), (5, 0.5, 0.99, 0.01)], 4),
        ([(3, 0.9, 0.2, 0.01), (4, 0.1, 0.99, 0.01)], 4),
        ([(4, 0.2, 0.5, 0.1), (3, 0.1, 0.5, 0.1)], 3),
    ],
)
def test_the_number_of_segments_follows_the_rule(candidates, chosen):
    assert choose_segment_count([Candidate(*item) for item in candidates]) == chosen


def test_the_planted_number_is_stable_and_noise_is_not(customers, fitted):
    found = fitted[0].query("segment_count == 4").set_index("metric")["value"]
    assert found["smallest_share"] == pytest.approx(70 / 320)
    assert found["stability"] == pytest.approx(1, abs=0.02)
    assert found["silhouette"] > 0.4
    noise = make_noise()
    matrix = scale_customers(noise, fit_scaling(noise, SETTINGS.features))
    candidates = sweep(matrix, 1, 8)
    assert max(item.silhouette for item in candidates) < 0.2
    assert max(item.stability for item in candidates[2:]) < 0.6


# --- names ---------------------------------------------------------------------------------------


def one_center(recency=50.0, frequency=5.0, monetary=100.0, shares=EVEN, segment_id=1, size=1):
    """Customers of one segment who are all alike."""
    row = plant_customers().iloc[0].to_dict() | {
        "recency_days": recency, "frequency": frequency, "monetary": monetary,
        "tenure_days": 700.0, "return_rate": 0.0, "category_count": 3.0,
        "interpurchase_variation": 0.3,
        **{f"q{i + 1}_share": shares[i] for i in range(4)},
    }  # fmt: skip
    return pd.DataFrame([row] * size).assign(segment_id=segment_id)


@pytest.mark.parametrize(
    ("recency", "frequency", "monetary", "name"),
    [
        (10, 9, 500, "champions"),
        (10, 9, 20, "regulars"),
        (10, 1, 500, "big spenders"),
        (10, 1, 20, "occasional"),
        (90, 9, 20, "at risk"),
        (90, 1, 500, "at risk"),
        (90, 1, 20, "lapsed"),
    ],
)
def test_a_centre_is_named_against_the_median_customer(recency, frequency, monetary, name):
    bulk = one_center(segment_id=2, size=11)
    names = name_segments(pd.concat([one_center(recency, frequency, monetary), bulk]))
    assert names[1].split(",")[0] == name


@pytest.mark.parametrize("quarter", [1, 2, 3, 4])
def test_sixty_percent_in_one_quarter_makes_a_seasonal_name_whatever_the_rest(quarter):
    shares = np.full(4, 0.4 / 3)
    shares[quarter - 1] = 0.6
    bulk = one_center(segment_id=2, size=11)
    names = name_segments(pd.concat([one_center(10, 9, 500, tuple(shares)), bulk]))
    assert names[1] == f"seasonal Q{quarter}"


def test_segments_of_one_name_are_told_apart_by_what_differs_and_at_last_by_number():
    frames = [
        one_center(90, 1, 60, segment_id=1, size=3),
        one_center(800, 1, 60, segment_id=2, size=3),
        one_center(90, 1, 60, segment_id=3, size=3),
        one_center(10, 9, 900, segment_id=4, size=20),
    ]
    assert name_segments(pd.concat(frames)) == {
        1: "lapsed, recent",
        2: "lapsed, quiet",
        3: "lapsed, recent 2",
        4: "occasional",
    }
    kept = name_segments(pd.concat(frames), {1: "old friends", 2: "lapsed, recent"})
    assert kept[1] == "old friends"
    assert kept[2] == "lapsed, recent"
    assert len(set(kept.values())) == 4
