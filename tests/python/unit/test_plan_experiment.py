"""Planning an experiment from a file of units, as a user types it; figures of segments."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from statsmodels.stats.power import tt_ind_solve_power

from inventory_allocation.cli import main
from inventory_allocation.segmentation.figures import draw_segment

RAW_COLUMNS = [
    "experiment_id",
    "unit_type",
    "unit_id",
    "variant",
    "started_on",
    "ended_on",
    "assignment",
]


def make_centers(path: Path, count: int = 50) -> pd.DataFrame:
    rng = np.random.default_rng(8)
    before = rng.lognormal(8, 0.5, count)
    frame = pd.DataFrame(
        {
            "unit_id": [f"FC{number:02d}" for number in range(count)],
            "revenue": before * rng.lognormal(0, 0.1, count),
            "revenue_before": before,
            "floor_area": rng.uniform(1, 9, count),
        }
    )
    frame.to_csv(path, index=False)
    return frame


def plan(tmp_path: Path, units: Path, *arguments: str):
    output = tmp_path / "assignment.csv"
    where = ["--units", str(units), "--output", str(output), "--start", "2026-12-01"]
    command = ["experiment", "plan", "night-shift", "--unit-type", "fc", *where, *arguments]
    return CliRunner().invoke(main, command), output


def test_fifty_centres_are_split_evenly_and_alike_and_again_the_same(tmp_path: Path) -> None:
    centers = make_centers(tmp_path / "centres.csv")
    result, output = plan(tmp_path, tmp_path / "centres.csv")
    assert result.exit_code == 0, result.output
    rows = pd.read_csv(output)
    assert rows.columns.tolist() == RAW_COLUMNS
    assert rows["variant"].value_counts().to_dict() == {"control": 25, "treatment": 25}
    assert set(rows["unit_id"]) == set(centers["unit_id"])
    assert set(rows["started_on"]) == {"2026-12-01"}
    assert set(rows["ended_on"]) == {"2026-12-28"}
    joined = centers.merge(rows, on="unit_id")
    for name in ("revenue", "revenue_before", "floor_area"):
        means = joined.groupby("variant")[name].mean()
        assert abs(means.diff().iloc[-1]) < 0.25 * centers[name].std()
    shuffled = tmp_path / "shuffled.csv"
    centers.sample(frac=1, random_state=1).to_csv(shuffled, index=False)
    first = output.read_bytes()
    plan(tmp_path, shuffled)
    assert output.read_bytes() == first
    plan(tmp_path, shuffled, "--seed", "1")
    assert output.read_bytes() != first


def test_the_sample_size_is_that_of_statsmodels(tmp_path: Path) -> None:
    centers = make_centers(tmp_path / "centres.csv")
    result, _ = plan(tmp_path, tmp_path / "centres.csv", "--minimum-effect", "0.2")
    d = 0.2 * centers["revenue"].mean() / centers["revenue"].std()
    units = 2 * np.ceil(tt_ind_solve_power(d, alpha=0.05, power=0.8))
    assert f"without adjustment: {units:.0f} units find a change of 20% with 80% power" in (
        result.output
    )


def test_all_units_are_taken_or_no_more_than_are_needed(tmp_path: Path) -> None:
    make_centers(tmp_path / "many.csv", 400)
    result, output = plan(tmp_path, tmp_path / "many.csv")
    assert result.exit_code == 0, result.output
    assert len(pd.read_csv(output)) == 400
    plan(tmp_path, tmp_path / "many.csv", "--only-needed")
    assert len(pd.read_csv(output)) < 100


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("centre\nA\n", "lacks column unit_id"),
        ("unit_id\nA\nA\n", "twice or empty"),
        ("unit_id\nA\n", "needs two or more"),
        ("unit_id\n", "needs two or more"),
        ("", "cannot be read as CSV"),
    ],
)
def test_a_file_that_is_no_list_of_units_is_a_clear_error(
    tmp_path: Path, text: str, words: str
) -> None:
    path = tmp_path / "units.csv"
    path.write_text(text)
    result, output = plan(tmp_path, path)
    assert result.exit_code == 2
    assert words in result.output
    assert not output.exists()


def test_units_without_numbers_are_assigned_at_random(tmp_path: Path) -> None:
    path = tmp_path / "units.csv"
    path.write_text("unit_id\n" + "\n".join("ABCD"))
    result, output = plan(tmp_path, path)
    assert result.exit_code == 0, result.output
    assert pd.read_csv(output)["variant"].value_counts().to_dict() == {"control": 2, "treatment": 2}


def test_a_figure_shows_the_segment_beside_all_customers() -> None:
    measures = ["recency_days", "frequency", "monetary", "order_value", "interpurchase_days"]
    measures += ["category_count", "return_rate", *(f"q{quarter}_share" for quarter in "1234")]
    segments = pd.DataFrame(
        {
            "segment_id": [1, -1],
            "segment": ["champions", "thin history"],
            "customers": [30, 10],
            "customer_share": [0.75, 0.25],
            "revenue_share": [0.9, 0.1],
            "expected_value": [1234.0, np.nan],
            "horizon_days": [90, 90],
            **{f"mean_{name}": [0.8, 0.4] for name in measures},
        }
    ).assign(mean_interpurchase_days=[20.0, np.nan])
    figure = draw_segment(segments, 1, "EUR")
    assert figure.get_suptitle() == (
        "champions: 30 customers (75%), 90% of revenue; 1,234 EUR expected in 90 days"
    )
    # The mean of all is (30 * 0.8 + 10 * 0.4) / 40 = 0.7.
    bars = figure.axes[0].patches
    assert bars[0].get_width() == pytest.approx(np.log2(0.8 / 0.7))
    quarters = figure.axes[1].patches
    assert [bar.get_height() for bar in quarters[:4]] == [0.8] * 4
    assert [bar.get_height() for bar in quarters[4:]] == pytest.approx([0.7] * 4)
    thin = draw_segment(segments, -1, "EUR")
    assert "expected" not in thin.get_suptitle()
    assert "not known" in [text.get_text() for text in thin.axes[0].texts]
