"""Measures whether forecasts of a SKU for the same period err together.

Run `make bench-forecast-errors` where a replay was kept, or `python benchmarks/forecast_errors.py
build/replay`. What a SKU sold is set against its forecasts, added up over regions and segments, in
deviations. Where deviations are added up as they should be, the root mean square is 1 (an error of
the mean counts, too). Printed for lines that err independently, and together, one period ahead and
three; three periods independently, and together.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

WEEK = pd.Timedelta(weeks=1)
# Forecasts of before are of a few weeks only.
SETTLED = 5


def measure(company: Path) -> pd.DataFrame:
    """Errors of what a replay of a company kept.

    Args:
        company: Its directory.

    Returns:
        periods, error, independent, together, always (variances), by SKU, first day and periods.
    """
    outlooks = sorted(path for path in (company / "outlooks").glob("2*") if path.is_dir())
    lines = pd.read_parquet(next(company.glob("*/frames/lines.parquet")))
    parts = []
    for outlook in outlooks[SETTLED:]:
        forecast = pd.read_parquet(outlook / "int_allocation__demand.parquet")
        forecast = forecast.astype({"demand_units": "float64", "demand_deviation": "float64"})
        day = pd.Timestamp(outlook.name)
        for periods in (1, 3):
            end = day + periods * WEEK
            if lines["ordered_at"].max() < end - pd.Timedelta(days=1):
                continue
            ahead = forecast[forecast["period_index"] < periods]
            by_sku = ahead.groupby("sku")
            sums = ahead.groupby(["sku", "period_index"])["demand_deviation"].sum()
            sold = lines[lines["ordered_at"].between(day, end, inclusive="left")]
            units = sold.groupby("sku")["units"].sum()
            mean = by_sku["demand_units"].sum()
            parts.append(
                pd.DataFrame(
                    {
                        "periods": periods,
                        "error": units.reindex(mean.index, fill_value=0) - mean,
                        "independent": by_sku["demand_deviation"].agg(lambda x: (x**2).sum()),
                        "together": (sums**2).groupby("sku").sum(),
                        "always": by_sku["demand_deviation"].sum() ** 2,
                    }
                )
            )
    return pd.concat(parts)


def main() -> None:
    """Print root mean squares, in deviations."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path, nargs="+", help="what a replay keeps")
    arguments = parser.parse_args()
    companies = sorted(
        path.parent for directory in arguments.directory for path in directory.glob("*/outlooks")
    )
    if not companies:
        parser.error("nothing is kept there: run `inventory-allocation replay` first")
    errors = pd.concat([measure(company) for company in companies])
    errors = errors[errors["independent"] > 0]
    print(f"{len(companies)} companies, {len(errors):,} sums of forecasts")
    for periods, rows in errors.groupby("periods"):
        print(f"{periods} periods ahead:")
        for name, words in (
            ("independent", "lines independent"),
            ("together", "lines together, periods independent"),
            ("always", "lines and periods together"),
        ):
            size = np.sqrt((rows["error"] ** 2 / rows[name]).mean())
            print(f"  {words:38} {size:.2f}")


if __name__ == "__main__":
    main()
