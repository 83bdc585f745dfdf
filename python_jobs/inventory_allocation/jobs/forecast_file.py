"""Forecasting a panel that is a file."""

from pathlib import Path

import numpy as np
import pandas as pd

from inventory_allocation.errors import InputError
from inventory_allocation.forecasting import ENSEMBLE, Forecasts, list_models
from inventory_allocation.forecasting.tree import SERIES
from inventory_allocation.frames import require_columns

__all__ = ["read_panel_file", "read_signals_file", "summarize_accuracy", "write_forecasts"]


def _read(path: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read: {error}") from error


def read_signals_file(path: Path) -> pd.DataFrame:
    """Read signals from a Parquet or CSV file; see `forecast`.

    Raises:
        InputError: The file can't be read or lacks a column.
    """
    frame = _read(path)
    require_columns(frame, ["signal_name", "period_start", "value", "is_known_ahead"], str(path))
    # Text, as CSV files have it in columns with gaps.
    is_known_ahead = frame["is_known_ahead"].astype("string").str.lower().isin(["true", "1"])
    return frame.assign(is_known_ahead=is_known_ahead)


def read_panel_file(
    path: Path, columns: dict[str, str], labels: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Read a long panel from a Parquet or CSV file.

    Args:
        path: The file; what isn't `.parquet` is read as CSV.
        columns: The file's name of each column of the panel: series_id, period_start, units.
        labels: Further columns to read.

    Raises:
        InputError: The file isn't there, can't be read or lacks a column.
    """
    frame = _read(path)
    missing = [given for given in (*columns.values(), *labels) if given not in frame]
    if missing:
        raise InputError(
            f"{path} lacks column {', '.join(missing)}; it has {', '.join(map(str, frame.columns))}"
        )
    others = ["is_stockout"] if "is_stockout" in frame else []
    wanted = list(dict.fromkeys([*columns.values(), *labels, *others]))
    return frame[wanted].rename(columns={given: name for name, given in columns.items()})


def summarize_accuracy(backtests: pd.DataFrame) -> pd.DataFrame:
    """Error and bias of every model over the backtest, the best first, and the ensemble's coverage.

    Returns:
        One row per model: wape, bias and coverage of the 95 % interval, as shares.
    """
    known = backtests[backtests["actual"].notna() & backtests["level"].eq(SERIES)]
    actual = known["actual"]
    units = actual.sum() if actual.sum() > 0 else float("nan")
    rows = [
        {
            "model": name,
            "wape": (means - actual).abs().sum() / units,
            "bias": (means - actual).sum() / units,
        }
        for name, means in list_models(known).items()
        if len(known)
    ]
    summary = pd.DataFrame(rows, columns=["model", "wape", "bias"])
    interval = known[known["q0_975"].notna()]
    inside = interval["actual"].between(interval["q0_025"], interval["q0_975"])
    summary["coverage"] = np.where(summary["model"] == ENSEMBLE, inside.mean(), np.nan)
    return summary.sort_values("wape", ignore_index=True)


def write_forecasts(forecasts: Forecasts, directory: Path) -> list[Path]:
    """Write each table as a Parquet file; returns the files."""
    directory.mkdir(parents=True, exist_ok=True)
    files = []
    for name in ("forecasts", "backtests", "weights", "repairs", "signals"):
        path = directory / f"{name}.parquet"
        getattr(forecasts, name).to_parquet(path, index=False)
        files.append(path)
    return files
