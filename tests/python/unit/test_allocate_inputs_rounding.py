"""Inputs that agree to 12 digits are the same inputs, to the bit."""

import numpy as np
import pandas as pd

from inventory_allocation.jobs.allocate import round_floats


def test_the_last_bit_goes_and_all_else_stays() -> None:
    values = [0.1 + 0.2, np.nextafter(0.3, 1), 123456.789012, 0.0, np.nan, np.inf, -2.5e-7]
    frame = pd.DataFrame({"x": values, "n": range(7), "t": list("abcdefg")})
    rounded = round_floats(frame)
    expected = [0.3, 0.3, 123456.789012, 0.0, np.nan, np.inf, -2.5e-7]
    assert [str(value) for value in rounded["x"]] == [str(value) for value in expected]
    pd.testing.assert_frame_equal(rounded[["n", "t"]], frame[["n", "t"]])


def test_no_rows_stay_no_rows() -> None:
    empty = pd.DataFrame({"x": pd.Series(dtype=float)})
    assert round_floats(empty).empty
