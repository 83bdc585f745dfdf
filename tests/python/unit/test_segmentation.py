"""Segments: planted groups come back, with ids, names and measures that follow their rules."""

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from sklearn.metrics import adjusted_rand_score
from sklearn.preprocessing import StandardScaler

from inventory_allocation.errors import InputError
from inventory_allocation.segmentation import fit_segments, validate_segments
from inventory_allocation.segmentation.features import FEATURES, build_matrix
from inventory_allocation.segmentation.kmeans import choose_segment_count, sweep_segment_counts
from inventory_allocation.segmentation.names import name_segments

SEED = 11
EVEN = (0.25, 0.25, 0.25, 0.25)
# Size, recency in days, frequency, monetary, shares of the quarters.
PLANTED = {
    "often": (60, 10, 40, 6000, EVEN),
    "winter": (60, 90, 4, 500, (0.04, 0.04, 0.04, 0.88)),
    "gone": (70, 600, 1, 40, EVEN),
    "new": (70, 12, 2, 60, EVEN),
}
RFM_COLUMNS = ["recency_days", "frequency", "monetary"]


def plant_customers(seed=3):
    """Four groups of customers, each spread by some 15 % around its own centre."""
    rng = np.random.default_rng(seed)
    rows = []
    for group, (size, recency, frequency, monetary, shares) in PLANTED.items():
        for _ in range(size):
            spread = rng.lognormal(0, 0.15, 3)
            rows.append(
                (
                    group,
                    *(np.array([recency, frequency, monetary]) * spread),
                    *rng.dirichlet(np.array(shares) * 200),
                )
            )
    frame = pd.DataFrame(rows, columns=["group", *FEATURES])
    frame = frame.sample(frac=1, random_state=seed).reset_index(drop=True)
    return frame.assign(customer_id=[f"C{number:04d}" for number in range(len(frame))])


def one_centre(recency=50.0, frequency=5.0, monetary=100.0, shares=EVEN, segment_id=1, size=1):
    """Customers of one segment who are all alike."""
    row = dict(zip(FEATURES, [recency, frequency, monetary, *shares], strict=True))
    ids = [f"{segment_id}-{number}" for number in range(size)]
    return pd.DataFrame([row] * size).assign(customer_id=ids, segment_id=segment_id)


@pytest.fixture(scope="module")
def customers():
    return plant_customers()


@pytest.fixture(scope="module")
def segments(customers):
    return fit_segments(customers, segment_count=None, min_customers=30, seed=SEED)


@pytest.fixture(scope="module")
def validation(customers):
    return validate_segments(customers, min_customers=30, seed=SEED)


# --- fitting -------------------------------------------------------------------------------------


def test_planted_groups_are_recovered_without_being_told_their_number(customers, segments):
    assert segments["segment_id"].nunique() == len(PLANTED)
    truth = customers.set_index("customer_id")["group"].loc[segments["customer_id"]]
    assert adjusted_rand_score(truth, segments["segment_id"]) > 0.9


def test_each_customer_appears_once_and_sorted(customers, segments):
    assert segments["customer_id"].tolist() == sorted(customers["customer_id"])
    assert segments.columns.tolist() == [
        "customer_id",
        "segment_id",
        "segment",
        "distance",
        "silhouette",
    ]
    assert segments["segment_id"].dtype == "int64"
    assert segments["segment"].dtype == "string"


@pytest.mark.parametrize("shuffle", [1, 2])
def test_any_order_of_rows_gives_identical_segments(customers, segments, shuffle):
    shuffled = customers.sample(frac=1, random_state=shuffle)
    again = fit_segments(shuffled, segment_count=None, min_customers=30, seed=SEED)
    assert_frame_equal(again, segments, check_exact=True)


def test_the_same_seed_repeats_and_another_seed_finds_the_same_planted_groups(customers, segments):
    again = fit_segments(customers, segment_count=None, min_customers=30, seed=SEED)
    assert_frame_equal(again, segments, check_exact=True)
    other = fit_segments(customers, segment_count=None, min_customers=30, seed=SEED + 1)
    assert_frame_equal(other, segments)


