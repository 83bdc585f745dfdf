"""Inventory allocation: segments, forecasts and stock plans inside the company's own warehouse."""

__version__ = "0.1.0"
