"""Whether the segments should be trusted, in words."""

from inventory_allocation.segmentation.outcomes import Outcomes
from inventory_allocation.segmentation.silhouettes import Null
from inventory_allocation.segmentation.sweep import MIN_STABILITY
from inventory_allocation.segmentation.validation_rows import Row, make_row

__all__ = ["judge", "judge_nothing"]

MAX_P_VALUE = 0.01
MIN_EFFECT = 0.06
"""A medium eta squared (Cohen 1988)."""


def judge_nothing(reason: str) -> Row:
    """The verdict where there is no fit to judge."""
    return make_row("verdict", "trust", 0.0, f"no segments: {reason}")


def _join(reasons: list[str], word: str) -> str:
    *others, last = reasons
    return f"{', '.join(others)} {word} {last}" if others else last


def _list_pairs(pairs: list[tuple[str, str]]) -> str:
    shown = "; ".join(f'"{first}" and "{second}"' for first, second in pairs[:5])
    return shown + (f"; and {len(pairs) - 5} more" if len(pairs) > 5 else "")


def judge(null: Null, stability: float, outcomes: Outcomes | None) -> Row:
    """Weigh what was found.

    Segments are trusted when they are separated better than shuffled features are (p at most 0.01),
    stable (adjusted Rand index of at least 0.8), and when a later outcome differs between them (1 %
    after Holm) by a medium effect at least (eta squared, or epsilon squared of the ranks, of 0.06).

    Args:
        null: Comparison with shuffled features.
        stability: Mean adjusted Rand index over bootstrap fits.
        outcomes: Tests of later outcomes; None when the history is too short for them.

    Returns:
        A row: value 1 for trusted, 0.5 when only the outcomes could not be tested, else 0.
    """
    reasons = {
        f"separated better than shuffled features (silhouette {null.silhouette:.2f} against "
        f"{null.shuffled_mean:.2f}, p {null.p_value:.2g})": null.p_value <= MAX_P_VALUE,
        f"stable when fitted again on samples (adjusted Rand index {stability:.2f})": stability
        >= MIN_STABILITY,
    }
    if outcomes and outcomes.rows:
        effect = (
            f"the {outcomes.outcome} that followed (effect size {outcomes.effect:.2f})"
            if outcomes.outcome
            else "what customers did next"
        )
        reasons[f"different in {effect}"] = outcomes.effect >= MIN_EFFECT
    failed = [reason for reason, holds in reasons.items() if not holds]
    held = [reason for reason, holds in reasons.items() if holds]
    is_tested = bool(outcomes and outcomes.rows)
    sentence = "do not trust the segments" if failed else "trust the segments"
    if not failed and not is_tested:
        sentence = "use the segments with care"
    parts = [
        *([f"they are not {_join(failed, 'nor')}"] if failed else []),
        *([f"they are {_join(held, 'and')}"] if held else []),
    ]
    if outcomes and is_tested:
        pairs = outcomes.different_pairs
        parts.append(
            f"{len(pairs)} of {outcomes.pairs} pairs differ"
            + (f": {_list_pairs(pairs)}" if pairs else "")
        )
    else:
        parts.append("the history is too short to see what they did next")
    value = 0.0 if failed else 1.0 if is_tested else 0.5
    return make_row("verdict", "trust", value, f"{sentence}: {'. '.join(parts)}.")
