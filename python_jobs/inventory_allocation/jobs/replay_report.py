"""Writing the report of a replay: a page (.html) or a document with figures beside it (.md)."""

import io
from pathlib import Path

import pandas as pd

from inventory_allocation.errors import InputError, InventoryAllocationError
from inventory_allocation.replay import describe_replay, table_cost_parts, table_policies
from inventory_allocation.replay.figures import draw_cost_parts, draw_frontiers

__all__ = ["check_report_path", "write_replay_report"]

TEMPLATES = {".html": "report.html.j2", ".md": "report.md.j2"}


def check_report_path(path: Path) -> None:
    """Refuse a report that can't be written, before the replay takes its time.

    Raises:
        InputError: The name of the file says neither page nor document.
        InventoryAllocationError: matplotlib isn't installed.
    """
    if path.suffix not in TEMPLATES:
        raise InputError(f"a report is a file .html or .md, not {path.name}")
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise InventoryAllocationError(
            "the report has figures: pip install 'inventory-allocation[figures]'"
        ) from error


def write_replay_report(
    rows: pd.DataFrame, first_counted: pd.Timestamp, path: Path, *, is_sold: bool = False
) -> None:
    """Write the report, the same bytes for the same rows.

    Args:
        rows: company, condition, policy, setting, period_start, measure, value.
        first_counted: First day of the first period that counts.
        is_sold: Whether demand is what was sold.
        path: A file .html, which holds its figures, or .md, with figures in a folder beside it.
    """
    import matplotlib as mpl
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    check_report_path(path)
    figures = {
        "frontiers": draw_frontiers(table_policies(rows, first_counted)),
        "cost_parts": draw_cost_parts(table_cost_parts(rows, first_counted)),
    }
    drawn = {}
    with mpl.rc_context({"svg.hashsalt": "replay", "svg.fonttype": "none"}):
        for name, figure in figures.items():
            buffer = io.StringIO()
            figure.savefig(buffer, format="svg", metadata={"Date": None})
            drawn[name] = buffer.getvalue()
    path.parent.mkdir(parents=True, exist_ok=True)
    is_page = path.suffix == ".html"
    shown: dict[str, str] = {}
    for name, svg in drawn.items():
        # Drawn by us.
        shown[name] = Markup(svg[svg.index("<svg") :])  # nosec B704
        if not is_page:
            shown[name] = f"figures/{path.stem}_{name}.svg"
            (path.parent / "figures").mkdir(exist_ok=True)
            (path.parent / shown[name]).write_text(svg, encoding="utf-8")
    environment = Environment(
        loader=PackageLoader("inventory_allocation.replay"),
        # A document is no HTML.
        autoescape=is_page,  # nosec B701
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    template = environment.get_template(TEMPLATES[path.suffix])
    path.write_text(
        template.render(**describe_replay(rows, first_counted, is_sold=is_sold), **shown),
        encoding="utf-8",
    )
