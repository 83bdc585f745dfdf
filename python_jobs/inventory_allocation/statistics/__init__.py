"""Comparisons that segments and experiments share: tests, effect sizes, corrections."""
