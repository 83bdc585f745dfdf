"""What all pages of a dashboard share: where to read, and what is allowed."""

from dataclasses import dataclass

from inventory_allocation.errors import InventoryAllocationError
from inventory_allocation.jobs.plan_life import approve_run, roll_back
from inventory_allocation.presentation.connection import Connection
from inventory_allocation.warehouse import open_warehouse

__all__ = ["Session", "current_session", "start_session"]


@dataclass(frozen=True)
class Session:
    """What pages share.

    Attributes:
        connection: Reads.
        can_approve: Whether plans may be approved and rolled back here.
    """

    connection: Connection
    can_approve: bool = False

    def decide(self, run_id: str, *, is_approval: bool, note: str | None) -> None:
        """Put a plan in force, on the warehouse itself.

        Args:
            run_id: The plan.
            is_approval: Whether it is a draft; else one that was in force before.
            note: Why.

        Raises:
            InputError: The plan can't be put in force.
            InventoryAllocationError: That isn't allowed here, or the warehouse is busy.
        """
        if not self.can_approve:
            raise InventoryAllocationError("start the dashboard with --allow-approval")
        project = self.connection.project
        with self.connection.reader.paused():
            warehouse = open_warehouse(project)
            try:
                if is_approval:
                    approve_run(project, warehouse, run_id, note)
                else:
                    roll_back(project, warehouse, run_id, note)
            finally:
                warehouse.close()


_sessions: list[Session] = []


def start_session(session: Session) -> None:
    """Make a session the one that pages of this process show."""
    _sessions[:] = [session]


def current_session() -> Session:
    """The session of this process; raise InventoryAllocationError where there is none."""
    if not _sessions:
        raise InventoryAllocationError("start it with `inventory-allocation dashboard`")
    return _sessions[0]
