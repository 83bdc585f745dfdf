"""Serving the dashboard from this process."""

import importlib
import socket
from pathlib import Path

from inventory_allocation.dashboard.session import Session, start_session
from inventory_allocation.errors import InputError, InventoryAllocationError
from inventory_allocation.presentation.connection import Connection
from inventory_allocation.warehouse import DbtProject
from inventory_allocation.warehouse.readers import open_reader

__all__ = ["serve"]

APP = Path(__file__).with_name("app.py")


def _require_free(address: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise InputError(
                f"{address} port {port} can't be listened on ({error.strerror}): choose another "
                "with --port"
            ) from error


def serve(project: DbtProject, *, address: str, port: int, opens: bool, can_approve: bool) -> None:
    """Serve the dashboard until it is interrupted.

    Args:
        project: The dbt project.
        address: Address to listen on.
        port: Port to listen on.
        opens: Whether to open a browser.
        can_approve: Whether plans may be approved and rolled back there.

    Raises:
        InputError: The target can't be read here, or somebody else listens on the port.
        InventoryAllocationError: Streamlit isn't installed.
    """
    try:
        from streamlit.web import bootstrap
    except ImportError as error:
        raise InventoryAllocationError(
            "the dashboard needs: pip install 'inventory-allocation[dashboard]'"
        ) from error
    _require_free(address, port)
    connection = Connection(project, open_reader(project))
    # Here, so that the first page doesn't wait for them.
    importlib.import_module("inventory_allocation.dashboard.views.what_if")
    _ = project.manifest
    start_session(Session(connection, can_approve))
    options = {
        "server_address": address,
        "server_port": port,
        "server_headless": not opens,
        "server_fileWatcherType": "none",
        "browser_gatherUsageStats": False,
        "client_toolbarMode": "minimal",
        "client_showErrorDetails": "none",
        "theme_primaryColor": "#0072B2",
    }
    bootstrap.load_config_options(options)
    bootstrap.run(str(APP), False, [], options)
