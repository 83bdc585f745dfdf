"""Small companies for tests of the replay."""

from itertools import product

import numpy as np
import pandas as pd

from inventory_allocation.replay import Future, Outlook
from inventory_allocation.replay.company import Company

START = pd.Timestamp("2026-01-05")


def make_company(seed: int = 0, fcs: int = 2, regions: int = 3, skus: int = 4) -> Company:
    """A random company; no limits but the stock."""
    rng = np.random.default_rng(seed)
    pairs = [(a, b) for a in range(fcs) for b in range(fcs) if a != b]
    cells = list(product(range(skus), range(fcs)))
    count = len(cells)
    return Company(
        fcs=[f"F{number}" for number in range(fcs)],
        regions=[f"R{number}" for number in range(regions)],
        skus=[f"S{number}" for number in range(skus)],
        home=np.arange(regions) % fcs,
        shipping=rng.integers(2, 9, (fcs, regions, 1)) + rng.random((fcs, regions, skus)),
        handling=np.full((fcs, regions), 0.5),
        distance=rng.integers(50, 900, (fcs, regions)).astype(float),
        is_within_sla=rng.random((fcs, regions)) < 0.7,
        carbon=rng.random((fcs, regions)),
        lane_capacity=np.full((fcs, regions), np.inf),
        outbound=np.full(fcs, np.inf),
        storage=np.full(fcs, np.inf),
        holding=np.full(skus, 0.1),
        volume=np.full(skus, 0.01),
        value=np.full(skus, 10.0),
        pack=np.full(skus, 1.0),
        unmet_cost=np.full(skus, 30.0),
        transfer_lanes=pd.DataFrame(pairs, columns=["from_fc", "to_fc"]).assign(
            cost_per_unit=0.3, fixed_cost=20.0, truck_capacity_m3=1.0, lead_periods=1
        ),
        offers=pd.DataFrame(cells, columns=["sku", "fc"]).assign(
            supplier="A",
            cost=10.0,
            extra_cost=0.0,
            fixed_cost=8.0,
            lead_periods=rng.integers(1, 3, count),
            minimum=2.0,
            multiple=2.0,
            capacity=np.inf,
        ),
        late_cost=1.0,
        overflow_cost=50.0,
    )


def make_future(
    company: Company, seed: int = 0, periods: int = 8, lines: int = 12, returned: float = 0.0
) -> Future:
    """Random lines, so many in each period, of which a share is sent back."""
    rng = np.random.default_rng([seed, 1])
    count = periods * lines
    shape = (len(company.fcs), len(company.skus))
    return Future(
        period_starts=[START + pd.Timedelta(weeks=week) for week in range(periods)],
        end=START + pd.Timedelta(weeks=periods),
        bounds=np.arange(periods + 1) * lines,
        order=np.arange(count) // 2,
        region=rng.integers(0, len(company.regions), count),
        sku=rng.integers(0, len(company.skus), count),
        units=rng.integers(1, 4, count),
        delay=(rng.random((periods, len(company.offers))) < 0.2).astype("int64"),
        stock=rng.integers(0, 12, shape).astype(float),
        arriving=rng.integers(0, 3, (periods, *shape))
        * (np.arange(periods) < 2.0)[:, None, None]
        * 1.0,
        is_closed=np.zeros((periods, len(company.fcs)), dtype=bool),
        is_returned=np.random.default_rng([seed, 2]).random(count) < returned,
    )


def make_outlooks(company: Company, future: Future) -> list[Outlook]:
    """The same forecast in every period: the mean of all demand."""
    shape = (len(company.regions), len(company.skus))
    units = np.zeros(shape)
    np.add.at(units, (future.region, future.sku), future.units)
    mean = np.repeat(units[None] / len(future.period_starts), 6, axis=0)
    # No simple policy reads the frames of an allocation.
    outlook = Outlook(mean, np.sqrt(mean), None, 1.1 * mean)  # type: ignore[arg-type]
    return [outlook] * len(future.period_starts)
