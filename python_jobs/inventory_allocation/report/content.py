"""What the report says: sections of text, figures and tables of texts, for any format."""

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from inventory_allocation.presentation.plan_tables import (
    Read,
    read_centers,
    read_constraints,
    read_exceptions,
    read_figures,
    read_periods,
    read_plan,
    read_shortages,
    read_unmet,
)
from inventory_allocation.presentation.words import BINDING_REASONS, format_value, label
from inventory_allocation.report.figures import draw_costs, draw_periods

__all__ = ["Report", "Section", "Table", "make_report"]

SHOWN_FIGURES = ["cost", "fill_rate", "share_within_sla", "shipping_cost_per_unit"]
SHOWN_FIGURES += ["demand_units", "shipped_units", "transferred_units", "trucks", "ordered_units"]
ROWS = 10
# Columns whose values are names of ours.
CODES = ("check_name", "level", "model", "rule")
TRANSFERS = """
    select from_fc_id, to_fc_id, sum(units) as units, count(distinct sku) as skus, sum(cost) as cost
    from {fct_transfer_plan} group by from_fc_id, to_fc_id order by units desc, from_fc_id, to_fc_id
"""
ORDERS = """
    select supplier_id, sum(units) as units, count(distinct sku) as skus, sum(cost) as cost
    from {fct_replenishment_plan} group by supplier_id order by cost desc, supplier_id
"""
SEGMENTS = """
    select segment, customers, customer_share, revenue_share from {dim_segments}
    order by revenue_share desc, segment
"""
ACCURACY = """
    select level, model, avg(wape) as wape, avg(bias) as bias from {fct_forecast_accuracy}
    where demand_class = 'all' and model in ('ensemble', 'seasonal_naive')
    group by level, model order by level, model
"""
ALERTS = """
    select severity, check_name, entity, first_seen, cause, suggested_action from {fct_alerts}
    where not is_resolved order by severity, first_seen, check_name, entity
"""


@dataclass(frozen=True)
class Table:
    """A table of texts.

    Attributes:
        columns: Headings.
        numbers: Positions of columns that hold numbers.
        rows: Texts, a list per row.
    """

    columns: list[str]
    numbers: list[int]
    rows: list[list[str]]


@dataclass(frozen=True)
class Section:
    """A part of the report.

    Attributes:
        title: Its heading.
        text: What it says, in sentences.
        figure: An SVG image, or None.
        figure_text: What the image shows, for those who can't see it.
        table: A table, or None.
    """

    title: str
    text: str
    figure: str | None = None
    figure_text: str = ""
    table: Table | None = None


@dataclass(frozen=True)
class Report:
    """A report.

    Attributes:
        title: What it is on.
        summary: Sentences that say the most.
        sections: Its parts.
    """

    title: str
    summary: list[str]
    sections: list[Section] = field(default_factory=list)


def _table(frame: pd.DataFrame) -> Table | None:
    if frame.empty:
        return None
    frame = frame.assign(**{name: frame[name].map(label) for name in CODES if name in frame})
    names = list(frame.columns)
    is_number = [pd.api.types.is_numeric_dtype(frame[name]) for name in names]
    return Table(
        columns=[label(name) for name in names],
        numbers=[position for position, number in enumerate(is_number) if number],
        rows=[
            [format_value(name, value) for name, value in zip(names, row, strict=True)]
            for row in frame.itertuples(index=False)
        ],
    )


def _summarize(plan: "pd.Series[Any]", figures: dict[Any, Any]) -> list[str]:
    cost, fill = figures["cost"], figures["fill_rate"]
    saved = 1 - cost["plan"] / cost["greedy"] if cost["greedy"] else 0.0
    text = [
        f"The plan costs {format_value('cost', cost['plan'])}, {abs(saved):.1%} "
        f"{'less' if saved >= 0 else 'more'} than serving each region from its nearest centre "
        f"with stock ({format_value('cost', cost['greedy'])}).",
        f"It serves {fill['plan']:.1%} of forecast demand, "
        f"{figures['share_within_sla']['plan']:.1%} of demand within the promised time.",
        f"No plan for the same forecasts and stock costs less than "
        f"{format_value('cost', plan['lower_bound'])}: the proven gap is {plan['gap']:.2%}.",
    ]
    if pd.notna(cost["plan_before"]):
        change = cost["plan"] - cost["plan_before"]
        word = "less" if change > 0 else "more"
        difference = (
            f"{format_value('cost', abs(change))} {word}" if abs(change) > 0.5 else "the same"
        )
        before = format_value("cost", cost["plan_before"])
        text.append(f"The plan before it cost {before}: {difference}.")
    return text


