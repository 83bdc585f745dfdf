"""Write a generated sample company to files."""

from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from inventory_allocation.sample_company.contract import (
    RAW_COLUMNS,
    TRUTH_COLUMNS,
    Kind,
)
from inventory_allocation.sample_company.generate import Company

FileFormat = Literal["csv", "parquet"]

ARROW_TYPES: dict[Kind, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "numeric": pa.float64(),
    "timestamp": pa.timestamp("us"),
    "date": pa.date32(),
    "boolean": pa.bool_(),
}


def write_company(
    company: Company, directory: Path, file_format: FileFormat = "csv"
) -> dict[str, int]:
    """Write every raw table to `directory` and the hidden truth to `directory`/truth.

    CSV files have LF line ends, ISO dates and empty nulls; a price that isn't a number is
    written as `NaN` or `inf`. The same company gives the same bytes.

    Args:
        company: What to write.
        directory: Where to write; created when missing.
        file_format: csv or parquet.

    Returns:
        Number of rows by table; tables of the truth are named `truth/<table>`.

    Raises:
        ValueError: Unknown file format.
    """
    if file_format not in ("csv", "parquet"):
        raise ValueError(f"file_format must be csv or parquet, not {file_format!r}")
    write = _write_csv if file_format == "csv" else _write_parquet
    tables = {name: (company.raw[name], columns) for name, columns in RAW_COLUMNS.items()}
    tables |= {
        f"truth/{name}": (company.truth[name], columns) for name, columns in TRUTH_COLUMNS.items()
    }
    for name, (frame, columns) in tables.items():
        path = Path(directory) / f"{name}.{file_format}"
        path.parent.mkdir(parents=True, exist_ok=True)
        write(frame, columns, path)
    return {name: len(frame) for name, (frame, _) in tables.items()}


def _write_csv(frame: pd.DataFrame, columns: dict[str, Kind], path: Path) -> None:
    text = pd.DataFrame({name: _as_text(frame[name], kind) for name, kind in columns.items()})
    with path.open("w", encoding="utf-8", newline="") as file:
        text.to_csv(file, index=False, lineterminator="\n")


def _as_text(values: pd.Series, kind: Kind) -> pd.Series:
    """Values as CSV text, formatting each distinct value once; null becomes None."""
    if kind == "text":
        return values
    codes, distinct = pd.factorize(_plain(values, kind), use_na_sentinel=False)
    words = np.array([*(_word(value, kind) for value in distinct), None], dtype=object)
    return pd.Series(words[np.where(values.isna(), len(distinct), codes)], index=values.index)


def _plain(values: pd.Series, kind: Kind) -> npt.NDArray[Any]:
    """Values without a null mask; what stands in for a null doesn't matter."""
    if kind == "numeric":
        return values.to_numpy(dtype="float64", na_value=np.nan)
    if kind in ("timestamp", "date"):
        return values.to_numpy(dtype="datetime64[ns]")
    return values.to_numpy(dtype="int64", na_value=0)


def _word(value: Any, kind: Kind) -> str:
    if kind == "timestamp":
        return str(value.astype("datetime64[s]")).replace("T", " ")
    if kind == "date":
        return str(value.astype("datetime64[D]"))
    if kind == "boolean":
        return "true" if value else "false"
    return "NaN" if np.isnan(value) else f"{value:.10g}"


def _write_parquet(frame: pd.DataFrame, columns: dict[str, Kind], path: Path) -> None:
    arrays = []
    for name, kind in columns.items():
        values = frame[name]
        if kind == "numeric":
            # Built by hand: a price that is not a number must not turn into a null.
            numbers = values.to_numpy(dtype="float64", na_value=np.nan)
            arrays.append(pa.array(numbers, mask=values.isna().to_numpy(), from_pandas=False))
        else:
            arrays.append(pa.array(values, from_pandas=True).cast(ARROW_TYPES[kind]))
    pq.write_table(pa.table(arrays, names=list(columns)), path)
