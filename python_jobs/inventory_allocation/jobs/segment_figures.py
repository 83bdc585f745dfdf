"""Writing a figure per segment, for documents and reports."""

import re
from pathlib import Path

from inventory_allocation.errors import InputError, InventoryAllocationError
from inventory_allocation.frames import to_pandas
from inventory_allocation.segmentation.figures import draw_segment
from inventory_allocation.warehouse import DbtProject, Warehouse

__all__ = ["write_segment_figures"]


def write_segment_figures(project: DbtProject, warehouse: Warehouse, output: Path) -> list[Path]:
    """Draw the segments of dim_segments as SVG files, the same bytes for the same rows.

    Args:
        project: The project, built.
        warehouse: Where its tables are.
        output: Directory for the files, made if missing.

    Returns:
        The files, by segment id.

    Raises:
        InputError: There are no segments.
        InventoryAllocationError: matplotlib isn't installed.
    """
    try:
        import matplotlib as mpl
    except ImportError as error:
        raise InventoryAllocationError(
            "figures need matplotlib: pip install 'inventory-allocation[figures]'"
        ) from error
    relation = project.model_relation("dim_segments")
    segments = to_pandas(warehouse.query(f"select * from {relation} order by segment_id"))
    if segments.empty:
        raise InputError(f"{relation} holds no segment: run `dbt build` first")
    parameters = project.model_relation("int_allocation__parameters")
    currency = to_pandas(warehouse.query(f"select currency from {parameters}"))["currency"].iloc[0]
    output.mkdir(parents=True, exist_ok=True)
    files = []
    with mpl.rc_context({"svg.hashsalt": "segments", "svg.fonttype": "none"}):
        for row in segments.to_dict("records"):
            name = re.sub(r"[^\w]+", "_", str(row["segment"])).strip("_").lower()
            path = output / f"{name}.svg"
            figure = draw_segment(segments, int(row["segment_id"]), str(currency))
            figure.savefig(path, metadata={"Date": None})
            files.append(path)
    return files
