"""How big the sample company is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """Sizes of one company; `lines` is the number of order lines aimed at, not a promise.

    `truck_size` and `truck_price` are what its trucks hold and cost, of a real one: small companies
    send vans.
    """

    name: str
    skus: int
    categories: int
    centres: int
    regions: int
    customers: int
    lines: int
    suppliers: int
    truck_size: float = 1.0
    truck_price: float = 1.0


SCALES: dict[str, Scale] = {
    scale.name: scale
    for scale in (
        Scale("tiny", 20, 4, 4, 8, 400, 14_000, 4, 0.02, 0.15),
        Scale("small", 60, 6, 5, 12, 1_200, 41_000, 8, 0.05, 0.3),
        Scale("medium", 600, 8, 8, 20, 15_000, 600_000, 25),
        Scale("large", 5_000, 8, 12, 30, 200_000, 6_000_000, 60),
    )
}


def find_scale(name: str) -> Scale:
    """Scale of that name.

    Raises:
        ValueError: No such scale.
    """
    if name not in SCALES:
        raise ValueError(f"scale must be one of {', '.join(SCALES)}, not {name!r}")
    return SCALES[name]
