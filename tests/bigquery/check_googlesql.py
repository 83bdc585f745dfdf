"""Check the compiled BigQuery SQL with GoogleSQL's own analyzer: names, types, contracts.

Types of the inputs come from the contracts in the YAML; each model's columns are what the analyzer
says, and must be what its own contract says. Nothing connects to BigQuery.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from inventory_allocation.warehouse import DbtProject

ROOT = Path(__file__).parents[2]
TYPES = {
    "string": "STRING",
    "text": "STRING",
    "integer": "INT64",
    "bigint": "INT64",
    "numeric": "FLOAT64",
    "float8": "FLOAT64",
    "numeric(28,4)": "NUMERIC",
    "timestamp": "TIMESTAMP",
    "date": "DATE",
    "boolean": "BOOL",
}
VARIABLES = {"sample_company": False, "native_forecasts": ["timesfm", "arima_plus"]}
# BigQuery's own table functions, which the analyzer doesn't know, and what they return as it is
# documented.
NATIVE_FORECAST = re.compile(r"\b(ai|ml)\.forecast\(.*?\n        \)", re.DOTALL)
NATIVE_COLUMNS = """(
    select
        '2026-01-05' as cutoff, 's' as series_id, timestamp '2026-01-05' as forecast_timestamp,
        1.5 as forecast_value, 0.95 as confidence_level,
        1.0 as prediction_interval_lower_bound, 2.0 as prediction_interval_upper_bound
)"""


def name(node: Any) -> str:
    """The relation's name without quotes."""
    return str(node.relation_name).replace("`", "")


def columns(node: Any) -> list[dict[str, str]]:
    """Columns with the types of the contract."""
    return [
        {"name": column.name, "type": TYPES[column.data_type.lower()]}
        for column in node.columns.values()
        if column.data_type
    ]


def request(manifest: Any) -> dict[str, Any]:
    """What the analyzer is asked: tables of the contract; models and tests in their order."""
    nodes = list(manifest.nodes.values())
    # Python models, and tables that a model before them reads as an earlier run left them.
    known = [
        node
        for node in nodes
        if getattr(node, "language", "") == "python" or node.config.materialized == "incremental"
    ]
    tables = [
        {"name": name(node), "columns": columns(node)}
        for node in [*manifest.sources.values(), *known]
    ]
    waiting = {
        node.unique_id: node for node in nodes if node.compiled_code and node.language == "sql"
    }
    ordered: list[Any] = []
    while waiting:
        ready = [
            node
            for node in waiting.values()
            if not any(parent in waiting for parent in node.depends_on.nodes)
        ]
        ordered += ready
        for node in ready:
            del waiting[node.unique_id]
    statements = [
        {
            "name": node.unique_id,
            "sql": NATIVE_FORECAST.sub(NATIVE_COLUMNS, node.compiled_code),
            "produces": name(node) if str(node.resource_type) == "model" else None,
        }
        for node in ordered
    ]
    return {"tables": tables, "statements": statements}


def find_problems(manifest: Any, answers: list[dict[str, Any]]) -> list[str]:
    """Errors, and columns that are not what the contract says, a line each."""
    problems = []
    for answer in answers:
        node = manifest.nodes[answer["name"]]
        if "error" in answer:
            problems.append(f"{node.original_file_path} ({node.name}): {answer['error']}")
        elif getattr(node, "contract", None) and node.contract.enforced:
            given = sorted((column["name"], column["type"]) for column in answer["columns"])
            wanted = sorted((column["name"], column["type"]) for column in columns(node))
            if given != wanted:
                difference = sorted(set(given) ^ set(wanted))
                problems.append(f"{node.original_file_path}: the contract differs: {difference}")
    return problems


def main(analyzer: Path) -> int:
    """Compile, ask and report."""
    os.environ.setdefault("DBT_TARGET_PATH", str(ROOT / "target" / "googlesql"))
    project = DbtProject(ROOT, ROOT / "tests" / "profiles", "bigquery", VARIABLES)
    # dbt asks the warehouse whether a Python model is incremental.
    project.run("compile", "--no-populate-cache", "--exclude", "file:*.py")
    from dbt.contracts.graph.manifest import WritableManifest

    path = Path(os.environ["DBT_TARGET_PATH"]) / "manifest.json"
    manifest = WritableManifest.from_dict(json.loads(path.read_text()))
    answers = json.loads(
        subprocess.run(
            ["node", analyzer / "analyze.js"],
            input=json.dumps(request(manifest)),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout
    )
    problems = find_problems(manifest, answers)
    print("\n".join(problems) or f"GoogleSQL: {len(answers)} statements, nothing found")
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
