"""What a run logs, for machines."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from pythonjsonlogger.json import JsonFormatter

__all__ = ["json_logs"]

NAME = "inventory_allocation"


@contextmanager
def json_logs() -> Iterator[logging.Logger]:
    """Write what the program logs to the error stream, a JSON object a line, times in UTC.

    Yields:
        The logger of the program.
    """
    handler = logging.StreamHandler(sys.stderr)
    fields = ["levelname", "name", "message"]
    renamed = {"levelname": "level", "name": "logger"}
    handler.setFormatter(JsonFormatter(fields, rename_fields=renamed, timestamp="time"))
    logger = logging.getLogger(NAME)
    before, propagated = logger.level, logger.propagate
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    # dbt gives the root logger a handler, which would print each line again.
    logger.propagate = False
    try:
        yield logger
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
        logger.propagate = propagated
