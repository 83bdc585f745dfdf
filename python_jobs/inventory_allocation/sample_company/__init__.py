"""A seeded generator of a believable online company, for demos and tests."""

from inventory_allocation.sample_company.generate import (
    Company,
    expect_demand,
    generate_company,
    wanted_lines,
)

__all__ = ["Company", "expect_demand", "generate_company", "wanted_lines"]
