"""DuckDB types as Postgres types, with the expression that makes text which Postgres reads."""

import re

import duckdb

from dbt.adapters.local_python.session import quote

__all__ = ["postgres_columns"]

SAME = "{}"
TEXT = "cast({} as varchar)"
TYPES = {
    "BOOLEAN": ("boolean", SAME),
    "TINYINT": ("smallint", SAME),
    "SMALLINT": ("smallint", SAME),
    "INTEGER": ("integer", SAME),
    "BIGINT": ("bigint", SAME),
    "HUGEINT": ("numeric", TEXT),
    "UTINYINT": ("smallint", SAME),
    "USMALLINT": ("integer", SAME),
    "UINTEGER": ("bigint", SAME),
    "UBIGINT": ("numeric(20, 0)", SAME),
    "UHUGEINT": ("numeric", TEXT),
    "FLOAT": ("real", SAME),
    "DOUBLE": ("double precision", SAME),
    # As Python sorts it, whatever the order of the database.
    "VARCHAR": ('text collate "C"', SAME),
    "DATE": ("date", SAME),
    "TIME": ("time", TEXT),
    "TIMESTAMP": ("timestamp", SAME),
    "TIMESTAMP_S": ("timestamp", "cast({} as timestamp)"),
    "TIMESTAMP_MS": ("timestamp", "cast({} as timestamp)"),
    "TIMESTAMP_NS": ("timestamp", "cast({} as timestamp)"),
    "TIMESTAMP WITH TIME ZONE": ("timestamptz", TEXT),
    "INTERVAL": ("interval", TEXT),
    "BLOB": ("bytea", "'\\x' || hex({})"),
    "UUID": ("uuid", TEXT),
    "JSON": ("jsonb", TEXT),
}
# An array literal of Postgres: quotes and backslashes within elements are escaped.
ARRAY = (
    "'{{' || array_to_string(list_transform({0}, lambda element: coalesce('\"' || "
    "replace(replace(cast(element as varchar), '\\', '\\\\'), '\"', '\\\"') || '\"', 'NULL')), "
    "',') || '}}'"
)


def _postgres_type(duckdb_type: str) -> tuple[str, str]:
    if duckdb_type in TYPES:
        return TYPES[duckdb_type]
    if duckdb_type.startswith("DECIMAL"):
        return duckdb_type.replace("DECIMAL", "numeric"), TEXT
    element = re.sub(r"\[\d*\]$", "", duckdb_type)
    if element != duckdb_type and element in TYPES and element not in ("BLOB", "JSON"):
        return f"{TYPES[element][0].split(' collate')[0]}[]", ARRAY
    if element != duckdb_type or duckdb_type.startswith(("STRUCT", "MAP", "UNION")):
        return "jsonb", "cast(to_json({}) as varchar)"
    return "text", TEXT


def postgres_columns(
    relation: duckdb.DuckDBPyRelation,
) -> tuple[dict[str, str], duckdb.DuckDBPyRelation]:
    """Postgres types by column, and the rows in a form that COPY reads into them."""
    kinds = {
        name: _postgres_type(str(kind))
        for name, kind in zip(relation.columns, relation.types, strict=True)
    }
    expressions = ", ".join(
        f"{expression.format(quote(name))} as {quote(name)}"
        for name, (_, expression) in kinds.items()
    )
    return {name: kind for name, (kind, _) in kinds.items()}, relation.project(expressions)
