"""Customer segments: K-means on what customers did, validated on what they did next."""

from inventory_allocation.segmentation.assignment import assign_segments
from inventory_allocation.segmentation.fit import fit_segments, sweep_segments
from inventory_allocation.segmentation.settings import SegmentSettings
from inventory_allocation.segmentation.stored_fits import MODEL_NAME, version_of
from inventory_allocation.segmentation.validation import validate_segments

__all__ = [
    "MODEL_NAME",
    "SegmentSettings",
    "assign_segments",
    "fit_segments",
    "sweep_segments",
    "validate_segments",
    "version_of",
]
