"""Customer segments: K-means on recency, frequency, monetary and season."""

from inventory_allocation.segmentation.fit import fit_segments
from inventory_allocation.segmentation.validation import validate_segments

__all__ = ["fit_segments", "validate_segments"]