def test_a_seed_changes_the_fit_where_there_is_nothing_to_find():
    noise = plant_customers()
    rng = np.random.default_rng(0)
    noise[FEATURES] = rng.random((len(noise), len(FEATURES)))
    fits = [fit_segments(noise, 6, 30, seed)["segment_id"] for seed in (1, 2)]
    assert adjusted_rand_score(*fits) < 1


def test_segment_ids_count_from_one_by_falling_mean_spending(customers, segments):
    joined = segments.merge(customers, on="customer_id")
    spending = joined.groupby("segment_id")["monetary"].mean()
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


def test_one_name_belongs_to_one_segment(customers):
    segments = fit_segments(customers, segment_count=8, min_customers=30, seed=SEED)
    pairs = segments[["segment_id", "segment"]].drop_duplicates()
    assert pairs["segment_id"].is_unique
    assert pairs["segment"].is_unique
    assert len(pairs) == 8


@pytest.mark.parametrize("count", [2, 3, 5])
def test_an_explicit_number_of_segments_is_honoured(customers, count):
    segments = fit_segments(customers, segment_count=count, min_customers=30, seed=SEED)
    assert sorted(segments["segment_id"].unique()) == list(range(1, count + 1))


def test_more_segments_than_different_customers_give_one_segment_each():
    customers = pd.concat(
        [one_centre(monetary=money, size=5, segment_id=money) for money in (10, 100, 1000)]
    )
    segments = fit_segments(customers, segment_count=6, min_customers=1, seed=SEED)
    found = segments.merge(customers, on="customer_id", suffixes=("", "_planted"))
    pairs = found[["segment_id", "segment_id_planted"]].drop_duplicates()
    assert sorted(pairs.itertuples(index=False, name=None)) == [(1, 1000), (2, 100), (3, 10)]
    assert segments["distance"].to_numpy() == pytest.approx(0)


def test_distance_and_silhouette_equal_a_brute_force_computation(customers, segments):
    ordered = customers.sort_values("customer_id")
    raw = np.column_stack([np.log1p(ordered[RFM_COLUMNS]), ordered[FEATURES[3:]]])
    scaled = StandardScaler().fit_transform(raw)
    scaled[:, 3:] *= 0.5  # the four quarters count as one feature together
    ids = segments["segment_id"].to_numpy()
    centres = {number: scaled[ids == number].mean(axis=0) for number in np.unique(ids)}
    for row, (point, number) in enumerate(zip(scaled, ids, strict=True)):
        own = np.sqrt(((point - centres[number]) ** 2).sum())
        nearest_other = min(
            np.sqrt(((point - centre) ** 2).sum())
            for other, centre in centres.items()
            if other != number
        )
        silhouette = (nearest_other - own) / max(nearest_other, own)
        assert segments["distance"].iloc[row] == pytest.approx(own, abs=1e-6)
        assert segments["silhouette"].iloc[row] == pytest.approx(silhouette, abs=1e-6)


# --- too little to segment -----------------------------------------------------------------------


def test_fewer_customers_than_the_minimum_are_all_unassigned(customers):
    few = customers.head(29)
    segments = fit_segments(few, segment_count=4, min_customers=30, seed=SEED)
    assert segments["customer_id"].tolist() == sorted(few["customer_id"])
    assert set(segments["segment"]) == {"unassigned"}
    assert set(segments["segment_id"]) == {0}


def test_as_many_customers_as_the_minimum_are_segmented(customers):
    segments = fit_segments(customers.head(30), segment_count=3, min_customers=30, seed=SEED)
    assert segments["segment_id"].nunique() == 3


@pytest.mark.parametrize("count", [None, 3])
@pytest.mark.parametrize("min_customers", [0, 30])
def test_no_customers_give_an_empty_frame_with_the_same_types(
    customers, segments, count, min_customers
):
    empty = fit_segments(customers.iloc[:0], count, min_customers, SEED)
    assert empty.empty
    assert empty.dtypes.to_dict() == segments.dtypes.to_dict()


