"""What series add up to: the tree, and forecasts that agree."""

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from inventory_allocation.errors import InputError
from inventory_allocation.forecasting import ForecastSettings, forecast
from inventory_allocation.forecasting.reconciliation import Claims, learn_trust, reconcile
from inventory_allocation.forecasting.tree import build_tree

HIERARCHY = ("sku", "category")


def make_tree():
    """Series a and b of SKU p, c of q, d of r; p and r in category y, q in x."""
    labels = pd.DataFrame({"sku": list("ppqr"), "category": list("yyxy")}, index=list("abcd"))
    return build_tree(labels, HIERARCHY)


def test_a_tree_has_sorted_nodes_with_parents_up_to_the_total():
    tree = make_tree()
    assert tree.levels == ("sku", "category", "total")
    assert tree.labels == (("p", "q", "r"), ("x", "y"), ("total",))
    assert [parents.tolist() for parents in tree.parents] == [[0, 0, 1, 2], [1, 0, 1], [0, 0]]


def test_sums_are_those_of_their_series():
    units = np.random.default_rng(1).poisson(9, (4, 30)).astype("float64")
    frame = pd.DataFrame(units, index=list("abcd"))
    expected = [frame.groupby(np.array(list(keys))).sum() for keys in ("ppqr", "yyxy", "tttt")]
    np.testing.assert_allclose(make_tree().sum_units(units), pd.concat(expected))


def test_a_sum_is_known_where_most_of_it_is():
    units = np.full((4, 12), 10.0)
    units[0, :3] = np.nan  # begins later
    units[0, 8] = np.nan  # half of SKU p, a quarter of the total
    units[3, 9] = np.nan  # all of SKU r, a third of category y
    units[2] *= 100
    p, q, r, x, y, total = make_tree().sum_units(units)
    assert p[:3].tolist() == [10] * 3
    assert np.flatnonzero(np.isnan(p)).tolist() == [8]
    assert np.flatnonzero(np.isnan(r)).tolist() == [9]
    assert np.flatnonzero(np.isnan(y)).tolist() == [8, 9]
    # The little that is unknown of the total counts as the mean before.
    assert total.tolist() == [1020] * 3 + [1030] * 9
    assert not np.isnan(q + x).any()


def test_an_sku_of_two_categories_is_refused_by_name():
    labels = pd.DataFrame({"sku": ["p", "p"], "category": ["x", "y"]}, index=["a", "b"])
    with pytest.raises(InputError, match="sku 'p' lies in more than one category"):
        build_tree(labels, HIERARCHY)


# --- agreement -----------------------------------------------------------------------------------


def test_one_level_is_weighted_least_squares():
    """Against the closed form of Wickramasuriya and others, variances in proportion to means."""
    rng = np.random.default_rng(2)
    tree = build_tree(pd.DataFrame(index=range(5)), ())
    series, own, trust = rng.uniform(5, 20, (5, 3)), rng.uniform(50, 80, (1, 3)), 0.3
    found, _ = reconcile(tree, series, [own], np.array([trust]))
    summing = np.vstack([np.ones(5), np.eye(5)])
    for step in range(3):
        spread = series[:, step].sum() * (1 - trust) / trust
        inverse = np.diag(1 / np.concatenate([[spread], series[:, step]]))
        said = np.concatenate([own[:, step], series[:, step]])
        expected = np.linalg.solve(summing.T @ inverse @ summing, summing.T @ inverse @ said)
        np.testing.assert_allclose(found[:, step], expected)


def test_without_trust_series_stay_and_with_all_of_it_they_add_up_to_what_is_said():
    rng = np.random.default_rng(3)
    tree, series = make_tree(), rng.uniform(9, 15, (4, 2))
    own = [np.full((3, 2), 14.0), np.full((2, 2), 21.0), np.full((1, 2), 50.0)]
    found, _ = reconcile(tree, series, own, np.zeros(3))
    np.testing.assert_allclose(found, series)
    # Of all that is trusted the highest has the last word.
    found, _ = reconcile(tree, series, own, np.array([1.0, 1.0, 1.0]))
    np.testing.assert_allclose(found.sum(axis=0), 50)
    np.testing.assert_allclose(tree.sum_all(found)[3:5], 25)
    found, _ = reconcile(tree, series, own, np.array([1.0, 0.0, 0.0]))
    np.testing.assert_allclose(tree.sum_all(found)[:3], 14)
    np.testing.assert_allclose(found[0] / found[1], series[0] / series[1])


