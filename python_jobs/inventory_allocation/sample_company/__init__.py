"""A seeded generator of a believable online company, for demos and tests."""
