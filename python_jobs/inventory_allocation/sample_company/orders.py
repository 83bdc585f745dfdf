"""When customers order: activity over time, and the lift of an experiment."""

from dataclasses import dataclass

import numpy as np

from inventory_allocation.sample_company.clock import (
    DAY,
    WEEKS,
    BoolArray,
    FloatArray,
    IntArray,
    TimeArray,
    monday,
    stream,
    year_position,
)
from inventory_allocation.sample_company.customers import CHRISTMAS, NEW, TYPES, Customers
from inventory_allocation.sample_company.experiments import Experiment
from inventory_allocation.sample_company.scales import Scale
from inventory_allocation.sample_company.shape import Shape

WEEKDAY_SHARE = (0.17, 0.15, 0.14, 0.14, 0.14, 0.12, 0.14)
CHRISTMAS_WINDOW = (45.5, 51.8)
"""Weeks of the year in which Christmas-only customers buy."""
SECOND_ORDER_SHARE = 0.08


@dataclass(frozen=True)
class Orders:
    """Orders sorted by time; every array has shape (orders,).

    Attributes:
        customer: Position of the customer.
        week: Week of the order, from 0.
        ordered_at: Time of the order, to the second.
    """

    customer: IntArray
    week: IntArray
    ordered_at: TimeArray


def build_orders(
    scale: Scale,
    customers: Customers,
    shape: Shape,
    experiments: tuple[Experiment, ...],
    seed: int,
) -> Orders:
    """Orders of all customers, about enough of them for `scale.lines` order lines."""
    rng = stream(seed, "orders")
    growth = _cumulative_activity(shape)
    at_first = _activity_before(growth, customers.kind, customers.first_week)
    at_stop = _activity_before(growth, customers.kind, customers.stop_week)

    yearly = np.array([item.orders_per_year for item in TYPES])[customers.kind]
    mean = yearly / 52.0 * (at_stop - at_first)
    lines = np.array([item.lines for item in TYPES])[customers.kind]
    is_new = customers.kind == NEW
    mean = mean * (scale.lines - lines[is_new].sum()) / (mean * lines)[~is_new].sum()
    number = np.maximum(rng.poisson(mean * customers.temper), 1)
    number = np.where(is_new, 1 + (rng.random(len(mean)) < SECOND_ORDER_SHARE), number)

    customer = np.repeat(np.arange(len(number)), number)
    reached = at_first[customer] + rng.random(len(customer)) * (at_stop - at_first)[customer]
    week = _week_of(growth, customers.kind[customer], reached)
    for experiment in experiments:
        repeats = _lifted(experiment, customers, customer, week, rng)
        customer = np.concatenate([customer, customer[repeats]])
        week = np.concatenate([week, week[repeats]])

    seconds = np.clip(rng.normal(15.5, 4.0, len(week)), 0.1, 23.9) * 3_600
    weekday = rng.choice(7, len(week), p=WEEKDAY_SHARE)
    time = monday(week) + weekday * DAY + seconds.astype(np.int64) * np.timedelta64(1, "s")
    order = np.lexsort((customer, time))
    return Orders(customer[order], week[order], time[order])


def _cumulative_activity(shape: Shape) -> FloatArray:
    """Activity of each type up to each week, 1 a week on average; shape (types, WEEKS + 1)."""
    weekly = shape.realised.sum(axis=1)
    position = year_position(np.arange(WEEKS))
    window = (position >= CHRISTMAS_WINDOW[0]) & (position <= CHRISTMAS_WINDOW[1])
    rows = [weekly * window if kind == CHRISTMAS else weekly for kind in range(len(TYPES))]
    activity = np.stack(rows)
    activity /= activity.mean(axis=1, keepdims=True)
    return np.concatenate([np.zeros((len(TYPES), 1)), activity.cumsum(axis=1)], axis=1)


def _activity_before(growth: FloatArray, kind: IntArray, week: FloatArray) -> FloatArray:
    before = np.zeros(len(kind))
    for row in range(len(growth)):
        chosen = kind == row
        before[chosen] = np.interp(week[chosen], np.arange(WEEKS + 1), growth[row])
    return before


def _week_of(growth: FloatArray, kind: IntArray, reached: FloatArray) -> IntArray:
    week = np.zeros(len(kind), dtype=np.int64)
    for row in range(len(growth)):
        chosen = kind == row
        week[chosen] = np.searchsorted(growth[row], reached[chosen], side="right") - 1
    return np.clip(week, 0, WEEKS - 1)


def _lifted(
    experiment: Experiment,
    customers: Customers,
    customer: IntArray,
    week: IntArray,
    rng: np.random.Generator,
) -> BoolArray:
    """Orders that a treatment brings twice, so that treated units order more by the lift."""
    unit = customers.region if experiment.unit_type == "region" else np.arange(len(customers.kind))
    treated = np.isin(unit[customer], experiment.treated)
    during = (week >= experiment.first_week) & (week < experiment.stop_week)
    return np.asarray(treated & during & (rng.random(len(week)) < experiment.lift))
