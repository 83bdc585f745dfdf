"""The policies: a small file each."""

from collections.abc import Callable

from inventory_allocation.replay.policies.base_stock import BaseStock
from inventory_allocation.replay.policies.engine import Engine
from inventory_allocation.replay.policies.min_max import MinMax
from inventory_allocation.replay.policies.weeks_of_cover import WeeksOfCover
from inventory_allocation.replay.policy import Policy

__all__ = ["ABLATIONS", "POLICIES", "BaseStock", "Engine", "MinMax", "WeeksOfCover"]

POLICIES: dict[str, tuple[Callable[[float], Policy], tuple[float, ...]]] = {
    "nearest_greedy": (lambda weeks: WeeksOfCover(weeks, "nearest"), (3, 4, 5, 6, 8, 10, 12)),
    "cheapest_greedy": (lambda weeks: WeeksOfCover(weeks, "cheapest"), (3, 4, 5, 6, 8, 10, 12)),
    "proportional": (lambda weeks: WeeksOfCover(weeks, "proportional"), (3, 4, 5, 6, 8, 10, 12)),
    "base_stock": (lambda z: BaseStock(z), (0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5)),
    "min_max": (lambda z: MinMax(z), (0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5)),
    "min_max_room": (
        lambda share: MinMax(0.75, room_share=share),
        (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.85, 1),
    ),
    "point_forecast": (lambda factor: Engine("none", factor), (1,)),
    "engine": (lambda factor: Engine("expected_loss", factor), (0.2, 0.35, 0.5, 0.75, 1)),
    "scenarios": (
        lambda factor: Engine("none", factor, sku_seconds=0.15, demand_scenarios=5),
        (1,),
    ),
    "without_transfers": (
        lambda factor: Engine(lost_unit_factor=factor, has_transfers=False),
        (0.5,),
    ),
    "without_hurdle": (lambda factor: Engine(lost_unit_factor=factor, transfer_hurdle=1.0), (0.5,)),
    "without_segments": (
        lambda factor: Engine(lost_unit_factor=factor, has_segments=False),
        (0.5,),
    ),
}
"""By name: what makes the policy from its setting, and the settings to choose from."""
ABLATIONS = ("scenarios", "without_transfers", "without_hurdle", "without_segments")
"""The plan with a part more or less, to see what it is worth: replayed where they are asked for."""
