"""Errors that people see."""

__all__ = ["InputError", "InventoryAllocationError", "exit_code"]


class InventoryAllocationError(Exception):
    """Something went wrong that one clear paragraph explains. Exit code 1."""


class InputError(InventoryAllocationError):
    """The input is wrong; the message names table, column and remedy. Exit code 2."""


def exit_code(error: Exception) -> int:
    """What a command that ends with an error exits with."""
    return 2 if isinstance(error, InputError) else 1
