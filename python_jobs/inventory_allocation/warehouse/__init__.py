"""The only place that talks to a database."""

from inventory_allocation.warehouse.dbt_project import DbtProject
from inventory_allocation.warehouse.interface import Warehouse, open_warehouse

__all__ = ["DbtProject", "Warehouse", "open_warehouse"]
