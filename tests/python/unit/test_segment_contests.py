"""A new fit takes over only where it says more of what customers did next; events are obeyed."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from segment_cases import AS_OF, NO_HISTORY, SETTINGS, fit, make_noise, plant_customers

from inventory_allocation.segmentation import (
    assign_segments,
    fit_segments,
    sweep_segments,
    version_of,
)
from inventory_allocation.segmentation.contest import explained_share

SPEND = {"often": 900.0, "winter": 300.0, "gone": 0.0, "new": 50.0}


def follow(customers: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """The customers at the snapshot before, and what each then did: it depends on its group."""
    rng = np.random.default_rng(seed)
    spend = customers["group"].map(SPEND) * rng.lognormal(0, 0.3, len(customers))
    return customers.assign(
        snapshots_back=1, next_spend=spend, next_purchase_days=(spend > 40).astype("int64")
    )


def later(frame: pd.DataFrame, days: int) -> pd.DataFrame:
    return frame.assign(snapshot_date=AS_OF + pd.Timedelta(days=days))


def event(name: str, days: int, version: str | None = None) -> pd.DataFrame:
    day = AS_OF + pd.Timedelta(days=days)
    row = {"model_name": "segments", "event": name, "version": version, "as_of": day}
    return pd.DataFrame([row | {"loaded_at": day}])


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    return plant_customers()


@pytest.fixture(scope="module")
def history(customers: pd.DataFrame) -> pd.DataFrame:
    return follow(customers)


@pytest.fixture(scope="module")
def good(customers: pd.DataFrame, history: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    return fit(customers, history=history)


def test_the_explained_share_is_the_adjusted_r_squared_of_a_regression_on_the_groups() -> None:
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 4, 200)
    values = labels * 0.4 + rng.normal(size=200)
    dummies = pd.get_dummies(labels).to_numpy("float64")
    expected = sm.OLS(values, dummies, hasconst=True).fit().rsquared_adj
    assert explained_share(values, labels) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("groups", [2, 10, 40])
def test_groups_by_chance_explain_nothing_however_many(groups: int) -> None:
    rng = np.random.default_rng(groups)
    shares = [
        explained_share(rng.normal(size=150), rng.integers(0, groups, 150)) for _ in range(400)
    ]
    assert abs(np.mean(shares)) < 4 * np.std(shares) / np.sqrt(len(shares))


def test_nothing_that_varies_is_nothing_explained() -> None:
    assert explained_share(np.ones(9), np.arange(9) % 3) == 0
    assert explained_share(np.arange(3.0), np.arange(3)) == 0


def test_the_first_fit_takes_over(good: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    centers = good[1]
    assert centers["is_accepted"].all()
    assert centers["champion_version"].isna().all()
    assert centers["score"].iloc[0] > 0.5


def test_a_worse_fit_is_kept_and_does_not_take_over(
    customers: pd.DataFrame, history: pd.DataFrame, good: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    # What is measured of customers broke: their features are noise on the day of the refit.
    broken = later(make_noise(len(customers)), 28)
    sweeps, centers = fit(broken, SETTINGS, *good, history=history)
    new = centers[centers["fitted_on"] == AS_OF + pd.Timedelta(days=28)]
    assert len(new)
    assert not new["is_accepted"].any()
    assert new["champion_version"].iloc[0] == version_of(good[1]).iloc[0]
    assert new["score"].iloc[0] < new["champion_score"].iloc[0]
    assert new["verdict"].iloc[0].startswith("rejected")
    month = later(customers, 40)
    kept = assign_segments(month, centers, SETTINGS)
    before = assign_segments(customers, good[1], SETTINGS)
    pd.testing.assert_frame_equal(kept, before)
    # The next attempt is due a refit period after the last one, not every night.
    assert len(fit(month, SETTINGS, sweeps, centers, history=history)[1]) == len(centers)
    again = fit(later(customers, 56), SETTINGS, sweeps, centers, history=history)[1]
    assert again["fitted_on"].nunique() == 3


def test_a_better_fit_takes_over(customers: pd.DataFrame, history: pd.DataFrame) -> None:
    sweeps, centers = fit(make_noise(len(customers)), history=history)
    _, centers = fit(later(customers, 28), SETTINGS, sweeps, centers, history=history)
    new = centers[centers["fitted_on"] > AS_OF]
    assert new["is_accepted"].all()
    assert new["score"].iloc[0] > new["champion_score"].iloc[0] + 0.2
    found = assign_segments(later(customers, 28), centers, SETTINGS)
    assert set(found["version"]) == set(version_of(new))


def test_where_nothing_can_be_held_back_the_new_fit_takes_over(
    customers: pd.DataFrame, good: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    _, centers = fit(later(customers, 28), SETTINGS, *good, history=NO_HISTORY)
    new = centers[centers["fitted_on"] > AS_OF]
    assert new["is_accepted"].all()
    assert "too few customers" in new["verdict"].iloc[0]


def test_other_settings_take_over_without_a_contest(
    customers: pd.DataFrame, history: pd.DataFrame, good: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    two = replace(SETTINGS, segment_count=2)
    _, centers = fit(later(customers, 1), two, *good, history=history)
    found = assign_segments(later(customers, 1), centers, two)
    assert found["segment"].nunique() == 2


def test_a_rollback_holds_until_a_new_fit_takes_over(
    customers: pd.DataFrame, history: pd.DataFrame
) -> None:
    sweeps, centers = fit(make_noise(len(customers)), history=history)
    first = version_of(centers).iloc[0]
    sweeps, centers = fit(later(customers, 28), SETTINGS, sweeps, centers, history=history)
    second = version_of(centers).iloc[-1]
    events = event("rolled_back", 30, first)

    def version_on(days: int, events: pd.DataFrame) -> str:
        found = assign_segments(later(customers, days), centers, SETTINGS, events)
        return str(found["version"].iloc[0])

    assert version_on(29, events) == second
    assert version_on(30, events) == version_on(55, events) == first
    # Of two the last one counts; one to a fit that is forgotten counts for nothing.
    both = pd.concat([events, event("rolled_back", 31, second)])
    assert version_on(31, both) == second
    assert version_on(30, event("rolled_back", 30, "2020-01-01-00000000")) == second
    # The next refit competes with the fit in force, which is the first one, and wins.
    month = later(customers, 56)
    sweeps = pd.concat([sweeps, sweep_segments(month, sweeps, SETTINGS, events)])
    new = fit_segments(month, history, sweeps, centers, SETTINGS, events)
    assert new["champion_version"].iloc[0] == first
    assert new["is_accepted"].all()
    centers = pd.concat([centers, new], ignore_index=True)
    assert version_on(56, events) == version_of(new).iloc[0]


def test_a_fit_that_is_asked_for_is_made_once_on_data_of_a_later_day(
    customers: pd.DataFrame, good: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    asked = event("refit_requested", 5)
    assert sweep_segments(later(customers, 4), good[0], SETTINGS, asked).empty
    assert sweep_segments(later(customers, 6), good[0], SETTINGS).empty
    new = sweep_segments(later(customers, 6), good[0], SETTINGS, asked)
    assert len(new)
    sweeps = pd.concat([good[0], new])
    assert sweep_segments(later(customers, 7), sweeps, SETTINGS, asked).empty
    # On the day of the last fit there is nothing new to learn.
    same_day = event("refit_requested", 0)
    assert sweep_segments(customers, good[0], SETTINGS, same_day).empty


def test_tables_from_before_there_were_contests_stay_in_force(
    customers: pd.DataFrame, good: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    filled = good[1].assign(is_accepted=None, score=np.nan, verdict=None)
    for old in (filled, good[1].drop(columns=["is_accepted", "score", "verdict"])):
        found = assign_segments(later(customers, 90), old, SETTINGS)
        assert found["segment"].nunique() == 4
