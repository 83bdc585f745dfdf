"""The constraints of the program. A new one is a file here and a line in CONSTRAINTS.

Each is a function that adds rows (and, where it is soft, the column of its shortfall with a
price) to the program. The equation in each docstring is the one in docs/model.md.
"""

from collections.abc import Callable

from inventory_allocation.allocation.constraints.carbon_cap import add_carbon_cap
from inventory_allocation.allocation.constraints.center_open import add_center_open
from inventory_allocation.allocation.constraints.cover_target import add_cover_target
from inventory_allocation.allocation.constraints.demand_balance import add_demand_balance
from inventory_allocation.allocation.constraints.frozen_period import add_frozen_period
from inventory_allocation.allocation.constraints.inbound_capacity import add_inbound_capacity
from inventory_allocation.allocation.constraints.lane_capacity import add_lane_capacity
from inventory_allocation.allocation.constraints.order_budget import add_order_budget
from inventory_allocation.allocation.constraints.outbound_capacity import add_outbound_capacity
from inventory_allocation.allocation.constraints.plan_change import add_plan_change
from inventory_allocation.allocation.constraints.plan_override import add_plan_override
from inventory_allocation.allocation.constraints.service_target import add_service_target
from inventory_allocation.allocation.constraints.shelf_life import add_shelf_life
from inventory_allocation.allocation.constraints.sla_target import add_sla_target
from inventory_allocation.allocation.constraints.split_order import add_split_order
from inventory_allocation.allocation.constraints.stock_balance import add_stock_balance
from inventory_allocation.allocation.constraints.stock_target import add_stock_target
from inventory_allocation.allocation.constraints.storage_capacity import add_storage_capacity
from inventory_allocation.allocation.constraints.supplier_order import add_supplier_order
from inventory_allocation.allocation.constraints.transfer_capacity import add_transfer_capacity
from inventory_allocation.allocation.constraints.truck_volume import add_truck_volume
from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.program import Program

__all__ = ["CONSTRAINTS"]

CONSTRAINTS: list[Callable[[Program, Network], None]] = [
    add_demand_balance,
    add_stock_balance,
    add_outbound_capacity,
    add_inbound_capacity,
    add_storage_capacity,
    add_lane_capacity,
    add_transfer_capacity,
    add_truck_volume,
    add_service_target,
    add_sla_target,
    add_stock_target,
    add_supplier_order,
    add_cover_target,
    add_center_open,
    add_plan_override,
    add_carbon_cap,
    add_order_budget,
    add_shelf_life,
    add_plan_change,
    add_frozen_period,
    add_split_order,
]