def test_nothing_is_moved_by_more_than_three_times_or_below_zero():
    tree = build_tree(pd.DataFrame(index=range(2)), ())
    series = np.array([[2.0, 0.0, 4.0], [6.0, 0.0, 4.0]])
    found, _ = reconcile(tree, series, [np.array([[800.0, 5.0, 0.0]])], np.ones(1))
    np.testing.assert_allclose(found, [[6, 0, 4 / 3], [18, 0, 4 / 3]])


def test_trust_goes_to_whoever_was_right():
    rng = np.random.default_rng(12)
    actual = rng.uniform(90, 110, (2000, 12))
    noisy = [actual + rng.normal(0, 5, actual.shape) for _ in range(2)]
    cases = [(actual, actual * 0.8, 1.0), (actual * 1.3, actual, 0.0), (*noisy, 0.5)]
    for own, members, expected in cases:
        found = learn_trust([[Claims(own, members)]], [[actual]], [[np.ones(2000)]])
        assert found == pytest.approx([expected], abs=0.02)
    # What is unknown doesn't count.
    holes = np.where(rng.random(actual.shape) < 0.3, np.nan, actual)
    found = learn_trust([[Claims(actual, actual * 0.8)]], [[holes]], [[np.ones(2000)]])
    assert found[0] > 0.69
    assert learn_trust([[Claims(actual, actual)]], [[actual]], [[np.ones(2000)]]) == [0]


# --- the whole -----------------------------------------------------------------------------------

SETTINGS = ForecastSettings(
    "month", 4, backtest_cutoffs=6, hierarchy=HIERARCHY, global_models=("autoregression",), seed=3
)


def make_panel(periods=48):
    """Twelve thin series of four SKUs and two categories, all with the same season."""
    rng = np.random.default_rng(4)
    wave = 1 + 0.8 * np.sin(2 * np.pi * np.arange(periods) / 12)
    units = rng.poisson(rng.uniform(0.5, 4, 12)[:, None] * wave)
    names = [f"s{number:02d}" for number in range(12)]
    skus = [f"sku {number % 4}" for number in range(12)]
    return pd.DataFrame(
        {
            "series_id": np.repeat(names, periods),
            "sku": np.repeat(skus, periods),
            "category": np.repeat([f"category {sku[-1] < '3'}" for sku in skus], periods),
            "period_start": np.tile(pd.date_range("2022-01-01", periods=periods, freq="MS"), 12),
            "units": units.ravel().astype("float64"),
        }
    )


@pytest.fixture(scope="module")
def found():
    return forecast(make_panel(), SETTINGS)


def test_all_levels_agree_at_every_cutoff(found):
    keys = make_panel().drop_duplicates("series_id").set_index("series_id")
    rows = found.periods
    series = rows[rows["level"] == "series"].join(keys[["sku", "category"]], on="series_id")
    series["total"] = "total"
    for level in ("sku", "category", "total"):
        when = ["cutoff", "period_start"]
        summed = series.groupby([*when, level])["mean"].sum()
        said = rows[rows["level"] == level].set_index([*when, "series_id"])["mean"]
        np.testing.assert_allclose(summed, said.reindex(summed.index), rtol=1e-9)
        assert len(summed) == len(said)


def test_sums_report_what_they_would_say_alone_and_how_far_they_are_trusted(found):
    rows = found.forecasts
    sums = rows[rows["level"] != "series"]
    assert set(sums["level"]) == {"sku", "category", "total"}
    assert sums["trust"].between(0, 1).all()
    assert (sums["demand_class"] == "all").all()
    assert rows.loc[rows["level"] == "series", "trust"].isna().all()
    assert (sums["unreconciled"] != sums["mean"]).any()
    quantiles = sums[[name for name in sums if name.startswith("q0_")]].to_numpy()
    assert (np.diff(quantiles, axis=1) >= 0).all()


