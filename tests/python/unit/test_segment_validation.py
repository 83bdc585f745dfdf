"""Validation: planted segments are trusted, noise isn't, and outcomes are tested on later data."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from scipy import stats
from segment_cases import AS_OF, SETTINGS, fit, make_noise, plant_customers
from sklearn.metrics import silhouette_samples

from inventory_allocation.segmentation import assign_segments, validate_segments
from inventory_allocation.segmentation.features import fit_scaling, scale_customers
from inventory_allocation.segmentation.silhouettes import bootstrap_mean, compare_with_shuffled

QUARTER = pd.Timedelta(days=91)
SPEND = {"often": 900.0, "winter": 50.0, "gone": 2.0, "new": 30.0}


def make_history(customers, follows=True, seed=1):
    """The same customers at four earlier snapshots, and what they did next."""
    rng = np.random.default_rng(seed)
    frames = []
    for back in (1, 2, 3, 4):
        mean = customers["group"].map(SPEND) if follows else pd.Series(100.0, customers.index)
        spend = mean.to_numpy() * rng.lognormal(0, 0.5, len(customers))
        frames.append(
            customers.assign(
                snapshots_back=back,
                snapshot_date=AS_OF - back * QUARTER,
                next_spend=spend,
                next_purchase_days=(rng.random(len(customers)) < spend / (spend + 50)) * 2,
            )
        )
    return pd.concat(frames, ignore_index=True)


def validate(customers, history, settings=SETTINGS):
    sweeps, centers = fit(customers, settings)
    return validate_segments(customers, history, sweeps, centers, settings)


def the_verdict(validation):
    row = validation.query("check_name == 'verdict'")
    assert len(row) == 1
    return row["value"].iloc[0], row["verdict"].iloc[0]


@pytest.fixture(scope="module")
def customers():
    return plant_customers()


@pytest.fixture(scope="module")
def history(customers):
    return make_history(customers)


@pytest.fixture(scope="module")
def validation(customers, history):
    return validate(customers, history)


# --- verdicts ------------------------------------------------------------------------------------


def test_planted_segments_with_planted_outcomes_are_trusted(validation):
    value, verdict = the_verdict(validation)
    assert value == 1
    assert verdict.startswith("trust the segments: they are separated better than shuffled")
    assert "6 of 6 pairs differ" in verdict


def test_noise_is_not_trusted_though_its_segments_differ_in_their_own_features():
    noise = make_noise().assign(group="often")
    validation = validate(noise, make_history(noise, follows=False))
    value, verdict = the_verdict(validation)
    assert value == 0
    assert verdict.startswith("do not trust the segments")
    assert validation.query("metric == 'shuffled_silhouette'")["value"].iloc[0] > 0
    # On the features that made them the segments of noise do differ: that test would be circular.
    found = assign_segments(noise, fit(noise)[1], SETTINGS).merge(noise, on="customer_id")
    groups = [rows["monetary"] for _, rows in found.groupby("segment_id")]
    assert stats.kruskal(*groups).pvalue < 1e-6


def test_planted_segments_that_say_nothing_of_the_future_are_not_trusted(customers):
    validation = validate(customers, make_history(customers, follows=False))
    value, verdict = the_verdict(validation)
    assert value == 0
    assert "not different in what customers did next" in verdict


def test_without_history_segments_are_used_with_care(customers, history):
    value, verdict = the_verdict(validate(customers, history.iloc[:0]))
    assert value == 0.5
    assert verdict.startswith("use the segments with care")
    assert "too short" in verdict


@pytest.mark.parametrize("count", [0, 1, 29])
def test_too_few_customers_get_a_verdict(customers, history, validation, count):
    few = validate(customers.head(count), history.iloc[:0])
    assert the_verdict(few) == (0, "no segments: fewer than 30 customers with a history")
    assert few.dtypes.to_dict() == validation.dtypes.to_dict()


def test_customers_who_are_all_alike_get_a_verdict(customers, history):
    alike = customers.iloc[[0] * 60].assign(customer_id=[f"A{i:02d}" for i in range(60)])
    assert the_verdict(validate(alike, history)) == (0, "no segments: the customers are all alike")


def test_heavy_ties_and_a_customer_with_a_million_orders_get_a_verdict(customers):
    tied = customers.iloc[np.arange(60) % 3].assign(customer_id=[f"T{i:02d}" for i in range(60)])
    odd = customers.copy()
    odd.loc[0, ["frequency", "monetary"]] = [1e6, 1e9]
    for case in (tied, odd):
        value, verdict = the_verdict(validate(case, make_history(case)))
        assert value in (0, 1)
        assert verdict


# --- each check ----------------------------------------------------------------------------------


def test_rows_are_unique_and_any_order_of_input_gives_the_same(customers, history, validation):
    key = ["check_name", "snapshot_date", "segment_count", "segment", "other_segment", "feature",
           "metric"]  # fmt: skip
    assert not validation.duplicated(key).any()
    again = validate(
        customers.sample(frac=1, random_state=2), history.sample(frac=1, random_state=2)
    )
    assert_frame_equal(again, validation, check_exact=True)


def test_silhouettes_equal_those_of_scikit_learn_and_their_interval_holds_the_mean(
    customers, validation
):
    _, centers = fit(customers)
    kept = fit_scaling(customers, SETTINGS.features).keep(centers["feature"].unique())
    found = assign_segments(customers, centers, SETTINGS)
    matrix = scale_customers(customers.sort_values("customer_id"), kept)
    expected = silhouette_samples(matrix, found["segment_id"])
    rows = validation.query("check_name == 'silhouette'").set_index("segment")
    assert rows.loc["all", "value"] == pytest.approx(expected.mean(), abs=1e-9)
    for name in found["segment"].unique():
        mean = expected[found["segment"] == name].mean()
        assert rows.loc[name, "value"] == pytest.approx(mean, abs=1e-9)
    assert (rows["lower"] < rows["value"]).all()
    assert (rows["value"] < rows["upper"]).all()


def test_the_bootstrap_interval_is_near_that_of_the_normal_law():
    values = np.random.default_rng(3).normal(5, 2, 400)
    mean, lower, upper = bootstrap_mean(values, 1)
    assert mean == pytest.approx(values.mean())
    half = 1.96 * values.std(ddof=1) / 20
    assert (mean - lower, upper - mean) == pytest.approx((half, half), rel=0.1)


def test_shuffled_copies_keep_each_feature_and_lose_the_ties_between_them(customers):
    scaling = fit_scaling(customers, SETTINGS.features)
    matrix = scale_customers(customers, scaling)
    null = compare_with_shuffled(matrix, scaling, 4, 30, 3, 1)
    assert null.shuffled_mean < null.shuffled_p99 < null.silhouette
    assert null.p_value == pytest.approx(1 / 31)
    assert null.shuffled_stability < 0.9
    # Independent features are a copy like the others: each p value is as likely as the next.
    noise = make_noise()
    scaling = fit_scaling(noise, SETTINGS.features)
    null = compare_with_shuffled(scale_customers(noise, scaling), scaling, 4, 30, 3, 1)
    assert null.p_value > 0.05


def test_outcomes_are_those_after_the_snapshot_and_equal_scipy(customers, history, validation):
    rows = validation.query("check_name == 'outcome_pair' and feature == 'next_spend'")
    assert set(rows["snapshot_date"]) == {AS_OF - QUARTER}
    newest = history[history["snapshots_back"] == 1]
    groups = {
        {"often": "champions", "winter": "seasonal Q4", "gone": "lapsed", "new": "occasional"}[
            group
        ]: frame["next_spend"]
        for group, frame in newest.groupby("group")
    }
    assert len(rows) == 6
    for row in rows.itertuples():
        expected = stats.ttest_ind(groups[row.segment], groups[row.other_segment], equal_var=False)
        assert row.p_value == pytest.approx(expected.pvalue, rel=1e-9)
        assert row.value == pytest.approx(
            groups[row.segment].mean() - groups[row.other_segment].mean()
        )
        word = "higher" if row.value > 0 else "lower"
        assert row.verdict == f"spend {word} in {row.segment} (Holm)"
    omnibus = validation.query("check_name == 'outcome' and feature == 'next_spend'")
    assert omnibus["snapshot_date"].nunique() == 4
    last = omnibus[omnibus["snapshot_date"] == AS_OF - QUARTER].set_index("metric")
    expected = stats.kruskal(*groups.values())
    assert last.loc["kruskal_wallis", "p_value"] == pytest.approx(expected.pvalue, rel=1e-9)


def test_corrections_count_every_pair_and_outcome(validation):
    rows = validation.query("check_name == 'outcome_pair'")
    assert len(rows) == 12
    expected = np.minimum(rows["p_value"] * 12, 1)
    np.testing.assert_allclose(rows["p_bonferroni"], expected)
    ranked = rows.sort_values("p_value")
    holm = np.maximum.accumulate(ranked["p_value"].to_numpy() * np.arange(12, 0, -1))
    np.testing.assert_allclose(ranked["p_holm"], np.minimum(holm, 1))


def test_customers_who_move_between_quarters_are_counted_and_drift_is_flagged(customers, history):
    moved = history.copy()
    movers = customers.loc[customers["group"] == "new", "customer_id"].head(32)
    pattern = customers[customers["group"] == "gone"].iloc[0]
    at = (moved["snapshots_back"] == 1) & moved["customer_id"].isin(movers)
    for column in SETTINGS.features:
        if column in moved:
            moved.loc[at, column] = pattern[column]
    found = validate(customers, moved).query("check_name == 'quarter'")
    changed = found.query("metric == 'customers_changed'").set_index("snapshot_date")["value"]
    assert changed.to_dict() == pytest.approx(
        {AS_OF - 2 * QUARTER: 0, AS_OF - 3 * QUARTER: 0, AS_OF - QUARTER: 0.1, AS_OF: 0.1}
    )
    drift = found.query("metric == 'share_drift' and segment == 'occasional'")
    drift = drift.set_index("snapshot_date")
    assert drift.loc[AS_OF - QUARTER, "value"] == pytest.approx(-32 / 80)
    assert drift.loc[AS_OF - QUARTER, "verdict"] == "flagged: moved by -40%"
    assert drift.loc[AS_OF - 2 * QUARTER, "verdict"] == "under 5%"


def test_the_sweep_and_the_features_are_shown(customers, history, validation):
    sweep = validation.query("check_name == 'sweep'")
    assert sweep["segment_count"].unique().tolist() == list(range(2, 11))
    assert set(sweep["metric"]) == {"silhouette", "stability", "smallest_share"}
    features = validation.query("check_name == 'collinearity'")
    assert set(features["feature"]) == set(SETTINGS.features)
    fixed = validate(customers, history, replace(SETTINGS, segment_count=3))
    assert "chosen by var segment_count" in fixed["verdict"].tolist()
