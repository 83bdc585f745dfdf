"""Forecasting a panel that is a file."""

from pathlib import Path

import pandas as pd

from inventory_allocation.errors import InputError
from inventory_allocation.forecasting.engine import ENSEMBLE, Forecasts

__all__ = ["read_panel_file", "summarize_accuracy", "write_forecasts"]


def read_panel_file(path: Path, columns: dict[str, str]) -> pd.DataFrame:
    """Read a long panel from a Parquet or CSV file.

    Args:
        path: The file; what isn't `.parquet` is read as CSV.
        columns: The file's name of each column of the panel: series_id, period_start, units.

    Raises:
        InputError: The file isn't there, can't be read or lacks a column.
    """
    try:
        frame = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read: {error}") from error
    missing = [given for given in columns.values() if given not in frame]
    if missing:
        raise InputError(
            f"{path} lacks column {', '.join(missing)}; it has {', '.join(map(str, frame.columns))}"
        )
    wanted = [*columns.values(), *(["is_stockout"] if "is_stockout" in frame else [])]
    return frame[wanted].rename(columns={given: name for name, given in columns.items()})


def summarize_accuracy(backtests: pd.DataFrame) -> pd.DataFrame:
    """Error and bias of every model over the backtest, the best first, and the ensemble's coverage.

    Returns:
        One row per model: wape, bias and coverage of the 95 % interval, as shares.
    """
    if backtests.empty:
        return pd.DataFrame(columns=["model", "wape", "bias", "coverage"])
    known = backtests[backtests["actual"].notna()]
    error = known["forecast"] - known["actual"]
    rows = known.assign(error=error, absolute=error.abs())
    sums = rows.groupby("model")[["error", "absolute", "actual"]].sum()
    units = sums["actual"].where(sums["actual"] > 0)
    interval = known[(known["model"] == ENSEMBLE) & known["q0_975"].notna()]
    inside = interval["actual"].between(interval["q0_025"], interval["q0_975"])
    summary = pd.DataFrame({"wape": sums["absolute"] / units, "bias": sums["error"] / units})
    summary["coverage"] = pd.Series({ENSEMBLE: inside.mean()}, dtype="float64")
    return summary.sort_values("wape").reset_index()


def write_forecasts(forecasts: Forecasts, directory: Path) -> list[Path]:
    """Write each table as a Parquet file; returns the files."""
    directory.mkdir(parents=True, exist_ok=True)
    files = []
    for name in ("forecasts", "lead_times", "backtests", "weights", "repairs"):
        path = directory / f"{name}.parquet"
        getattr(forecasts, name).to_parquet(path, index=False)
        files.append(path)
    return files
