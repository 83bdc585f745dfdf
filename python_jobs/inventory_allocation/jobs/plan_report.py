"""Writing the report on the plan in force."""

from collections.abc import Callable
from pathlib import Path

from inventory_allocation.errors import InventoryAllocationError
from inventory_allocation.presentation.plan_tables import Read
from inventory_allocation.report.content import Report, make_report
from inventory_allocation.report.render import render_html, render_pdf

__all__ = ["FORMATS", "write_report"]

FORMATS: dict[str, Callable[[Report], bytes]] = {"html": render_html, "pdf": render_pdf}


def write_report(read: Read, form: str, output: Path) -> None:
    """Write the report to a file, whole or not at all; the same bytes for the same rows.

    Args:
        read: Runs queries.
        form: A key of FORMATS.
        output: The file.

    Raises:
        InputError: There is no plan in force, or a table is missing.
        InventoryAllocationError: A library isn't installed.
    """
    try:
        content = FORMATS[form](make_report(read))
    except ImportError as error:
        raise InventoryAllocationError(
            f"the report needs {error.name}: pip install 'inventory-allocation[report]'"
        ) from error
    output.parent.mkdir(parents=True, exist_ok=True)
    unfinished = output.with_name(f".{output.name}.unfinished")
    unfinished.write_bytes(content)
    unfinished.replace(output)
