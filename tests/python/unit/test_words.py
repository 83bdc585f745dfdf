"""Every code that a plan can have has words for people."""

import re

from inventory_allocation.allocation.explain import FIXES, explain_shipments
from inventory_allocation.presentation.words import BINDING_REASONS, REASONS


def test_every_reason_of_a_line_has_words() -> None:
    reasons = (explain_shipments.__doc__ or "").split("Reasons:")[1].split("Args:")[0]
    assert set(re.findall("`([a-z_]+)`", reasons)) == set(REASONS)


def test_everything_that_stands_in_the_way_has_words() -> None:
    assert set(BINDING_REASONS) == set(FIXES)
