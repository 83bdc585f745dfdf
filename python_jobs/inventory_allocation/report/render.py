"""A report as one file: HTML that holds its images, or PDF by Typst."""

import json
import tempfile
from dataclasses import asdict
from pathlib import Path

from inventory_allocation.errors import InventoryAllocationError
from inventory_allocation.report.content import Report

__all__ = ["render_html", "render_pdf"]

TEMPLATES = Path(__file__).with_name("templates")


def render_html(report: Report) -> bytes:
    """A page without anything from elsewhere."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2").render(report=report).encode()


def render_pdf(report: Report) -> bytes:
    """An A4 document; the fonts are Typst's own.

    Raises:
        InventoryAllocationError: Typst isn't installed.
    """
    try:
        import typst
    except ImportError as error:
        raise InventoryAllocationError(
            "a PDF needs Typst: pip install 'inventory-allocation[report]'"
        ) from error
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        content = asdict(report)
        for number, section in enumerate(content["sections"]):
            if section["figure"] is not None:
                path = folder / f"figure{number}.svg"
                path.write_text(section["figure"])
                section["figure"] = path.name
        # Texts reach Typst as data, never as markup.
        (folder / "report.json").write_text(json.dumps(content))
        source = folder / "report.typ"
        source.write_text((TEMPLATES / "report.typ").read_text())
        rendered: bytes = typst.compile(source, format="pdf", ignore_system_fonts=True)
    return rendered
