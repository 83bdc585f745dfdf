"""inventory-allocation replay."""

from pathlib import Path
from typing import Any

import click

__all__ = ["replay"]


@click.command("replay", epilog="Exit codes: 0 done, 1 failed, 2 wrong input or usage.")
@click.option(
    "--scale",
    type=click.Choice(["small", "medium", "large"]),
    default="small",
    show_default=True,
    help="Size of the generated company.",
)
@click.option(
    "--seed",
    "seeds",
    type=int,
    multiple=True,
    default=(7,),
    show_default=True,
    help="Seed of the company; may be repeated, for several companies.",
)
@click.option(
    "--periods",
    type=click.IntRange(min=1),
    default=26,
    show_default=True,
    help="Weeks that count.",
)
@click.option(
    "--training-periods",
    type=click.IntRange(min=1),
    default=13,
    show_default=True,
    help="Weeks before those, on which each policy's setting is chosen.",
)
@click.option("--policy", "policies", multiple=True, help="Only this policy; may be repeated.")
@click.option(
    "--workers", type=click.IntRange(min=1), default=2, show_default=True, help="Processes."
)
@click.option(
    "--directory",
    type=click.Path(path_type=Path),
    default=Path("build/replay"),
    show_default=True,
    help="What is done is kept here, in a folder SCALE-SEED.",
)
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the comparison as a page (.html), or as a document (.md) with its figures.",
)
@click.option(
    "--project-dir",
    type=click.Path(path_type=Path),
    default=Path(),
    help="Where dbt_project.yml is.  [default: .]",
)
def replay(
    scale: str,
    seeds: tuple[int, ...],
    policies: tuple[str, ...],
    directory: Path,
    report: Path | None,
    project_dir: Path,
    **given: Any,
) -> None:
    """Replay policies on generated companies: what each would have cost, week by week.

    Each week the models are built on rows of before that week only, each policy orders and moves,
    and the orders that customers placed come line by line. All policies start from the same stock
    and meet the same demand. A replay that was stopped goes on from where it was, in the same
    directory, as long as the code is the same. Writes DIRECTORY/SCALE-SEED/policy_replay.parquet.

    \b
    Example:
      inventory-allocation replay --seed 2 --seed 3 --report build/replay.html
      inventory-allocation replay --periods 8 --training-periods 4 \\
        --policy nearest_greedy --policy base_stock
    """
    import pandas as pd

    from inventory_allocation.console import print_frame, show_progress
    from inventory_allocation.errors import InputError
    from inventory_allocation.jobs.replay import ReplaySettings, replay_sample_company
    from inventory_allocation.jobs.replay_report import check_report_path, write_replay_report
    from inventory_allocation.replay import POLICIES, judge_claims, table_policies

    unknown = sorted(set(policies) - set(POLICIES))
    if unknown:
        raise InputError(f"no policy is named {unknown[0]}: there are {', '.join(POLICIES)}")
    if report:
        if policies:
            raise InputError("a report compares all policies: leave out --policy")
        check_report_path(report)
    settings = ReplaySettings(policies=policies or tuple(POLICIES), **given)
    tables = []
    for seed in sorted(set(seeds)):
        with show_progress() as progress:
            own = replay_sample_company(project_dir, scale, seed, settings, directory, progress)
        target = directory / f"{scale}-{seed}" / "policy_replay.parquet"
        own.to_parquet(target, index=False)
        click.echo(f"written: {target}")
        tables.append(own)
    rows = pd.concat(tables, ignore_index=True)
    first_counted = sorted(rows["period_start"].unique())[settings.training_periods]
    shown = ["cost_per_demand_unit", "shipping_per_unit", "fill_rate", "stock_per_demand_unit"]
    table = table_policies(rows, first_counted)
    chosen = table[table["is_chosen"]].sort_values("cost_per_demand_unit")
    print_frame(
        "Each policy with the setting that cost least in training",
        chosen[["policy", "setting", *shown]].round(4),
    )
    if not policies:
        claims = judge_claims(rows, first_counted)
        columns = ["claim", "baseline", "effect", "low", "high", "aim", "verdict"]
        print_frame("Claims, relative to the baseline", claims[columns].round(3))
    if report:
        write_replay_report(rows, first_counted, report)
        click.echo(f"written: {report}")
