"""dbt Python models on a real Postgres: what goes in comes out, by every stock feature."""

from pathlib import Path

import pytest

from inventory_allocation.errors import InventoryAllocationError
from postgres_server import Database
from warehouse.small_project import SOURCE, write_project

KINDS = """
create schema raw;
create table raw.kinds (
    id int, big bigint, small smallint, exact numeric(20, 6), loose numeric, x double precision,
    r real, t text, v varchar(10), b boolean, d date, ts timestamp, tz timestamptz, tm time,
    iv interval, u uuid, j jsonb, js json, raw_bytes bytea, ints int[], floats float8[],
    texts text[]
);
insert into raw.kinds (id) values (1);
insert into raw.kinds values (
    2, 9007199254740993, -7, 12345678901234.000001, 0.1, 0.1, 1.5, '', 'a', true, '2026-02-28',
    '2026-02-28 23:59:59.999999', '2026-02-28 23:59:59+05:30', '12:34:56.5', '1 mon 3 days 04:05',
    'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"a": [1, null, "b"]}', '{"a": "ü"}',
    '\\xdeadbeef00', array[1, null, 3], array[0.1, 'NaN', '-Infinity']::float8[],
    array['', null, 'null', 'a,b', '{"q"}', E'back\\\\slash', E'new\\nline', '日本']
);
insert into raw.kinds (id, x, r, t, ints, texts, j) values (
    3, 'NaN', 'Infinity', E'quote " comma , line\\nreturn\\r tab\\t dot \\\\. 日本 🚚', '{}', '{}',
    'null'
);
"""
SAME = """
select count(*)
from (select to_jsonb(source) as json from raw.kinds as source) as one
full join (select to_jsonb(result) as json from main.{table} as result) as other
    on one.json = other.json
where one.json is null or other.json is null
"""


@pytest.fixture
def kinds(database: Database) -> Database:
    database.query(KINDS)
    return database


def model(body: str, config: str = "materialized='table'") -> str:
    return f"def model(dbt, session):\n    dbt.config({config})\n    {body}\n"


def test_every_type_survives_as_relation_and_as_arrow(tmp_path: Path, kinds: Database) -> None:
    project = write_project(
        tmp_path,
        kinds,
        {
            "sources.yml": SOURCE.format(schema="raw", table="kinds"),
            "relation.py": model("return dbt.source('raw', 'kinds')"),
            "arrow.py": model(
                "rows = dbt.source('raw', 'kinds').project('* exclude (iv, u, j, js)')\n"
                "    return rows.to_arrow_table()"
            ),
        },
    )
    project.run("run")
    assert kinds.query(SAME.format(table="relation")) == [(0,)]
    types = dict(
        kinds.query(
            "select attname, format_type(atttypid, atttypmod) from pg_attribute "
            "where attrelid = 'main.relation'::regclass and attnum > 0"
        )
    )
    source = dict(
        kinds.query(
            "select attname, format_type(atttypid, atttypmod) from pg_attribute "
            "where attrelid = 'raw.kinds'::regclass and attnum > 0"
        )
    )
    assert types == source | {
        "loose": "double precision",
        "v": "text",
        "js": "jsonb",
    }
    dropped = SAME.replace("to_jsonb(source)", "to_jsonb(source) - array['iv', 'u', 'j', 'js']")
    assert kinds.query(dropped.format(table="arrow")) == [(0,)]


def test_pandas_and_polars_frames(tmp_path: Path, kinds: Database) -> None:
    columns = "id, big, x, t, b, d, ts, tz"
    project = write_project(
        tmp_path,
        kinds,
        {
            "sources.yml": SOURCE.format(schema="raw", table="kinds"),
            "polars_frame.py": model(
                f"return dbt.source('raw', 'kinds').project('{columns}').pl()"
            ),
            "pandas_frame.py": model(
                "import pandas as pd\n"
                f"    frame = dbt.source('raw', 'kinds').project('{columns}').df()\n"
                "    return frame.assign(big=frame['big'].astype('Int64'))"
            ),
        },
    )
    project.run("run")
    same = "select {} from {} order by id"
    source = kinds.query(same.format(columns, "raw.kinds"))
    assert str(kinds.query(same.format(columns, "main.polars_frame"))) == str(source)
    # pandas knows one word for NaN and for nothing, and no date without a time.
    nothing = columns.replace(" x,", " nullif(x, 'NaN') as x,").replace(" d,", " d::timestamp,")
    assert kinds.query(same.format(columns, "main.pandas_frame")) == kinds.query(
        same.format(nothing, "raw.kinds")
    )
    plain = kinds.query("select pg_typeof(d), pg_typeof(tz) from main.polars_frame limit 1")
    assert plain == [("date", "timestamp with time zone")]


