"""The commands as a user types them, on the tiny company."""

from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner

from inventory_allocation.cli import main
from tiny_company import make_tiny_company, write_company

ROOT = Path(__file__).parents[3]
VARIABLES = (
    "{backtest_cutoffs: 0, forecast_global_models: [], forecast_periods: 4, "
    "plan_periods: 2, segment_min_customers: 20, segment_bootstraps: 2, segment_permutations: 9}"
)


def test_load_run_and_allocate_as_the_readme_says(new_chain: Callable, tmp_path: Path) -> None:
    chain = new_chain()
    chain.use()
    files = write_company(make_tiny_company(weeks=30), tmp_path / "files")
    where = ["--project-dir", str(ROOT), "--profiles-dir", str(ROOT / "tests" / "profiles")]

    def invoke(*arguments: str):
        return CliRunner().invoke(main, [*arguments, *where])

    empty = invoke("run", "--no-sample-company")
    assert empty.exit_code == 2
    assert "raw.transactions is missing" in empty.output

    made = invoke("init-raw")
    assert made.exit_code == 0, made.output
    loaded = invoke("load-raw", str(files))
    assert loaded.exit_code == 0, loaded.output
    assert "transactions" in loaded.output

    ran = invoke("run", "--no-sample-company", "--vars", VARIABLES)
    assert ran.exit_code == 0, ran.output

    again = invoke("allocate", "--no-sample-company", "--vars", VARIABLES)
    assert again.exit_code == 0, again.output
    closer = invoke("allocate", "--no-sample-company", "--vars", VARIABLES, "--gap", "0.001")
    assert closer.exit_code == 0, closer.output
    runs = chain.query("select count(*) as n from planning.plan_runs")
    assert runs["n"].iloc[0] == 2
