"""One thread for what adds floats: several add them in any order, and give other bytes."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, local
from typing import Any

from threadpoolctl import OpenBLASController, ThreadpoolController

__all__ = ["one_thread"]

_lock = Lock()
_here = local()
_inside = 0
_blas: list[Any] = []


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep the libraries of linear algebra and of OpenMP on one thread inside.

    dbt runs models side by side in one process, and OpenBLAS has one number of threads for all of
    it. The first model to leave must not give threads back to the others, so the last one does; and
    threadpoolctl does nothing for a thread while another one has a limit, so we take it over.
    OpenMP counts for each thread of Python.
    """
    global _inside
    if getattr(_here, "is_inside", False):
        yield
        return
    # Looked up anew each time, for more may have been loaded. To leave a limit restores all that
    # it knows, so each of the two knows its own only.
    libraries = ThreadpoolController()
    with libraries.select(user_api="openmp").limit(limits=1):
        with _lock:
            OpenBLASController.clear_controlling_thread(force=True)
            _blas.append(libraries.select(user_api="blas").limit(limits=1))
            _inside += 1
        _here.is_inside = True
        try:
            yield
        finally:
            _here.is_inside = False
            with _lock:
                _inside -= 1
                OpenBLASController.clear_controlling_thread(force=True)
                while _blas and not _inside:
                    _blas.pop().restore_original_limits()
