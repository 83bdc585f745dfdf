"""Models that dbt runs side by side keep to one thread until the last has left."""

import threading

import pytest
import sklearn.cluster  # noqa: F401
from threadpoolctl import threadpool_info, threadpool_limits

from inventory_allocation.one_thread import one_thread


def threads(api: str) -> set[int]:
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == api}


@pytest.fixture(autouse=True)
def three_threads():
    with threadpool_limits(3):
        yield


def test_who_leaves_first_gives_no_threads_back() -> None:
    first_is_in, second_is_in, first_is_out, found = *(threading.Event() for _ in range(3)), []

    def first() -> None:
        with one_thread():
            first_is_in.set()
            second_is_in.wait(10)
        first_is_out.set()

    def second() -> None:
        first_is_in.wait(10)
        with one_thread():
            second_is_in.set()
            first_is_out.wait(10)
            found.append((threads("blas"), threads("openmp")))

    both = [threading.Thread(target=target) for target in (first, second)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert found == [({1}, {1})]
    assert threads("blas") == {3}


def test_threads_come_back_after_an_error_and_inside_of_itself() -> None:
    def fail() -> None:
        with one_thread(), one_thread():
            assert threads("blas") == threads("openmp") == {1}
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    assert threads("blas") == threads("openmp") == {3}


def test_it_decorates_a_function_that_calls_itself() -> None:
    @one_thread()
    def count(down: int) -> list[set[int]]:
        return [threads("blas"), *(count(down - 1) if down else [])]

    assert count(2) == [{1}, {1}, {1}]
    assert threads("blas") == {3}
