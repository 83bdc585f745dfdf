"""The BigQuery emulator, and the project on it."""

import os
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chain import Chain

ROOT = Path(__file__).parents[2]
EMULATOR_PYTHON = os.environ.get(
    "BIGQUERY_EMULATOR_PYTHON", str(ROOT / ".venv-bigquery-emulator" / "bin" / "python")
)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """Where the emulator answers."""
    home = tempfile.mkdtemp(prefix="bigquery")
    port = free_port()
    command = [
        EMULATOR_PYTHON,
        ROOT / "tests" / "bigquery" / "start_emulator.py",
        *("--rest-port", str(port), "--grpc-port", str(free_port())),
    ]
    environment = os.environ | {"HOME": home}
    with Path(home, "emulator.log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for_answer(url, process, Path(home, "emulator.log"))
        yield url
    finally:
        process.terminate()
        process.wait()


def wait_for_answer(url: str, process: subprocess.Popen, log: Path) -> None:
    for _ in range(300):
        assert process.poll() is None, log.read_text()[-2000:]
        try:
            urllib.request.urlopen(f"{url}/bigquery/v2/projects/fake-project/datasets", timeout=5)
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise AssertionError(log.read_text()[-2000:])


@pytest.fixture(scope="session")
def new_duckdb_chain(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Chain]:
    """Make a chain on an empty DuckDB file."""

    def make(**variables: object) -> Chain:
        return Chain(tmp_path_factory.mktemp("chain"), "duckdb", {}, variables)

    return make


@pytest.fixture(scope="session")
def new_bigquery_chain(
    endpoint: str, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Chain]:
    """Make a chain on the emulator."""

    def make(**variables: object) -> Chain:
        environment = {"INVENTORY_ALLOCATION_BIGQUERY_ENDPOINT": endpoint}
        return Chain(tmp_path_factory.mktemp("chain"), "bigquery", environment, variables)

    return make