def _show_figures(figures: pd.DataFrame) -> Section:
    rows = figures.set_index("metric").reindex(SHOWN_FIGURES).dropna(how="all").reset_index()
    columns = ["plan", "greedy"]
    if figures["plan_before"].notna().any():
        columns.append("plan_before")
    table = Table(
        columns=["Figure", "Plan", "Greedy plan", "Plan before"][: len(columns) + 1],
        numbers=list(range(1, len(columns) + 1)),
        rows=[
            [label(row["metric"]), *(format_value(row["metric"], row[name]) for name in columns)]
            for _, row in rows.iterrows()
        ],
    )
    parts = figures[figures["metric"].str.startswith("cost_")]
    return Section(
        "Cost and service",
        "The greedy plan serves each region from the nearest centre that has stock.",
        draw_costs(parts),
        "Cost by part, of the plan and of the greedy plan.",
        table,
    )


def _show_shortages(read: Read) -> Section:
    unmet = read_unmet(read)
    if unmet.empty:
        return Section("Shortages", "The plan serves all forecast demand.")
    reasons = "; ".join(
        f"{format_value('units', row['unmet_units'])} units because "
        f"{BINDING_REASONS.get(str(row['binding_reason']), str(row['binding_reason']))}"
        for _, row in unmet.iterrows()
    )
    short = read_shortages(read, ROWS)
    columns = ["sku", "region_id", "unmet_units", "unmet_cost", "fix"]
    return Section(
        "Shortages",
        f"Not served: {reasons}. The dearest of them:",
        table=_table(short[columns]),
    )


def _show_limits(read: Read, run_id: str) -> Section:
    limits = read_constraints(read, run_id, ROWS)
    return Section(
        "What limits the plan",
        "Its worth is what one unit more of a limit saves, times the limit."
        if len(limits)
        else "Nothing does: the plan has all it can use.",
        table=_table(limits[["period_start", "worth", "meaning"]]),
    )


def make_report(read: Read) -> Report:
    """Write the report on the plan in force.

    Args:
        read: Runs queries.

    Raises:
        InputError: There is no plan in force, or a table is missing.
        ImportError: matplotlib isn't installed.
    """
    plan = read_plan(read)
    run_id = str(plan["run_id"])
    figures = read_figures(read, run_id)
    by_name = figures.set_index("metric").to_dict("index")
    periods, centers = read_periods(read), read_centers(read)
    centers = centers.assign(capacity_share=centers["units"] / centers["capacity_units"])
    transfers, orders, alerts = read(TRANSFERS), read(ORDERS), read(ALERTS)
    exceptions = read_exceptions(read)
    sections = [
        _show_figures(figures),
        Section(
            "Demand and what is served",
            "Forecast demand by period, and what the plan serves of it.",
            draw_periods(periods),
            "Units wanted and served by period.",
            _table(periods),
        ),
        Section(
            "Centres",
            "What each centre ships over the horizon, at what cost, and how much of what it can "
            "ship that is; what it moves to other centres takes a part of that, too.",
            table=_table(centers[["fc_id", "units", "cost_per_unit", "capacity_share"]]),
        ),
        Section(
            "Transfers",
            "What moves between centres." if len(transfers) else "Nothing moves between centres.",
            table=_table(transfers),
        ),
        *(
            [Section("Orders", "What is ordered from suppliers.", table=_table(orders))]
            if len(orders)
            else []
        ),
        _show_shortages(read),
        _show_limits(read, run_id),
        Section(
            "Exceptions and alerts",
            f"{len(alerts)} open alerts." if len(alerts) else "No alert is open.",
            table=_table(alerts.head(ROWS) if len(alerts) else exceptions),
        ),
        Section(
            "Customers",
            "Segments by how recently, how often and how much customers buy.",
            table=_table(read(SEGMENTS)),
        ),
        Section(
            "Forecast accuracy",
            "Mean over the backtest. WAPE is the sum of errors over the sum of demand; the "
            "seasonal naive forecast repeats last year.",
            table=_table(read(ACCURACY)),
        ),
    ]
    return Report(
        f"Allocation plan {run_id} from {plan['horizon_start']:%Y-%m-%d}",
        _summarize(plan, by_name),
        sections,
    )
