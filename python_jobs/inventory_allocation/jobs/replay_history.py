"""What happened to a company: the rows that a replay starts from."""

import hashlib
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from inventory_allocation.errors import InputError
from inventory_allocation.frames import to_pandas
from inventory_allocation.jobs.load_raw import find_raw_files, load_raw
from inventory_allocation.jobs.scratch_project import open_scratch_project
from inventory_allocation.sample_company import generate_company, wanted_lines
from inventory_allocation.warehouse import DbtProject, open_warehouse
from inventory_allocation.warehouse.files import read_file

__all__ = [
    "History",
    "read_raw_files",
    "read_raw_tables",
    "read_sold_lines",
    "recall_company",
    "recall_sample",
]

LINES = "fct_transactions"


@dataclass(frozen=True)
class History:
    """What happened to a company.

    Attributes:
        name: Its name.
        raw: Rows of the raw tables.
        lines: order_id, ordered_at, region_id, sku, units: what customers asked for.
        stock: fc_id, sku, snapshot_date, units: counts at the end of days.
        arriving: fc_id, sku, arrives_on, units: deliveries of suppliers.
        end: The day after the last whole week.
        return_share: Lines that are returns, over those that are sales.
    """

    name: str
    raw: dict[str, pd.DataFrame]
    lines: pd.DataFrame
    stock: pd.DataFrame
    arriving: pd.DataFrame
    end: pd.Timestamp
    return_share: float


def recall_sample(scale: str, seed: int) -> History:
    """A generated company: lines are what customers wanted, also where nobody could ship them."""
    company = generate_company(scale, seed)
    counts = _read_counts(company.raw)
    return History(
        name=f"{scale}-{seed}",
        raw=company.raw,
        lines=wanted_lines(scale, seed),
        stock=counts,
        arriving=company.truth["receipts"].rename(
            columns={"week_start": "arrives_on", "received_units": "units"}
        ),
        end=counts["snapshot_date"].max() + pd.Timedelta(days=1),
        return_share=_share_returned(company.raw),
    )


def recall_company(
    name: str, project_directory: Path, variables: dict[str, Any], raw: dict[str, pd.DataFrame]
) -> History:
    """A company of one's own: lines are what was sold, as the models accept them.

    Args:
        name: Its name; a hash of its rows is added.
        project_directory: Where dbt_project.yml is.
        variables: Values for the project's vars.
        raw: Rows of its raw tables.

    Raises:
        InputError: Tables lack what a replay needs.
    """
    for table, why in {
        "transactions": "nobody bought anything",
        "suppliers": "no policy could order",
    }.items():
        if raw.get(table) is None or raw[table].empty:
            raise InputError(f"table {table} has no row: {why}. Fill it, and replay again")
    lines = read_sold_lines(project_directory, variables, raw)
    shipments = raw.get("inbound_shipments", pd.DataFrame())
    columns = ["fc_id", "sku", "expected_date", "quantity"]
    arriving = shipments.reindex(columns=columns).set_axis(
        ["fc_id", "sku", "arrives_on", "units"], axis="columns"
    )
    day_after = lines["ordered_at"].max().normalize() + pd.Timedelta(days=1)
    return History(
        # What is kept of other rows says nothing of these.
        name=f"{name}-{_hash_rows(raw)}",
        raw=raw,
        lines=lines,
        stock=_read_counts(raw),
        arriving=_accept(arriving, "arrives_on"),
        end=day_after - pd.Timedelta(days=day_after.dayofweek),
        return_share=_share_returned(raw),
    )


def _share_returned(raw: dict[str, pd.DataFrame]) -> float:
    quantity = pd.to_numeric(raw["transactions"]["quantity"], errors="coerce")
    sold = int((quantity > 0).sum())
    return float((quantity < 0).sum()) / sold if sold else 0.0


def _hash_rows(raw: dict[str, pd.DataFrame]) -> str:
    digest = hashlib.sha256()
    for table, rows in sorted(raw.items()):
        digest.update(table.encode())
        digest.update(pd.util.hash_pandas_object(rows, index=False).to_numpy().tobytes())
    return digest.hexdigest()[:8]


def _accept(rows: pd.DataFrame, date: str) -> pd.DataFrame:
    """Rows with a date and units above 0."""
    read = rows.assign(
        **{
            date: pd.to_datetime(rows[date], errors="coerce"),
            "units": pd.to_numeric(rows["units"], errors="coerce"),
        }
    )
    return read[read[date].notna() & (read["units"] > 0)].reset_index(drop=True)


def _read_counts(raw: dict[str, pd.DataFrame]) -> pd.DataFrame:
    columns = ["fc_id", "sku", "snapshot_date", "on_hand_units"]
    counts = raw.get("inventory_snapshots", pd.DataFrame()).reindex(columns=columns)
    return _accept(counts.rename(columns={"on_hand_units": "units"}), "snapshot_date")


def read_sold_lines(
    project_directory: Path, variables: dict[str, Any], raw: dict[str, pd.DataFrame]
) -> pd.DataFrame:
    """Order lines as the models accept them, without returns.

    Returns:
        order_id, ordered_at, region_id, sku, fc_id (null where it isn't known), units.

    Raises:
        InputError: No line is accepted, or a table is wrong.
    """
    # dbt has its directories from the environment of the process.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_read_lines, project_directory, variables, raw).result()


def _read_lines(
    project_directory: Path, variables: dict[str, Any], raw: dict[str, pd.DataFrame]
) -> pd.DataFrame:
    with TemporaryDirectory() as scratch:
        project = open_scratch_project(project_directory, Path(scratch), variables)
        files = Path(scratch) / "raw"
        files.mkdir()
        for name, rows in raw.items():
            rows.to_parquet(files / f"{name}.parquet", index=False)
        load_raw(project, files, replace=True)
        project.run("run", "--select", f"+{LINES}")
        warehouse = open_warehouse(project)
        try:
            lines = to_pandas(
                warehouse.query(
                    "select order_id, ordered_at, region_id, sku, fc_id, quantity as units "
                    f"from {project.model_relation(LINES)} where quantity > 0"
                )
            )
        finally:
            warehouse.close()
    if lines.empty:
        raise InputError(
            "no row of table transactions is accepted: fct_rejected_rows says why, after "
            "`inventory-allocation run --no-sample-company`"
        )
    return lines


def read_raw_files(project: DbtProject, directory: Path) -> dict[str, pd.DataFrame]:
    """Read the files of a folder that are named after raw tables.

    Raises:
        InputError: There is none, or one doesn't fit its table.
    """
    tables = {}
    for name, path in find_raw_files(project, directory).items():
        with read_file(path, project.source_schema("raw", name)) as batches:
            tables[name] = to_pandas(batches.read_all())
    return tables


def read_raw_tables(project: DbtProject) -> dict[str, pd.DataFrame]:
    """Read the raw tables of a project's warehouse.

    Raises:
        InputError: One is missing.
    """
    names = project.source_tables("raw")
    relations = {name: str(project.source_node("raw", name).relation_name) for name in names}
    warehouse = open_warehouse(project)
    try:
        return {name: to_pandas(rows) for name, rows in warehouse.read(relations).items()}
    finally:
        warehouse.close()
