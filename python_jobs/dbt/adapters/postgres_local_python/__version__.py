"""The adapter's version, which dbt reads."""

version = "0.1.0"
