"""Checks find what was planted, stay quiet without it, and agree with published figures."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from inventory_allocation.errors import InputError, InventoryAllocationError
from inventory_allocation.jobs import notify
from inventory_allocation.monitoring import MonitoringSettings
from inventory_allocation.monitoring.accuracy import check_coverage, check_forecasts, cusum
from inventory_allocation.monitoring.adherence import check_adherence
from inventory_allocation.monitoring.drift import (
    check_features,
    check_segments,
    population_stability_index,
)
from inventory_allocation.monitoring.findings import to_frame
from inventory_allocation.monitoring.mix import check_mix
from inventory_allocation.monitoring.volume import check_new_customers, check_rejects, check_volume

SETTINGS = MonitoringSettings()
MONDAY = pd.Timestamp("2026-06-22")
# Montgomery, Introduction to Statistical Quality Control, the chapter on CUSUM: mean 10 for 20
# observations, then 11; with K = 0.5 the upper sum passes 5 at the 29th, with 5.28.
MONTGOMERY = (
    "9.45 7.99 9.29 11.66 12.16 10.18 8.04 11.46 9.20 10.34 9.03 11.47 10.51 9.40 10.08 9.37 10.62 "
    "10.31 8.52 10.84 10.90 9.33 12.29 11.50 10.60 11.08 10.38 11.62 11.31 10.52"
)


def weeks(number: int) -> pd.DatetimeIndex:
    return pd.date_range(end=MONDAY, periods=number, freq="7D")


def test_the_cumulative_sum_is_that_of_the_textbook() -> None:
    errors = pd.Series([float(value) - 10 for value in MONTGOMERY.split()])
    high = [cusum(errors.iloc[:end])[0] for end in range(1, len(errors) + 1)]
    assert next(at for at, value in enumerate(high, 1) if value > 5) == 29
    assert high[28] == pytest.approx(5.28)


@pytest.mark.parametrize(("shift", "published"), [(0.5, 38.0), (1.0, 10.4), (2.0, 4.01)])
def test_a_shift_is_found_after_as_many_periods_as_published(
    shift: float, published: float
) -> None:
    """Average run lengths of the two-sided CUSUM with k = 0.5, h = 5: Montgomery, as above."""
    rng = np.random.default_rng(2)
    lengths = []
    for _ in range(400):
        errors = pd.Series(rng.normal(shift, 1, 400))
        lengths.append(next(n for n in range(1, 400) if max(cusum(errors.iloc[:n])) > 5))
    assert np.mean(lengths) == pytest.approx(published, rel=0.12)


def test_the_stability_index_is_the_sum_over_classes() -> None:
    # (0.5 - 0.2) ln(0.5 / 0.2) + (0.5 - 0.8) ln(0.5 / 0.8), up to the half counts.
    index = population_stability_index(np.array([5e6, 5e6]), np.array([2e6, 8e6]))
    assert index == pytest.approx(0.3 * np.log(2.5) + 0.3 * np.log(1.6), abs=1e-5)
    assert population_stability_index(np.array([3.0, 7.0]), np.array([3.0, 7.0])) == 0


def customers(seed: int, scale: float = 1.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {"monetary": rng.gamma(2, 50 * scale, 1_000), "frequency": rng.poisson(3, 1_000)}
    )


def test_a_feature_that_drifted_is_found_and_the_other_is_not() -> None:
    found = to_frame(
        check_features(
            [customers(1)], customers(2, 2.0), ["monetary", "frequency"], MONDAY, SETTINGS
        )
    ).set_index("entity")
    assert found["severity"].to_dict() == {"monetary": "warning", "frequency": "ok"}
    assert "median" in found.loc["monetary", "cause"]
    assert found.loc["frequency", "cause"] is None
    few = check_features([customers(1).head(50)], customers(2), ["monetary"], MONDAY, SETTINGS)
    assert few[0].severity == "unknown"


def test_what_was_so_a_year_ago_is_the_season() -> None:
    references = [customers(1), customers(3, 2.0)]
    (finding,) = check_features(references, customers(2, 2.0), ["monetary"], MONDAY, SETTINGS)
    assert finding.severity == "ok"
    usual, odd = pd.Series(["a"] * 600 + ["b"] * 400), pd.Series(["a"] * 300 + ["b"] * 700)
    assert check_segments([usual, odd], odd, MONDAY, SETTINGS)[0].severity == "ok"


def test_segments_that_moved_are_found() -> None:
    then = pd.Series(["a"] * 600 + ["b"] * 400)
    alike = pd.Series(["a"] * 590 + ["b"] * 410)
    moved = pd.Series(["a"] * 300 + ["b"] * 700)
    assert check_segments([then], alike, MONDAY, SETTINGS)[0].severity == "ok"
    (finding,) = check_segments([then], moved, MONDAY, SETTINGS)
    assert finding.severity == "warning"
    assert "+30.0%" in finding.cause or "-30.0%" in finding.cause


def lines(values: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"period_start": weeks(len(values)), "lines": values})


def test_lost_and_doubled_rows_are_found_and_a_season_is_not() -> None:
    rng = np.random.default_rng(5)
    usual = rng.poisson(2_000, 120).astype(float)
    assert check_volume(lines(usual), 52, SETTINGS)[0].severity == "ok"
    for share in (0.5, 2.0):
        odd = usual.copy()
        odd[-1] *= share
        assert check_volume(lines(odd), 52, SETTINGS)[0].severity == "error"
    seasonal = usual.copy()
    seasonal[[-53, -1]] *= 1.6
    assert check_volume(lines(seasonal), 52, SETTINGS)[0].severity == "ok"
    assert check_volume(lines(usual[:20]), 52, SETTINGS)[0].severity == "unknown"


def test_more_refused_rows_than_usual_are_found() -> None:
    rng = np.random.default_rng(6)
    counts = pd.DataFrame(
        {"period_start": weeks(60), "units": 2_000, "part_units": rng.poisson(20, 60)}
    )
    assert check_rejects(counts, SETTINGS)[0].severity == "ok"
    assert check_new_customers(counts, SETTINGS)[0].severity == "ok"
    counts.loc[59, "part_units"] = 120
    (finding,) = check_rejects(counts, SETTINGS)
    assert finding.severity == "error"
    assert finding.value == pytest.approx(0.06)
    (finding,) = check_new_customers(counts, SETTINGS)
    assert finding.severity == "warning"
    assert "for the first time" in finding.cause


def mix(shares: np.ndarray) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    units = [rng.multinomial(3_000, row) for row in shares]
    wide = pd.DataFrame(units, index=weeks(len(shares)), columns=["north", "south", "west"])
    return (
        wide.rename_axis("period_start")
        .melt(ignore_index=False, var_name="entity", value_name="units")
        .reset_index()
    )


def test_demand_that_moved_is_found_and_last_years_season_is_not() -> None:
    usual = np.tile([0.5, 0.3, 0.2], (110, 1))
    assert check_mix(mix(usual), "region", 52, SETTINGS)[0].severity == "ok"
    moved = usual.copy()
    moved[-2:] = [0.2, 0.3, 0.5]
    (finding,) = check_mix(mix(moved), "region", 52, SETTINGS)
    assert finding.severity == "warning"
    assert "region" in finding.cause
    seasonal = usual.copy()
    seasonal[[-58, -57, -56, -55, -54, -53, -52, -51, -50, -49, -2, -1]] = [0.2, 0.3, 0.5]
    assert check_mix(mix(seasonal), "region", 52, SETTINGS)[0].severity == "ok"


def forecasts(actual: np.ndarray, level: str = "total") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "level": level,
            "series_id": "total",
            "period_start": weeks(len(actual)),
            "mean": 100.0,
            "q0_025": 80.4,
            "q0_975": 119.6,
            "actual": actual,
        }
    )


def test_demand_that_stays_above_its_forecast_is_found_within_two_periods() -> None:
    rng = np.random.default_rng(8)
    noise = rng.normal(100, 10, 20)
    (quiet,) = check_forecasts(forecasts(noise), SETTINGS)
    assert quiet.severity == "ok"
    shifted = noise.copy()
    shifted[-2:] = 145
    (finding,) = check_forecasts(forecasts(shifted), SETTINGS)
    assert finding.severity == "warning"
    assert "above" in finding.cause
    assert finding.value <= SETTINGS.cusum_limit + 1
    assert check_forecasts(forecasts(noise[:3]), SETTINGS)[0].severity == "unknown"


def test_intervals_that_hold_too_little_are_found() -> None:
    rng = np.random.default_rng(9)
    for deviation, expected in ((10, "ok"), (20, "warning")):
        rows = pd.concat(
            forecasts(rng.normal(100, deviation, 8), "sku_fc").assign(series_id=f"S{number}")
            for number in range(1_000)
        )
        (finding,) = check_coverage(rows, SETTINGS)
        assert finding.severity == expected
        assert finding.value == pytest.approx({10: 0.95, 20: 0.673}[deviation], abs=0.02)


def test_adherence_is_the_share_that_went_as_planned() -> None:
    lanes = pd.DataFrame(
        {
            "period_start": MONDAY,
            "fc_id": ["F1", "F2", "F1", "F2"],
            "region_id": ["north", "north", "south", "south"],
            "planned_units": [8.0, 2.0, 0.0, 10.0],
            "shipped_units": [30.0, 30.0, 40.0, 0.0],
        }
    )
    # north: 0.5 and 0.2 of its 60 units; south: none of its 40.
    (finding,) = check_adherence(lanes, MONDAY, SETTINGS)
    assert finding.value == pytest.approx(0.42)
    assert finding.severity == "warning"
    assert check_adherence(lanes.iloc[:0], MONDAY, SETTINGS)[0].severity == "unknown"


def test_a_limit_of_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="monitoring_drift_limit"):
        MonitoringSettings(drift_limit=0.0)


@pytest.mark.parametrize(
    ("hour", "expected"), [(23, True), (6, True), (7, False), (12, False), (21, False)]
)
def test_quiet_hours_go_over_midnight(hour: int, expected: bool) -> None:
    # Paris is an hour ahead of UTC in winter.
    now = datetime(2026, 1, 15, (hour - 1) % 24, 30, tzinfo=UTC)
    assert notify.is_quiet(now, "22:00-07:00", "Europe/Paris") is expected
    assert notify.is_quiet(now, None, "UTC") is False
    with pytest.raises(InputError, match="alert_quiet_hours"):
        notify.is_quiet(now, "ten to seven", "UTC")


def test_an_address_is_never_in_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(notify.ADDRESSES, "nonsense://secret-token")
    with pytest.raises(InputError, match="address 1") as refused:
        notify.send("title", "body")
    monkeypatch.setenv(notify.ADDRESSES, "json://user:secret-token@127.0.0.1:1/path")
    with pytest.raises(InventoryAllocationError, match="could not be delivered") as failed:
        notify.send("title", "body")
    assert "secret" not in f"{refused.value} {failed.value}"
