"""inventory-allocation replay."""

from pathlib import Path
from typing import Any

import click

from inventory_allocation.commands.options import EPILOG, project_options

__all__ = ["replay"]

DEFAULT_SEEDS = (7,)
PUBLISHED = ("+rpt_policy_comparison", "+rpt_policy_claims")


@click.command("replay", epilog=EPILOG)
@click.option(
    "--raw",
    "raw_directory",
    type=click.Path(path_type=Path, file_okay=False),
    help="Replay your own company: files of the raw tables, as for load-raw.",
)
@click.option(
    "--warehouse", "is_own", is_flag=True, help="Replay your own company: the raw tables there."
)
@click.option(
    "--scale",
    type=click.Choice(["tiny", "small", "medium", "large"]),
    default="small",
    show_default=True,
    help="Size of the generated company.",
)
@click.option(
    "--seed",
    "seeds",
    type=int,
    multiple=True,
    help="Seed of the company; may be repeated, for several companies.  [default: 7]",
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
    "--ablation", "is_ablated", is_flag=True, help="Also the plan with a part more, or less."
)
@click.option(
    "--stress",
    "is_stressed",
    is_flag=True,
    help="Also with other forecasts, capacity, demand, lead times, and a centre closed.",
)
@click.option(
    "--workers", type=click.IntRange(min=1), default=2, show_default=True, help="Processes."
)
@click.option(
    "--directory",
    type=click.Path(path_type=Path),
    default=Path("build/replay"),
    show_default=True,
    help="What is done is kept here, in a folder for each company.",
)
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the comparison as a page (.html), or as a document (.md) with its figures.",
)
@click.option(
    "--publish", is_flag=True, help="Write the result to the warehouse, for rpt_policy_comparison."
)
@project_options
def replay(
    project: Any,
    raw_directory: Path | None,
    is_own: bool,
    scale: str,
    seeds: tuple[int, ...],
    policies: tuple[str, ...],
    directory: Path,
    report: Path | None,
    publish: bool,
    is_ablated: bool,
    **given: Any,
) -> None:
    """Replay policies on what happened: what each would have cost, week by week.

    Generated companies, or with --raw or --warehouse your own, on what it sold. Each week the
    models are built on rows of before that week only, each policy orders and moves, and the orders
    that customers placed come line by line. All policies start from the same stock and meet the
    same demand. A replay that was stopped goes on from where it was, in the same directory, as
    long as the code is the same. Writes DIRECTORY/COMPANY/policy_replay.parquet.

    \b
    Example:
      inventory-allocation replay --seed 2 --seed 3 --report build/replay.html
      inventory-allocation replay --warehouse --publish --report build/replay.html
      inventory-allocation replay --periods 8 --training-periods 4 \\
        --policy nearest_greedy --policy base_stock
    """
    import pandas as pd

    from inventory_allocation.console import print_frame, show_progress
    from inventory_allocation.errors import InputError
    from inventory_allocation.jobs.publish_replay import publish_replay
    from inventory_allocation.jobs.replay import (
        START_WEEKS,
        VARIABLES,
        ReplaySettings,
        has_counts,
        replay_history,
    )
    from inventory_allocation.jobs.replay_history import (
        read_raw_files,
        read_raw_tables,
        recall_company,
        recall_sample,
    )
    from inventory_allocation.jobs.replay_report import check_report_path, write_replay_report
    from inventory_allocation.replay import (
        ABLATIONS,
        POLICIES,
        judge_claims,
        table_conditions,
        table_policies,
    )
    from inventory_allocation.warehouse import open_warehouse

    unknown = sorted(set(policies) - set(POLICIES))
    if unknown:
        raise InputError(f"no policy is named {unknown[0]}: there are {', '.join(POLICIES)}")
    if (raw_directory is not None) + is_own + bool(seeds) > 1:
        raise InputError("--raw, --warehouse and --seed are about different companies: give one")
    if report or publish or given["is_stressed"]:
        if policies:
            raise InputError("all policies are compared in the end: leave out --policy")
        if report:
            check_report_path(report)
    usual = [name for name in POLICIES if is_ablated or name not in ABLATIONS]
    settings = ReplaySettings(policies=policies or tuple(usual), **given)
    are_generated = raw_directory is None and not is_own
    if not are_generated:
        raw = read_raw_files(project, raw_directory) if raw_directory else read_raw_tables(project)
        name = raw_directory.resolve().name if raw_directory else "own"
        histories = [recall_company(name, project.directory, project.variables | VARIABLES, raw)]
    else:
        histories = [recall_sample(scale, seed) for seed in sorted(set(seeds or DEFAULT_SEEDS))]
    tables = []
    for history in histories:
        if not has_counts(history, settings):
            click.echo(
                f"{history.name}: no stock count of the week before: each centre starts with "
                f"{START_WEEKS} weeks of the forecast of its home regions"
            )
        with show_progress() as progress:
            own = replay_history(
                project.directory, history, project.variables, settings, directory, progress
            )
        target = directory / history.name / "policy_replay.parquet"
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
    if settings.is_stressed:
        print_frame(
            "The plan beside the best simple policy, what everything costs a unit wanted",
            table_conditions(rows, first_counted).round(4),
        )
    if publish:
        project.run("run", "--select", *PUBLISHED)
        warehouse = open_warehouse(project)
        try:
            run_id, is_new = publish_replay(project, warehouse, rows, claims, first_counted)
        finally:
            warehouse.close()
        project.run("run", "--select", *PUBLISHED)
        click.echo(f"replay {run_id} " + ("published" if is_new else "is published already"))
    if report:
        write_replay_report(rows, first_counted, report, is_sold=not are_generated)
        click.echo(f"written: {report}")