@pytest.mark.parametrize("count", [None, 3])
def test_one_customer_is_unassigned(customers, count):
    alone = fit_segments(customers.head(1), count, min_customers=1, seed=SEED)
    assert alone["segment"].tolist() == ["unassigned"]


@pytest.mark.parametrize("count", [None, 4])
def test_customers_who_are_all_alike_are_unassigned(count):
    segments = fit_segments(one_centre(size=50), count, min_customers=10, seed=SEED)
    assert set(segments["segment"]) == {"unassigned"}


@pytest.mark.parametrize("column", ["customer_id", "monetary", "q3_share"])
def test_a_missing_column_is_named(customers, column):
    with pytest.raises(InputError, match=f"int_customers__segment_input lacks column {column}"):
        fit_segments(customers.drop(columns=column), None, 30, SEED)
    with pytest.raises(InputError, match=column):
        validate_segments(customers.drop(columns=column), 30, SEED)


# --- features ------------------------------------------------------------------------------------


def test_the_four_quarters_weigh_as_much_as_one_feature(customers):
    variances = build_matrix(customers).var(axis=0)
    assert variances[:3] == pytest.approx([1, 1, 1])
    assert variances[3:].sum() == pytest.approx(1)


def test_a_constant_feature_counts_for_nothing_and_returns_do_not_break_the_logarithm(customers):
    odd = customers.assign(frequency=1.0)
    odd.loc[0, "monetary"] = -500.0
    zero = customers.assign(frequency=1.0)
    zero.loc[0, "monetary"] = 0.0
    matrix = build_matrix(odd)
    assert (matrix[:, 1] == 0).all()
    np.testing.assert_array_equal(matrix, build_matrix(zero))


# --- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("recency", "frequency", "monetary", "name"),
    [
        (10, 9, 500, "champions"),
        (10, 9, 20, "regulars"),
        (10, 1, 500, "big spenders"),
        (10, 1, 20, "occasional"),
        (50, 5, 100, "occasional"),  # equal to the median: recent, but neither often nor much
        (90, 9, 20, "at risk"),
        (90, 1, 500, "at risk"),
        (90, 1, 20, "lapsed"),
    ],
)
def test_a_centre_is_named_against_the_median_customer(recency, frequency, monetary, name):
    bulk = one_centre(segment_id=2, size=11)
    names = name_segments(pd.concat([one_centre(recency, frequency, monetary), bulk]))
    assert names[1] == name


@pytest.mark.parametrize("quarter", [1, 2, 3, 4])
def test_sixty_percent_in_one_quarter_makes_a_seasonal_name_whatever_the_rest(quarter):
    shares = np.full(4, 0.4 / 3)
    shares[quarter - 1] = 0.6
    bulk = one_centre(segment_id=2, size=11)
    names = name_segments(pd.concat([one_centre(10, 9, 500, tuple(shares)), bulk]))
    assert names[1] == f"seasonal Q{quarter}"


def test_just_under_sixty_percent_is_not_seasonal():
    bulk = one_centre(segment_id=2, size=11)
    centre = one_centre(10, 9, 500, (0.59, 0.41, 0.0, 0.0))
    assert name_segments(pd.concat([centre, bulk]))[1] == "champions"


def test_repeated_names_are_numbered_in_the_order_of_spending():
    winter = (0.0, 0.0, 0.1, 0.9)
    frames = [
        one_centre(90, 1, 60, winter, segment_id=1),
        one_centre(90, 1, 50, segment_id=2),
        one_centre(80, 1, 40, segment_id=3),
        one_centre(10, 1, 30, winter, segment_id=4),
        one_centre(95, 1, 20, segment_id=5),
        one_centre(segment_id=6, size=21),
    ]
    assert name_segments(pd.concat(frames)) == {
        1: "seasonal Q4",
        2: "lapsed",
        3: "lapsed 2",
        4: "seasonal Q4 2",
        5: "lapsed 3",
        6: "occasional",
    }


# --- number of segments --------------------------------------------------------------------------


