"""A Sphinx extension: writes the data dictionary from what dbt knows of the project.

The tables and columns that people may rely on: sources, seeds' own schema left out, and marts.
"""

from pathlib import Path
from typing import Any

from inventory_allocation.warehouse import DbtProject

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference" / "data_dictionary.md"
HEAD = """# Data dictionary
Every table that people read or fill, from the models' own descriptions. Types are those of the
data contract: `string`, `integer`, `numeric`, `timestamp` (UTC), `date`, `boolean`; a mart may name
the warehouse's own.
"""


def _cell(text: str) -> str:
    return " ".join(str(text or "").split()).replace("|", "\\|")


def _describe(node: Any) -> list[str]:
    lines = [f"### {node.name}", _cell(node.description), ""]
    if node.columns:
        lines += ["| column | type | what it is |", "| --- | --- | --- |"]
        lines += [
            f"| `{column.name}` | {_cell(column.data_type)} | {_cell(column.description)} |"
            for column in node.columns.values()
        ]
    return [*lines, ""]


def write_dictionary(_: Any = None) -> None:
    """Write the page."""
    manifest = DbtProject(ROOT, ROOT / "tests" / "profiles").manifest
    lines = [HEAD]
    sources = sorted(manifest.sources.values(), key=lambda node: (node.source_name, node.name))
    for title, schema in (("Input", "raw"), ("Every run", "planning"), ("Nights", "operations")):
        nodes = [node for node in sources if node.source_name == schema]
        if nodes:
            lines += [f"## {title}: source `{schema}`", ""]
            lines += [line for node in nodes for line in _describe(node)]
    marts = sorted(
        (
            node
            for node in manifest.nodes.values()
            if str(node.resource_type) == "model" and node.path.startswith("marts/")
        ),
        key=lambda node: (node.path.split("/")[1], node.name),
    )
    areas = list(dict.fromkeys(node.path.split("/")[1] for node in marts))
    for area in areas:
        lines += [f"## Output: {area}", ""]
        for node in marts:
            if node.path.split("/")[1] == area:
                lines += _describe(node)
    PAGE.write_text("\n".join(lines))


def setup(app: Any) -> dict[str, bool]:
    """Let Sphinx write the page before it reads any."""
    app.connect("builder-inited", write_dictionary)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
