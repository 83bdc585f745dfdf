"""One row per model of customer value and parameter of it, and how the model did on a hold-out."""

from inventory_allocation.customer_value import fit_customer_value
from inventory_allocation.frames import to_pandas


def model(dbt, session):
    """Fit BG/NBD and Gamma-Gamma on the customers of int_customers__value_input."""
    dbt.config(materialized="table")
    customers = to_pandas(dbt.ref("int_customers__value_input"))
    return fit_customer_value(customers, dbt.config.meta_get("segment_min_customers"))
