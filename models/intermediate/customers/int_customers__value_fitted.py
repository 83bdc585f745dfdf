"""One row per customer: what BG/NBD and Gamma-Gamma expect of the customer."""

from inventory_allocation.customer_value import predict_customer_value
from inventory_allocation.frames import to_pandas


def model(dbt, session):
    """Predict from the parameters of int_customers__value_parameters_fitted."""
    dbt.config(materialized="table")
    return predict_customer_value(
        to_pandas(dbt.ref("int_customers__value_input")),
        to_pandas(dbt.ref("int_customers__value_parameters_fitted")),
        dbt.config.meta_get("customer_value_days"),
    )