def measure(silhouette, stability, smallest_share):
    return {"silhouette": silhouette, "stability": stability, "smallest_share": smallest_share}


@pytest.mark.parametrize(
    ("measures", "chosen"),
    [
        ({}, 1),
        # The best silhouette wins among sound ones.
        ({3: measure(0.3, 0.9, 0.1), 4: measure(0.5, 0.85, 0.1), 5: measure(0.4, 1.0, 0.1)}, 4),
        # An unstable one and one with a tiny segment are passed over.
        ({3: measure(0.3, 0.9, 0.1), 4: measure(0.5, 0.79, 0.1), 5: measure(0.6, 1.0, 0.029)}, 3),
        # The limits themselves are sound.
        ({3: measure(0.3, 0.9, 0.1), 4: measure(0.5, 0.8, 0.03)}, 4),
        # None is sound: the most stable one.
        ({3: measure(0.9, 0.2, 0.1), 4: measure(0.1, 0.7, 0.1), 5: measure(0.5, 0.6, 0.1)}, 4),
        ({3: measure(0.9, 0.2, 0.1), 4: measure(0.1, 0.99, 0.01)}, 4),
        # Ties go to fewer segments.
        ({4: measure(0.5, 0.9, 0.1), 3: measure(0.5, 0.9, 0.1)}, 3),
        ({4: measure(0.2, 0.5, 0.1), 3: measure(0.1, 0.5, 0.1)}, 3),
    ],
)
def test_the_number_of_segments_follows_the_rule(measures, chosen):
    assert choose_segment_count(measures) == chosen


def test_validation_has_a_row_for_each_number_and_metric_and_chooses_the_planted_number(validation):
    assert validation.columns.tolist() == ["segment_count", "metric", "value", "verdict"]
    assert validation["segment_count"].value_counts().to_dict() == dict.fromkeys(range(3, 9), 3)
    assert set(validation["metric"]) == {"silhouette", "stability", "smallest_share"}
    assert set(validation["verdict"]) == {"chosen", "not chosen"}
    assert validation.query("verdict == 'chosen'")["segment_count"].tolist() == [4, 4, 4]


def test_validation_of_the_planted_number_finds_what_was_planted(validation):
    found = validation.query("segment_count == 4").set_index("metric")["value"]
    assert found["smallest_share"] == pytest.approx(60 / 260)
    assert found["stability"] == pytest.approx(1, abs=0.02)
    assert found["silhouette"] > 0.6


def test_validation_does_not_depend_on_the_order_of_rows(customers, validation):
    again = validate_segments(customers.sample(frac=1, random_state=5), 30, SEED)
    assert_frame_equal(again, validation, check_exact=True)


def test_permuted_features_show_no_segments(customers, validation):
    rng = np.random.default_rng(1)
    noise = customers.copy()
    for column in FEATURES:
        noise[column] = rng.permutation(noise[column].to_numpy())
    permuted = validate_segments(noise, 30, SEED).query("metric == 'silhouette'")["value"]
    planted = validation.query("metric == 'silhouette'")["value"]
    assert permuted.max() < 0.5 * planted.max()


def test_pure_noise_is_neither_separated_nor_stable(customers):
    rng = np.random.default_rng(2)
    measures = sweep_segment_counts(rng.normal(size=(250, 7)), SEED)
    assert max(found["silhouette"] for found in measures.values()) < 0.15
    assert max(found["stability"] for found in measures.values()) < 0.6


def test_too_few_customers_give_an_empty_validation_with_the_same_types(customers, validation):
    for few in (customers.iloc[:0], customers.head(29), one_centre(size=40)):
        empty = validate_segments(few, 30, SEED)
        assert empty.empty
        assert empty.dtypes.to_dict() == validation.dtypes.to_dict()


@pytest.mark.parametrize(("different", "counts"), [(3, []), (4, [3]), (5, [3, 4])])
def test_the_sweep_stops_before_each_different_customer_is_a_segment(different, counts):
    matrix = np.repeat(np.eye(different), 5, axis=0)
    assert list(sweep_segment_counts(matrix, SEED)) == counts
