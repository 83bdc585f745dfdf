"""What all pages of a dashboard share: the project, where to read, and what is allowed."""

from dataclasses import dataclass

import pandas as pd

from inventory_allocation.dashboard.source import Source
from inventory_allocation.errors import InventoryAllocationError
from inventory_allocation.frames import to_pandas
from inventory_allocation.jobs.plan_life import approve_run, roll_back
from inventory_allocation.warehouse import DbtProject, open_warehouse

__all__ = ["Session", "current_session", "start_session"]


class _Relations:
    """Relations of models, and of tables of source `planning`, by name."""

    def __init__(self, project: DbtProject) -> None:
        self._project = project
        self._planning = project.source_tables("planning")

    def __getitem__(self, name: str) -> str:
        if name in self._planning:
            return str(self._project.source_node("planning", name).relation_name)
        return self._project.model_relation(name)


@dataclass(frozen=True)
class Session:
    """What pages share.

    Attributes:
        project: The dbt project.
        source: Where to read.
        can_approve: Whether plans may be approved and rolled back here.
    """

    project: DbtProject
    source: Source
    can_approve: bool = False

    def read(self, sql: str, parameters: tuple[str, ...] = ()) -> pd.DataFrame:
        """Run a query that names models and tables of `planning` in braces.

        Args:
            sql: Say `select sku from {dim_products} where category = ?`.
            parameters: Texts that stand for the question marks.

        Raises:
            InputError: A table isn't there.
        """
        query = sql.format_map(_Relations(self.project))
        with self.source.open() as warehouse:
            return to_pandas(warehouse.query(query, parameters))

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
        with self.source.paused():
            warehouse = open_warehouse(self.project)
            try:
                if is_approval:
                    approve_run(self.project, warehouse, run_id, note)
                else:
                    roll_back(self.project, warehouse, run_id, note)
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
