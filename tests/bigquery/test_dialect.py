"""The compiled SQL is BigQuery's, as sqlfluff parses that dialect."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

# Layout is checked where the SQL is written; here what parses and what a name refers to.
CONFIG = """
[sqlfluff]
dialect = bigquery
templater = raw
rules = capitalisation.keywords, aliasing.unused, references.from, structure.else_null
"""


def test_compiled_models_parse_in_the_bigquery_dialect(
    new_bigquery_chain: Callable, tmp_path: Path
) -> None:
    chain = new_bigquery_chain(sample_company=False, native_forecasts=["timesfm", "arima_plus"])
    chain.dbt("compile", "--no-populate-cache", "--exclude", "file:*.py")
    models = [
        node
        for node in chain.project.run("parse").nodes.values()
        if str(node.resource_type) == "model" and node.language == "sql"
    ]
    compiled = chain.directory / "target" / "compiled" / "inventory_allocation"
    for node in models:
        text = (compiled / node.original_file_path).read_text()
        (tmp_path / f"{node.name}.sql").write_text(text + "\n")
    call = "{{ create_native_models(ref('int_demand__native_histories')) }}"
    fitted = chain.dbt("compile", "--no-populate-cache", "--inline", call).results[0].node
    assert "ARIMA_PLUS" in fitted.compiled_code
    (tmp_path / "create_native_models.sql").write_text(fitted.compiled_code + "\n")
    (tmp_path / ".sqlfluff").write_text(CONFIG)
    command = [sys.executable, "-m", "sqlfluff", "lint", ".", "--processes", "2"]
    linted = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert len(models) > 70
    assert linted.returncode == 0, linted.stdout[-3000:]
