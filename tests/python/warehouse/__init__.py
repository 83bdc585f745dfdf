"""Tests on a real warehouse."""
