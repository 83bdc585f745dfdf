"""Counts how often the experiments' methods are wrong, on simulated customers.

Run by hand: `.venv/bin/python benchmarks/experiment_simulations.py`, some minutes on one core.
Each line is one simulation study with one seed, its result, what it should be, and the Monte Carlo
error of the result: one standard error. Customers buy a skewed and correlated number of orders,
units and revenue, the same in both windows but for chance.
"""

import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from inventory_allocation.experiments import ExperimentSettings, analyze_experiments
from inventory_allocation.experiments.columns import METRICS

SEED = 20260301
RUNS = 1_000
CONFOUNDED_RUNS = 300
PER_VARIANT = 200
LIFT = 10.0
QUICK = ExperimentSettings(seed=SEED, bootstraps=0)
BOOTSTRAPPED = ExperimentSettings(seed=SEED, bootstraps=1_000)


def _window(activity: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """The metrics of one window: counts, a skewed revenue, and ratios null without an order."""
    orders = rng.poisson(activity)
    units = orders + rng.poisson(2.0 * orders)
    revenue = units * rng.gamma(4.0, 5.0, len(orders))
    late = rng.binomial(orders, 0.1) / np.where(orders > 0, orders, np.nan)
    shipping = np.where(orders > 0, rng.gamma(9.0, 0.5, len(orders)), np.nan)
    values = (orders.astype("float64"), units.astype("float64"), revenue, late, shipping)
    return dict(zip(METRICS, values, strict=True))


def simulate_customers(count: int, rng: np.random.Generator) -> pd.DataFrame:
    """Customers without any treatment: both windows, tenure, recency."""
    activity = rng.gamma(1.5, 2.0, count)
    before = {f"{name}_before": value for name, value in _window(activity, rng).items()}
    bought = before["orders_before"] > 0
    return pd.DataFrame(
        {
            **_window(activity, rng),
            **before,
            "tenure_days_before": rng.gamma(2.0, 200.0, count),
            "recency_days_before": np.where(bought, rng.exponential(90 / (1 + activity)), np.nan),
            "unit_id": [f"c{number:05d}" for number in range(count)],
            "unit_type": "customer",
            "assignment": "randomised",
            "cluster_id": None,
        }
    )


def simulate_randomised(lift: float, rng: np.random.Generator) -> pd.DataFrame:
    """Two variants of 200 customers; treatment adds to revenue."""
    units = simulate_customers(2 * PER_VARIANT, rng)
    units["variant"] = rng.permutation(["control", "treatment"] * PER_VARIANT)
    units["revenue"] += np.where(units["variant"] == "treatment", lift, 0.0)
    return units


def simulate_clusters(rng: np.random.Generator) -> pd.DataFrame:
    """Forty regions of about ten customers that share a region's level, assigned by region."""
    units = simulate_customers(2 * PER_VARIANT, rng)
    region = rng.integers(0, 40, len(units))
    for metric in METRICS:
        for window, level in (("", 0.5), ("_before", 0.0)):
            units[metric + window] *= np.exp(level * rng.normal(size=40))[region]
    treated = rng.permutation(40) < 20
    return units.assign(
        cluster_id=[f"r{number}" for number in region],
        variant=np.where(treated[region], "treatment", "control"),
    )


def simulate_confounded(is_multiplicative: bool, rng: np.random.Generator) -> pd.DataFrame:
    """A thousand customers, of whom those who spent more were rather treated."""
    units = simulate_customers(1_000, rng)
    spent, tenure = units["revenue_before"].to_numpy(), units["tenure_days_before"].to_numpy()
    odds = np.exp(-3.6 + 0.5 * np.log1p(spent) + 0.002 * tenure)
    treated = rng.random(len(units)) < odds / (1 + odds)
    if is_multiplicative:
        level = np.exp(1.0 + 0.6 * np.log1p(spent) + 0.0005 * tenure)
        revenue = level * rng.lognormal(0.0, 0.4, len(units))
    else:
        revenue = 5 + 0.7 * spent + 0.05 * tenure + rng.gamma(4.0, 10.0, len(units))
    return units.assign(
        revenue=revenue + LIFT * treated,
        variant=np.where(treated, "treatment", "control"),
        assignment="observational",
    )


def analyze_runs(
    simulate: Callable[[np.random.Generator], pd.DataFrame],
    runs: int,
    settings: ExperimentSettings,
    metrics: list[str],
) -> pd.DataFrame:
    """Results of many simulated experiments; metrics that are not asked for are null."""
    frames = []
    for run in range(runs):
        units = simulate(np.random.default_rng([SEED, run])).assign(experiment_id=f"run{run:05d}")
        units[[metric for metric in METRICS if metric not in metrics]] = np.nan
        frames.append(units)
    return analyze_experiments(pd.concat(frames, ignore_index=True), settings)


def share_line(name: str, hits: pd.Series, target: str) -> str:
    """A line for a share, with its Monte Carlo error."""
    share, runs = float(hits.mean()), len(hits)
    error = np.sqrt(share * (1 - share) / runs)
    return f"{name:<66}{share:>8.1%}  ± {error:.1%}   {target}"


def report_false_alarms() -> list[str]:
    """A/A: how often a difference is shown where there is none."""
    results = analyze_runs(lambda rng: simulate_randomised(0.0, rng), RUNS, QUICK, METRICS)
    lines = []
    for method in ("welch", "cuped"):
        rows = results[results["method"] == method]
        for metric in METRICS:
            hits = rows.loc[rows["metric"] == metric, "p_value"] < 0.05
            lines.append(share_line(f"A/A {method} {metric}: p < 0.05", hits, "4 to 6 %"))
        for column in ("p_value", "p_holm", "p_bonferroni"):
            smallest = rows.groupby("experiment_id")[column].min()
            target = "shows why" if column == "p_value" else "at most 5 %"
            name = f"A/A {method} any of {len(METRICS)} metrics: {column} < 0.05"
            lines.append(share_line(name, smallest < 0.05, target))
    return lines


def report_coverage() -> list[str]:
    """A/B: how often an interval holds the planted effect."""
    results = analyze_runs(
        lambda rng: simulate_randomised(LIFT, rng), RUNS, BOOTSTRAPPED, ["revenue"]
    )
    rows = results[results["metric"] == "revenue"]
    lines = []
    for method, group in rows.groupby("method", sort=False):
        for kind in ("effect", "bootstrap"):
            hits = group[f"{kind}_lower"].le(LIFT) & group[f"{kind}_upper"].ge(LIFT)
            label = "t interval" if kind == "effect" else "bootstrap"
            lines.append(share_line(f"A/B {method} {label} holds the effect", hits, "94 to 96 %"))
    width = rows.assign(width=rows["effect_upper"] - rows["effect_lower"]).groupby("method")
    ratio = width["width"].mean()["cuped"] / width["width"].mean()["welch"]
    lines.append(f"{'A/B width of cuped over welch interval':<66}{ratio:>8.2f}")
    return lines


def report_clusters() -> list[str]:
    """A/A assigned by region, analysed by region, and as if customers had been assigned."""
    by_cluster = analyze_runs(simulate_clusters, RUNS, QUICK, ["revenue"])
    by_unit = analyze_runs(
        lambda rng: simulate_clusters(rng).assign(cluster_id=None), RUNS, QUICK, ["revenue"]
    )
    lines = []
    for name, results, target in (
        ("by cluster", by_cluster, "4 to 6 %"),
        ("by unit", by_unit, "shows why"),
    ):
        rows = results[results["metric"] == "revenue"]
        for method, group in rows.groupby("method", sort=False):
            label = f"A/A assigned by region, analysed {name}, {method}: p < 0.05"
            lines.append(share_line(label, group["p_value"] < 0.05, target))
    return lines


def report_confounding(is_multiplicative: bool) -> list[str]:
    """Observational: bias of the naive and the matched effect."""
    results = analyze_runs(
        lambda rng: simulate_confounded(is_multiplicative, rng),
        CONFOUNDED_RUNS,
        BOOTSTRAPPED,
        ["revenue"],
    )
    rows = results[results["metric"] == "revenue"]
    world = "multiplicative" if is_multiplicative else "linear"
    lines, biases = [], {}
    for method, group in rows.groupby("method", sort=False):
        error = group["effect"] - LIFT
        biases[method] = float(error.mean())
        lines.append(
            f"{f'confounded, {world}: {method} bias of an effect of {LIFT:.0f}':<66}"
            f"{biases[method]:>8.2f}  ± {error.std() / np.sqrt(len(error)):.2f}"
        )
    removed = 1 - biases["matched"] / biases["naive"]
    lines.append(f"{f'confounded, {world}: bias removed':<66}{removed:>8.1%}          90 % or more")
    matched = rows[rows["method"] == "matched"]
    for kind, label in (("effect", "t interval"), ("bootstrap", "bootstrap")):
        hits = matched[f"{kind}_lower"].le(LIFT) & matched[f"{kind}_upper"].ge(LIFT)
        name = f"confounded, {world}: matched {label} holds the effect"
        lines.append(share_line(name, hits, "about 95 %"))
    return lines


def main() -> None:
    """Simulate and print."""
    started = time.perf_counter()
    reports: list[Callable[[], list[str]]] = [
        report_false_alarms,
        report_coverage,
        report_clusters,
        lambda: report_confounding(False),
        lambda: report_confounding(True),
    ]
    print(f"seed {SEED}; {RUNS:,} runs each, {CONFOUNDED_RUNS} of the confounded")
    for report in reports:
        print("\n".join(report()), flush=True)
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
