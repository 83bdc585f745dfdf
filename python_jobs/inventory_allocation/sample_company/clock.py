"""The calendar of the sample company, and its random streams."""

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
TextArray = npt.NDArray[np.object_]
TimeArray = npt.NDArray[np.datetime64]

START = np.datetime64("2023-07-03T00:00:00", "s")
WEEKS = 156
FUTURE_WEEKS = 13
SNAPSHOT_WEEKS = 52
DAY = np.timedelta64(86_400, "s")
END = START + (7 * WEEKS) * DAY
"""First second after the history: Monday 2026-06-29."""

PARTS = (
    "network",
    "products",
    "shape",
    "customers",
    "orders",
    "lines",
    "fulfilment",
    "delivery",
    "returns",
    "centres",
    "lanes",
    "suppliers",
    "snapshots",
    "experiments",
    "unlisted_skus",
    "unlisted_customers",
    "dirt",
)


def stream(seed: int, part: str) -> np.random.Generator:
    """Random stream of one part, so that changing one part leaves the others alone.

    Args:
        seed: Seed of the company.
        part: One of `PARTS`.
    """
    return np.random.default_rng(np.random.SeedSequence([seed, PARTS.index(part)]))


def monday(week: int | IntArray) -> TimeArray:
    """First second of each week, counted from the start of the history (0)."""
    return np.asarray(START + np.asarray(week, dtype=np.int64) * 7 * DAY)


def year_position(weeks: IntArray) -> FloatArray:
    """Position of each week's Thursday in its year, in weeks (0 to 52.3)."""
    thursday = (monday(weeks) + 3 * DAY).astype("datetime64[D]")
    days = (thursday - thursday.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.int64)
    return np.asarray(days / 7.0)
