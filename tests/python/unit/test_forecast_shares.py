"""Sharing forecasts out, what errors are measured against, and the noise floor."""

import numpy as np
import pandas as pd
import pytest
from utilsforecast.losses import mae, mase

from inventory_allocation.errors import InputError
from inventory_allocation.forecasting import QUANTILES, share_out
from inventory_allocation.forecasting.noise_floor import poisson_mape_floor
from inventory_allocation.forecasting.scales import measure_scale
from inventory_allocation.forecasting.settings import quantile_name

QUANTILE_NAMES = [quantile_name(level) for level in QUANTILES]


# --- noise floor ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mean", "floor"), [(3, 0.566), (10, 0.309), (20, 0.195), (35, 0.141), (100, 0.081)]
)
def test_the_noise_floor_is_that_of_a_poisson_count(mean, floor):
    assert poisson_mape_floor(np.array([mean]))[0] == pytest.approx(floor, abs=0.003)


def test_the_noise_floor_equals_a_simulation():
    rng = np.random.default_rng(13)
    means = np.array([0.5, 1.7, 6.3, 48.0, 900.0])
    simulated = []
    for mean in means:
        counts = rng.poisson(mean, 400_000)
        counts = counts[counts > 0]
        simulated.append(np.mean(np.abs(counts - mean) / counts))
    np.testing.assert_allclose(poisson_mape_floor(means), simulated, rtol=0.01)


# --- sharing out ---------------------------------------------------------------------------------


def make_pools(mean, quantiles, shares, sku="A"):
    """A pool of one SKU, in one period."""
    return pd.DataFrame(
        {
            "segment": [f"segment {number}" for number in range(len(shares))],
            "sku": sku,
            "region_id": "north",
            "period_start": pd.Timestamp("2026-07-06"),
            "share": shares,
            "basis": "own history",
            "mean": mean,
            **dict(zip(QUANTILE_NAMES, np.asarray(quantiles, dtype="float64"), strict=True)),
        }
    )


def normal_quantiles(mean, deviation):
    return mean + deviation * np.array([-1.96, -1.6449, -0.6745, 0, 0.6745, 1.6449, 1.96])


def test_the_shares_of_a_pool_add_up_to_it():
    shared = share_out(make_pools(40.0, normal_quantiles(40, 12), [0.5, 0.3, 0.15, 0.05]))
    assert shared["mean"].tolist() == pytest.approx([20, 12, 6, 2])
    assert shared["mean"].sum() == pytest.approx(40)


def test_a_member_that_is_its_whole_pool_keeps_mean_and_quantiles():
    quantiles = [0.5, 1.5, 3.25, 7.75, 9.0, 20.1, 33.3]
    shared = share_out(make_pools(8.0, quantiles, [1.0]))
    assert shared[["mean", *QUANTILE_NAMES]].to_numpy().tolist() == [[8.0, *quantiles]]
    assert shared["basis"].tolist() == ["own history"]


@pytest.mark.parametrize(
    ("mean", "deviation", "share"),
    [(40, 12, 0.3), (40, 12, 0.02), (400, 90, 0.5), (6, 4, 0.4), (30, 30**0.5, 0.25)],
)
def test_thinned_quantiles_equal_a_simulation(mean, deviation, share):
    rng = np.random.default_rng(14)
    draws = 400_000
    variance = deviation**2
    if variance > mean * 1.01:
        size = mean**2 / (variance - mean)
        pool = rng.poisson(rng.gamma(size, mean / size, draws))
    else:
        pool = rng.poisson(mean, draws)
    member = rng.binomial(pool, share)
    shared = share_out(make_pools(mean, normal_quantiles(mean, deviation), [share, 1 - share]))
    simulated = np.quantile(member, QUANTILES, method="inverted_cdf")
    assert shared["mean"].iloc[0] == pytest.approx(member.mean(), rel=0.01)
    found = shared[QUANTILE_NAMES].iloc[0].to_numpy(dtype="float64")
    assert np.abs(found - simulated).max() <= max(1, 0.01 * mean * share)
    assert (found == simulated).sum() >= 5


