"""What a fit of segments is asked for."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import pandas as pd

from inventory_allocation.errors import InputError
from inventory_allocation.segmentation.features import CATALOGUE

__all__ = ["SEGMENT_COUNTS", "SegmentSettings"]

SEGMENT_COUNTS = range(2, 11)


@dataclass(frozen=True)
class SegmentSettings:
    """Settings of a fit; each is a var of the project with `segment_` before its name.

    Attributes:
        features: Names from `features.CATALOGUE`, in order of importance.
        segment_count: Number of segments; None chooses it.
        min_customers: With fewer customers than this, nothing is fitted.
        min_purchase_days: Customers with fewer days with a purchase are not fitted.
        refit_days: Days between fits.
        bootstraps: Bootstrap samples that measure the stability of a fit.
        permutations: Fits on shuffled features that the fit is compared with.
        seed: Seed of the fit and of every sample.

    Raises:
        InputError: A value makes no sense; the text names the var.
    """

    features: Sequence[str]
    segment_count: int | None = None
    min_customers: int = 50
    min_purchase_days: int = 2
    refit_days: int = 28
    bootstraps: int = 50
    permutations: int = 99
    seed: int = 0

    def __post_init__(self) -> None:
        """Check the values."""
        unknown = [name for name in self.features if name not in CATALOGUE]
        if unknown or not self.features:
            raise InputError(
                f"var segment_features names {', '.join(unknown) or 'nothing'}; "
                f"it may name {', '.join(CATALOGUE)}"
            )
        if len(set(self.features)) < len(self.features):
            raise InputError("var segment_features names a feature twice")
        if self.segment_count is not None and self.segment_count not in SEGMENT_COUNTS:
            raise InputError(
                f"var segment_count is {self.segment_count}; it may be null or "
                f"{SEGMENT_COUNTS[0]} to {SEGMENT_COUNTS[-1]}"
            )
        for name in (
            "min_customers",
            "min_purchase_days",
            "refit_days",
            "bootstraps",
            "permutations",
        ):
            if getattr(self, name) < 1:
                raise InputError(f"var segment_{name} is {getattr(self, name)}; it must be above 0")

    @classmethod
    def from_frame(cls, parameters: pd.DataFrame) -> Self:
        """Read settings from the one row of int_customers__segment_parameters."""
        row = parameters.iloc[0]
        count = row["segment_count"]
        return cls(
            features=str(row["features"]).split(","),
            segment_count=None if pd.isna(count) else int(count),
            **{
                name: int(row[name])
                for name in (
                    "min_customers",
                    "min_purchase_days",
                    "refit_days",
                    "bootstraps",
                    "permutations",
                    "seed",
                )
            },
        )

    @property
    def fingerprint(self) -> str:
        """A hash of what makes a fit another fit; the refit period isn't part of it."""
        parts = (
            *self.features,
            self.segment_count,
            self.min_customers,
            self.min_purchase_days,
            self.seed,
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
