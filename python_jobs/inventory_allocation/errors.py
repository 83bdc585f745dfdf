"""Errors that people see."""

__all__ = ["InputError", "InventoryAllocationError"]


class InventoryAllocationError(Exception):
    """Something went wrong that one clear paragraph explains. Exit code 1."""


class InputError(InventoryAllocationError):
    """The input is wrong; the message names table, column and remedy. Exit code 2."""