def test_quantiles_of_members_never_cross_and_are_counts():
    rng = np.random.default_rng(15)
    pools = [
        make_pools(mean, np.maximum(normal_quantiles(mean, wide), 0), [0.7, 0.29, 0.01], f"p{row}")
        for row, (mean, wide) in enumerate(
            zip(rng.gamma(0.5, 40, 60), rng.gamma(1, 20, 60), strict=True)
        )
    ]
    quantiles = share_out(pd.concat(pools))[QUANTILE_NAMES].to_numpy()
    assert (np.diff(quantiles, axis=1) >= 0).all()
    assert (quantiles >= 0).all()
    assert (quantiles == np.round(quantiles)).all()


def test_a_pool_that_sells_nothing_and_a_member_without_a_share_get_zeros():
    for shared in (
        share_out(make_pools(0.0, [0, 0, 0, 0, 0, 0.2, 0.3], [0.5, 0.5])),
        share_out(make_pools(50.0, normal_quantiles(50, 10), [0.0, 1.0])).head(1),
    ):
        assert (shared[["mean", *QUANTILE_NAMES]] == 0).all(axis=None)


def test_shared_forecasts_are_sorted_by_their_key_and_carry_nothing_else():
    pools = pd.concat(
        [
            make_pools(10.0, normal_quantiles(10, 4), [0.4, 0.6]),
            make_pools(10.0, normal_quantiles(10, 4), [1.0], "B"),
        ]
    )
    shared = share_out(pools.sample(frac=1, random_state=1))
    assert shared[["segment", "sku"]].to_numpy().tolist() == [
        ["segment 0", "A"],
        ["segment 0", "B"],
        ["segment 1", "A"],
    ]
    key = ["segment", "sku", "region_id", "period_start"]
    assert shared.columns.tolist() == [*key, "mean", *QUANTILE_NAMES, "basis"]


def test_nothing_to_share_gives_an_empty_frame_with_the_same_types():
    pools = make_pools(8.0, normal_quantiles(8, 2), [1.0])
    empty = share_out(pools.iloc[:0])
    assert empty.empty
    assert empty.dtypes.to_dict() == share_out(pools).dtypes.to_dict()


def test_a_missing_column_is_named():
    pools = make_pools(1.0, np.ones(7), [1.0]).drop(columns="share")
    with pytest.raises(InputError, match="int_demand__share_input lacks column share"):
        share_out(pools)


# --- scales --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("periods", "lag"), [(44, 12), (15, 1)])
def test_the_naive_error_is_the_scale_of_mase(periods, lag):
    units = np.random.default_rng(11).poisson(20, (2, periods)).astype(float)
    names, dates = np.repeat(["a", "b"], periods), np.tile(np.arange(periods), 2)
    training = pd.DataFrame({"unique_id": names, "ds": dates, "y": units.ravel()})
    ahead = pd.DataFrame({"unique_id": ["a", "b"], "ds": periods, "y": 9.0, "theta": 5.0})
    scaled = mase(ahead, ["theta"], seasonality=lag, train_df=training)
    scale = mae(ahead, ["theta"])["theta"] / scaled["theta"]
    assert measure_scale(units, 12).naive_error == pytest.approx(scale.to_numpy())


def test_scales_by_hand():
    scale = measure_scale(np.array([[1.0, 4, 2, np.nan, 2, 2, 5], [np.nan] * 6 + [5]]), 12)
    # Changes of the first: 3, -2, 0, 3. Of the second there is none: what it sold.
    assert scale.training_units.tolist() == [16, 5]
    assert scale.naive_error == pytest.approx([2, 5])
    assert scale.naive_squared_error == pytest.approx([22 / 4, 25])
