"""Customer value: purchases to come by BG/NBD, value of a purchase by Gamma-Gamma."""

from inventory_allocation.customer_value.value import fit_customer_value, predict_customer_value

__all__ = ["fit_customer_value", "predict_customer_value"]
