"""Columns and types of the tables."""

__all__ = ["BALANCE_TYPES", "RESULT_TYPES"]

RESULT_TYPES = {
    "experiment_id": "string",
    "unit_type": "string",
    "assignment": "string",
    "variant": "string",
    "control_variant": "string",
    "metric": "string",
    "method": "string",
    "analysis_unit": "string",
    "treated_units": "int64",
    "control_units": "int64",
    "treated_mean": "float64",
    "control_mean": "float64",
    "effect": "float64",
    "effect_lower": "float64",
    "effect_upper": "float64",
    "relative_effect": "float64",
    "bootstrap_lower": "float64",
    "bootstrap_upper": "float64",
    "p_value": "float64",
    "p_bonferroni": "float64",
    "p_holm": "float64",
    "cohens_d": "float64",
    "power": "float64",
    "minimum_detectable_effect": "float64",
    "sensitivity_gamma": "float64",
    "verdict": "string",
}

BALANCE_TYPES = {
    "experiment_id": "string",
    "variant": "string",
    "control_variant": "string",
    "check_name": "string",
    "covariate": "string",
    "treated_mean": "float64",
    "control_mean": "float64",
    "standardized_mean_difference": "float64",
    "p_value": "float64",
    "is_balanced": "bool",
    "verdict": "string",
}
