"""Frames from a warehouse become pandas, and a missing column is named."""

import duckdb
import pandas as pd
import pytest

from inventory_allocation.errors import InputError, InventoryAllocationError
from inventory_allocation.frames import require_columns, to_pandas

FRAME = pd.DataFrame({"sku": ["A", "B"], "units": [1, 2]})


def convert(relation):
    return FRAME


def test_a_duckdb_relation_becomes_pandas_with_float_decimals():
    relation = duckdb.connect().sql("select 'A' as sku, 1.25::decimal(10, 2) as price")
    frame = to_pandas(relation)
    assert frame["price"].dtype == "float64"
    assert frame.to_dict("records") == [{"sku": "A", "price": 1.25}]


def test_a_pandas_frame_stays_as_it_is():
    assert to_pandas(FRAME) is FRAME


@pytest.mark.parametrize("method", ["df", "to_pandas", "toPandas"])
def test_frames_of_other_engines_are_converted_by_their_own_method(method):
    relation = type("Relation", (), {method: convert})()
    assert to_pandas(relation) is FRAME


def test_an_attribute_that_is_no_method_is_passed_over():
    relation = type("Relation", (), {"df": "a column called df", "toPandas": convert})()
    assert to_pandas(relation) is FRAME


def test_an_object_that_is_no_relation_is_refused_by_its_type():
    with pytest.raises(InputError, match="type int "):
        to_pandas(3)


def test_a_missing_column_is_named_with_its_table():
    with pytest.raises(
        InputError, match=r"table stock lacks column on_hand, region_id; it has sku"
    ):
        require_columns(FRAME, ["sku", "on_hand", "units", "region_id"], "stock")


def test_all_columns_present_raise_nothing():
    require_columns(FRAME, ["units", "sku"], "stock")
    require_columns(FRAME.iloc[:0], ["units"], "stock")
    require_columns(FRAME, [], "stock")


def test_input_errors_are_caught_as_errors_of_the_package():
    assert issubclass(InputError, InventoryAllocationError)