def test_no_rows_keep_their_types(tmp_path: Path, kinds: Database) -> None:
    models = {
        "sources.yml": SOURCE.format(schema="raw", table="kinds"),
        "none.py": model("return dbt.source('raw', 'kinds').filter('id < 0')"),
        "some.py": model("return dbt.source('raw', 'kinds')"),
    }
    write_project(tmp_path, kinds, models).run("run")
    types = "select attname, atttypid from pg_attribute where attrelid = 'main.{}'::regclass"
    types += " and attnum > 0 order by attnum"
    assert kinds.query(types.format("none")) == kinds.query(types.format("some"))
    assert kinds.query("select count(*) from main.none") == [(0,)]


def test_empty_reads_no_rows(tmp_path: Path, kinds: Database) -> None:
    models = {
        "sources.yml": SOURCE.format(schema="raw", table="kinds"),
        "copied.py": model("return dbt.source('raw', 'kinds')"),
    }
    write_project(tmp_path, kinds, models).run("run", "--empty")
    assert kinds.query("select count(*) from main.copied") == [(0,)]


STEPS = """
def model(dbt, session):
    dbt.config(materialized='incremental', {options})
    rows = session.sql("select 1 as id, 'new' as state union all select 2, 'new'")
    if dbt.is_incremental:
        seen = session.sql(f"select count(*) as n from {{dbt.this}}").fetchall()[0][0]
        rows = session.sql(f"select 2 as id, 'seen {{seen}}' as state union all select 3, 'late'")
    return rows
"""


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ("append", [(1, "new"), (2, "new"), (2, "seen 2"), (3, "late")]),
        ("delete+insert", [(1, "new"), (2, "seen 2"), (3, "late")]),
        ("merge", [(1, "new"), (2, "seen 2"), (3, "late")]),
    ],
)
def test_incremental(
    tmp_path: Path, database: Database, strategy: str, expected: list[tuple[int, str]]
) -> None:
    key = "" if strategy == "append" else ", unique_key='id'"
    steps = STEPS.format(options=f"incremental_strategy='{strategy}'{key}")
    project = write_project(tmp_path, database, {"steps.py": steps})
    project.run("run")
    project.run("run")
    assert database.query("select id, state from main.steps order by 1, 2") == expected
    project.run("run", "--full-refresh")
    assert database.query("select id, state from main.steps") == [(1, "new"), (2, "new")]
    assert database.leftovers() == []


def test_indexes_grants_and_descriptions(tmp_path: Path, database: Database) -> None:
    database.query("create role reader")
    models = {
        "numbers.py": model("return session.sql('select 1 as id')"),
        "numbers.yml": """
version: 2
models:
  - name: numbers
    description: The numbers, "quoted"; and it's fine.
    config:
      indexes: [{columns: [id], unique: true}]
      grants: {select: [reader]}
      persist_docs: {relation: true, columns: true}
    columns:
      - {name: id, description: A number.}
""",
    }
    write_project(tmp_path, database, models).run("run")
    table = "'main.numbers'::regclass"
    assert database.query(f"select count(*) from pg_index where indrelid = {table}") == [(1,)]
    assert database.query(f"select has_table_privilege('reader', {table}, 'select')") == [(True,)]
    assert database.query(f"select obj_description({table})") == [
        ('The numbers, "quoted"; and it\'s fine.',)
    ]
    assert database.query(f"select col_description({table}, 1)") == [("A number.",)]


def test_many_threads(tmp_path: Path, database: Database) -> None:
    models = {
        f"model_{n}.py": model(f"return session.sql('select {n} as n from range(10000)')")
        for n in range(12)
    }
    models["total.sql"] = " union all ".join(
        f"select * from {{{{ ref('model_{n}') }}}}" for n in range(12)
    )
    write_project(tmp_path, database, models).run("run")
    assert database.query("select count(*), sum(n) from main.total") == [(120000, 660000)]


def test_an_error_shows_the_models_own_file_and_line(tmp_path: Path, database: Database) -> None:
    broken = "\n\n# A comment.\ndef model(dbt, session):\n    return 1 / 0\n"
    project = write_project(tmp_path, database, {"broken.py": broken})
    with pytest.raises(InventoryAllocationError) as caught:
        project.run("run")
    assert f'File "{tmp_path}/models/broken.py", line 5, in model' in str(caught.value)
    assert "return 1 / 0" in str(caught.value)
    assert "ZeroDivisionError" in str(caught.value)


def test_a_result_that_is_no_frame_is_a_clear_error(tmp_path: Path, database: Database) -> None:
    project = write_project(tmp_path, database, {"nothing.py": model("return 'text'")})
    with pytest.raises(InventoryAllocationError, match="nothing returned str: return a pandas"):
        project.run("run")


def test_a_value_that_cannot_be_read_names_its_column(tmp_path: Path, database: Database) -> None:
    database.query(
        "create schema raw; create table raw.dates as select 1 as id, 'infinity'::date as due"
    )
    models = {
        "sources.yml": SOURCE.format(schema="raw", table="dates"),
        "copied.py": model("return dbt.source('raw', 'dates')"),
    }
    with pytest.raises(InventoryAllocationError, match=r"column due.*infinity"):
        write_project(tmp_path, database, models).run("run")
