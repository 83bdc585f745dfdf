"""Plans from Parquet files: the same as in memory, whole or not at all, and clear about faults."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from allocation_cases import EXACT, busy_inputs, random_inputs
from click.testing import CliRunner
from pandas.testing import assert_frame_equal

from inventory_allocation.allocation import allocate
from inventory_allocation.cli import main
from inventory_allocation.errors import InputError, InventoryAllocationError
from inventory_allocation.jobs import allocate_files as files
from inventory_allocation.jobs.allocate import MODELS, hash_inputs


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    directory = tmp_path / "inputs"
    files.write_input_files(busy_inputs(), directory)
    return directory


def read_plan(directory: Path) -> dict[str, pd.DataFrame]:
    return {path.stem: pd.read_parquet(path) for path in sorted(directory.iterdir())}


def test_a_plan_from_files_is_that_of_the_same_frames(inputs: Path, tmp_path: Path) -> None:
    published = files.allocate_files(inputs, tmp_path / "plans", EXACT)
    written = read_plan(tmp_path / "plans" / published.run_id)
    plan = allocate(busy_inputs(), EXACT)
    assert set(written) == {"plan_runs", *plan.tables}
    for name, frame in plan.tables.items():
        assert set(written[name]["run_id"]) <= {published.run_id}
        dates = frame.select_dtypes("datetime").columns
        found = written[name].drop(columns=["run_id", "loaded_at"])
        found = found.assign(**{date: pd.to_datetime(found[date]) for date in dates})
        assert_frame_equal(found, frame, check_dtype=False)
    assert written["plan_runs"]["objective"].item() == pytest.approx(plan.solution.objective)


def test_dates_are_dates_and_the_time_of_writing_a_time(inputs: Path, tmp_path: Path) -> None:
    published = files.allocate_files(inputs, tmp_path, EXACT)
    schema = pq.read_schema(tmp_path / published.run_id / "plan_transfers.parquet")
    assert str(schema.field("arrives_on").type) == "date32[day]"
    assert str(schema.field("loaded_at").type).startswith("timestamp")


@pytest.mark.parametrize("seed", [9, 20])
def test_inputs_survive_files(seed: int, tmp_path: Path) -> None:
    files.write_input_files(random_inputs(seed), tmp_path)
    assert hash_inputs(files.read_input_files(tmp_path)) == hash_inputs(random_inputs(seed))


def test_the_same_rows_in_any_order_are_the_same_run(inputs: Path, tmp_path: Path) -> None:
    first = files.allocate_files(inputs, tmp_path, EXACT)
    path = inputs / f"{MODELS['demand']}.parquet"
    pd.read_parquet(path).iloc[::-1].to_parquet(path, index=False)
    again = files.allocate_files(inputs, tmp_path, EXACT)
    assert again.run_id == first.run_id
    assert again.plan is None


def test_what_a_plan_can_do_without_may_be_missing(inputs: Path, tmp_path: Path) -> None:
    for name in files.OPTIONAL:
        (inputs / f"{MODELS[name]}.parquet").unlink()
    published = files.allocate_files(inputs, tmp_path, EXACT)
    assert published.plan is not None
    assert published.plan.tables["plan_transfers"].empty


def test_a_missing_file_is_named_with_its_columns(inputs: Path) -> None:
    (inputs / "int_allocation__stock.parquet").unlink()
    with pytest.raises(InputError, match=r"int_allocation__stock\.parquet is missing.*fc_id, sku"):
        files.read_input_files(inputs)


def test_a_file_that_is_none_is_named(inputs: Path) -> None:
    (inputs / "int_allocation__stock.parquet").write_text("no parquet")
    with pytest.raises(InputError, match=r"int_allocation__stock\.parquet cannot be read"):
        files.read_input_files(inputs)


@pytest.mark.parametrize(
    ("name", "column", "value", "words"),
    [
        ("stock", "fc_id", "Z", "column fc_id, row 1: Z is not in column fc_id of dim_fulfil"),
        ("demand", "sku", "none", "row 1: none is not in column sku of int_allocation__price"),
        ("stock", "available_units", float("nan"), "available_units, row 1: nan is not a number"),
        ("lanes", "cost_per_unit", -1.0, "cost_per_unit, row 1: -1.0 is not a number from 0"),
        ("inbound", "units", "many", "units, row 1: many is not a number from 0"),
    ],
)
def test_a_wrong_row_is_named_with_file_column_and_row(
    inputs: Path, name: str, column: str, value: object, words: str
) -> None:
    path = inputs / f"{MODELS[name]}.parquet"
    frame = pd.read_parquet(path).astype({column: object})
    frame.loc[0, column] = value
    if not isinstance(value, str):
        frame = frame.astype({column: float})
    frame.to_parquet(path, index=False)
    with pytest.raises(InputError, match=rf"{MODELS[name]}\.parquet.*{words}"):
        files.read_input_files(inputs)


def test_a_centre_that_is_there_twice_is_refused(inputs: Path) -> None:
    path = inputs / f"{MODELS['centers']}.parquet"
    frame = pd.read_parquet(path)
    pd.concat([frame, frame.iloc[:1]]).to_parquet(path, index=False)
    with pytest.raises(InputError, match="A is not there only once"):
        files.read_input_files(inputs)


def test_a_plan_that_is_refused_leaves_nothing(
    inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = replace(allocate(busy_inputs(), EXACT), problems=["negative stock"])
    monkeypatch.setattr("inventory_allocation.jobs.allocate.allocate", lambda *_: wrong)
    with pytest.raises(InventoryAllocationError, match="negative stock"):
        files.allocate_files(inputs, tmp_path / "plans", EXACT)
    assert not (tmp_path / "plans").exists()


def test_a_run_that_broke_off_while_writing_is_written_again(
    inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = pd.DataFrame.to_parquet

    def fail(frame: pd.DataFrame, path: Path, **options: bool) -> None:
        if path.stem == "plan_inventory":
            raise OSError("disk full")
        write(frame, path, **options)

    monkeypatch.setattr(pd.DataFrame, "to_parquet", fail)
    with pytest.raises(OSError, match="disk full"):
        files.allocate_files(inputs, tmp_path / "plans", EXACT)
    assert [path.name[0] for path in (tmp_path / "plans").iterdir()] == ["."]
    monkeypatch.setattr(pd.DataFrame, "to_parquet", write)
    published = files.allocate_files(inputs, tmp_path / "plans", EXACT)
    assert [path.name for path in (tmp_path / "plans").iterdir()] == [published.run_id]


def test_the_command_needs_no_project(
    inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = ["allocate", "--inputs", str(inputs), "--outputs", "plans", "--gap", "0"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert "proven gap 0.0000%" in result.output
    assert "is there already" in CliRunner().invoke(main, arguments).output


def test_the_command_wants_both_directories(inputs: Path) -> None:
    result = CliRunner().invoke(main, ["allocate", "--inputs", str(inputs)])
    assert result.exit_code == 2
    assert "go together" in result.output
