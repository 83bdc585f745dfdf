"""A seeded generator of a believable online company, for demos and tests."""

from inventory_allocation.sample_company.generate import Company, generate_company

__all__ = ["Company", "generate_company"]
