"""What is measured on a unit: in the test window, and before the start."""

__all__ = ["COVARIATES", "INPUT", "METRICS"]

METRICS = ["orders", "units", "revenue", "late_share", "shipping_cost_per_unit"]
COVARIATES = [
    *(f"{metric}_before" for metric in METRICS),
    "tenure_days_before",
    "recency_days_before",
]
INPUT = [
    "experiment_id",
    "unit_type",
    "assignment",
    "unit_id",
    "variant",
    "cluster_id",
    *METRICS,
    *COVARIATES,
]
