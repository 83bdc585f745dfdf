"""Dirty order lines: about 1 % of the transactions breaks the contract, one reason each."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from inventory_allocation.sample_company.clock import stream
from inventory_allocation.sample_company.contract import RAW_COLUMNS, RAW_KEYS, conform

SHARE = 0.01
REASON_SHARE = {
    "null_key": 0.18,
    "duplicate": 0.20,
    "conflicting_duplicate": 0.18,
    "negative_price": 0.10,
    "not_a_number": 0.10,
    "absurd_quantity": 0.08,
    "future_date": 0.08,
    "too_old": 0.08,
}
NULLED = ("sku", "quantity", "ordered_at", "unit_price", "order_id", "order_line")
ABSURD_UNITS = 100_000
CONFLICT_EXTRA_UNITS = 1


@dataclass(frozen=True)
class Dirt:
    """Dirty rows of one table.

    Attributes:
        table: Name of the raw table.
        rows: Rows to add, in contract columns.
        reason: Why each row will be rejected; same length as `rows`.
    """

    table: str
    rows: pd.DataFrame
    reason: list[str]


def dirty_transactions(clean: pd.DataFrame, seed: int) -> Dirt:
    """Dirty order lines to add to the clean ones.

    Only exact duplicates reuse an order id of a clean row, so a rejected row never takes a
    clean row with it.
    """
    rng = stream(seed, "dirt")
    frames, reasons = [], []
    used = 0
    for reason, share in REASON_SHARE.items():
        count = max(4, round(SHARE * share * len(clean)))
        count += count % 2
        rows = clean.iloc[np.sort(rng.choice(len(clean), count, replace=False))]
        if reason != "duplicate":
            rows = _fresh(rows, used)
            used += count
        frames.append(_spoil(rows.reset_index(drop=True), reason, rng))
        reasons += [reason] * count
    return Dirt("transactions", pd.concat(frames, ignore_index=True), reasons)


def add_dirt(
    clean: dict[str, pd.DataFrame], dirt: list[Dirt]
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Tables with their dirty rows, sorted by key, and the expected rejections.

    Returns:
        The tables, and one row per table, row key and reason with the number of rows to reject.
        A row key joins the key columns with `|`; a null is empty.
    """
    raw = dict(clean)
    expected = []
    for item in dirt:
        raw[item.table] = pd.concat([raw[item.table], item.rows], ignore_index=True)
        expected.append(
            pd.DataFrame(
                {
                    "source_table": item.table,
                    "row_key": row_keys(item.rows, RAW_KEYS[item.table]),
                    "reason": item.reason,
                }
            )
        )
    for table, frame in raw.items():
        raw[table] = frame.sort_values(list(RAW_KEYS[table]), kind="stable", ignore_index=True)
    rejected = pd.concat(expected).groupby(["source_table", "row_key", "reason"]).size()
    return raw, rejected.rename("count").reset_index()


def row_keys(frame: pd.DataFrame, keys: tuple[str, ...]) -> list[str]:
    """Key columns as text, joined with `|`; dates in ISO format, nulls empty."""
    text = []
    for key in keys:
        values = frame[key]
        if pd.api.types.is_datetime64_any_dtype(values):
            values = values.dt.strftime("%Y-%m-%d")
        text.append(["" if pd.isna(value) else str(value) for value in values])
    return ["|".join(parts) for parts in zip(*text, strict=True)]


def _fresh(rows: pd.DataFrame, used: int) -> pd.DataFrame:
    ids = [f"D{number:06d}" for number in range(used + 1, used + len(rows) + 1)]
    quantity = rows["quantity"].abs()
    return rows.assign(order_id=ids, order_line=1, quantity=quantity).astype(
        {"order_line": "Int64"}
    )


def _spoil(rows: pd.DataFrame, reason: str, rng: np.random.Generator) -> pd.DataFrame:
    """Break each row for one reason."""
    count = len(rows)
    if reason == "null_key":
        for number in range(count):
            rows.loc[number, NULLED[number % len(NULLED)]] = None
    elif reason == "conflicting_duplicate":
        half = count // 2
        other = rows[:half].assign(quantity=rows["quantity"][:half] + CONFLICT_EXTRA_UNITS)
        rows = pd.concat([rows[:half], other], ignore_index=True)
    elif reason == "negative_price":
        rows["unit_price"] = -rows["unit_price"]
    elif reason == "not_a_number":
        values = np.where(np.arange(count) % 2 == 0, np.nan, np.inf)
        rows["unit_price"] = pd.arrays.FloatingArray(values, np.zeros(count, dtype=bool))
    elif reason == "absurd_quantity":
        rows["quantity"] = ABSURD_UNITS + rng.integers(1, 5_000_000, count)
    elif reason in ("future_date", "too_old"):
        day = "2099-01-01" if reason == "future_date" else "1970-01-01"
        rows["ordered_at"] = pd.Timestamp(day)
        rows["promised_at"] = rows["delivered_at"] = pd.NaT
    return conform(rows, RAW_COLUMNS["transactions"])