def test_a_series_of_two_skus_counts_for_the_first_and_that_is_said(found):
    frame = make_panel()
    frame.loc[5, "sku"] = "sku 9"
    told = forecast(frame, SETTINGS)
    repairs = told.repairs.query("reason == 'several_labels'")
    assert repairs[["series_id", "rows"]].to_numpy().tolist() == [["s00", 2]]
    assert_frame_equal(told.periods, found.periods)


def test_rows_in_any_order_give_the_same_bytes(found):
    again = forecast(make_panel().sample(frac=1, random_state=1), SETTINGS)
    assert_frame_equal(again.periods, found.periods, check_exact=True)


def test_a_series_that_is_over_is_forecast_until_then_only():
    frame = make_panel()
    is_over = (frame["series_id"] == "s03") & (frame["period_start"] >= "2024-08-01")
    frame.loc[is_over, "units"] = 0
    is_last = (frame["series_id"] == "s03") & (frame["period_start"] == "2024-07-01")
    frame.loc[is_last, "units"] = 5
    settings = ForecastSettings(
        "month", 4, 8, hierarchy=HIERARCHY, retire_after_periods=12, global_models=()
    )
    rows = forecast(frame, settings).periods.query("series_id == 's03'")
    # Twelve months without a sale are not yet more than twelve.
    assert rows["cutoff"].max() == pd.Timestamp("2025-07-01")
    settings = ForecastSettings("month", 4, 8, hierarchy=HIERARCHY, global_models=())
    rows = forecast(frame, settings).periods.query("series_id == 's03'")
    assert rows["cutoff"].max() == pd.Timestamp("2025-12-01")


# --- cold start ----------------------------------------------------------------------------------


def make_families(periods=40):
    """Ten series of about 10 and ten of about 100 units a month; a new one of each family."""
    rng = np.random.default_rng(5)
    units = rng.poisson(np.repeat([10, 100], 11)[:, None], (22, periods)).astype("float64")
    units[[10, 21], :-2] = np.nan
    units[[10, 21], -2:] = [40, 13]
    frame = pd.DataFrame(
        {
            "series_id": np.repeat([f"s{number:02d}" for number in range(22)], periods),
            "sku": np.repeat(["small", "large"], 11 * periods),
            "category": "all alike",
            "period_start": np.tile(pd.date_range("2022-01-01", periods=periods, freq="MS"), 22),
            "units": units.ravel(),
        }
    )
    return frame.dropna()


def test_a_new_series_is_forecast_from_its_siblings_and_marked():
    rows = forecast(make_families(), SETTINGS).forecasts.query("level == 'series'")
    means = rows.groupby("series_id")["mean"].mean()
    assert means["s10"] == pytest.approx(10, rel=0.2)
    assert means["s21"] == pytest.approx(100, rel=0.2)
    assert set(rows.loc[rows["basis"] == "siblings", "series_id"]) == {"s10", "s21"}
    assert set(rows.loc[rows["demand_class"] == "new", "series_id"]) == {"s10", "s21"}
    assert set(rows["basis"]) == {"own history", "siblings"}


def test_its_own_sales_count_where_siblings_differ():
    """Siblings of 2 to 400 units say little; the second period, of 13 units, more."""
    frame = make_families()
    is_grown = ~frame["series_id"].isin(["s10", "s21"])
    spread = frame["series_id"].str[1:].astype(int) % 11
    frame.loc[is_grown, "units"] *= 1.6 ** (spread - 5)
    rows = forecast(frame, SETTINGS).forecasts.query("level == 'series' and series_id == 's21'")
    grown = frame[is_grown & (frame["sku"] == "large")]["units"].mean()
    assert 13 < rows["mean"].mean() < 0.6 * grown


def test_without_siblings_a_short_history_is_all_there_is():
    frame = make_families().query("series_id in ['s09', 's10', 's20', 's21']")
    rows = forecast(frame, SETTINGS).forecasts.query("level == 'series'")
    assert set(rows["basis"]) == {"own history", "short history"}
    assert rows.query("series_id == 's10'")["mean"].between(10, 40).all()
