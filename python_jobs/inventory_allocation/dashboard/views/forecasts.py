"""Forecasts: history, mean, interval, what was forecast back then, and the members."""

import streamlit as st

from inventory_allocation.dashboard.charts import draw_bars, draw_forecast
from inventory_allocation.dashboard.page import page, show_chart, show_table
from inventory_allocation.dashboard.reading import read
from inventory_allocation.presentation.words import label

__all__ = ["show"]

LEVELS = {
    "total": "All products",
    "category": "A category",
    "sku": "A SKU",
    "sku_fc": "A SKU in the home regions of a centre",
}
SERIES = """
    select series_id, sum(mean) as units from {fct_demand_forecasts_by_level}
    where level = ? and substr(series_id, 1, length(?)) = ?
    group by series_id order by units desc, series_id limit 500
"""
FORECAST = """
    select period_start, mean, q0_025 as low, q0_975 as high from {fct_demand_forecasts_by_level}
    where level = ? and series_id = ? order by period_start
"""
OF_SERIES = {
    "total": "? = 'total'",
    "category": "p.category = ?",
    "sku": "d.sku = ?",
    "sku_fc": "d.sku || '|' || r.home_fc_id = ?",
}
HISTORY = """
    select d.period_start, sum(d.units) as units,
        max(case when d.is_stockout then 1 else 0 end) as has_stockout
    from {{fct_demand_history}} as d
    left join {{dim_products}} as p on d.sku = p.sku
    left join {{dim_regions}} as r on d.region_id = r.region_id
    where {of_series}
    group by d.period_start order by d.period_start desc limit 104
"""
BACKTEST = """
    select d.period_start, sum(d.forecast) as forecast, sum(d.actual) as actual
    from {{fct_forecast_backtests}} as d
    left join {{dim_products}} as p on d.sku = p.sku
    where d.model = 'ensemble' and cast(d.horizon as varchar) = ? and {of_series}
    group by d.period_start order by d.period_start
"""
HORIZONS = "select max(horizon) as longest from {fct_forecast_backtests}"
ACCURACY = """
    select level, model, avg(wape) as wape, avg(bias) as bias, avg(mase) as mase,
        avg(coverage) as coverage
    from {fct_forecast_accuracy} where demand_class = 'all'
    group by level, model order by level, wape, model
"""
WEIGHTS = """
    select model, avg(weight) as weight from {fct_forecast_weights}
    where level = 'series' and cutoff = (select max(cutoff) from {fct_forecast_weights})
    group by model order by weight desc, model
"""
DIAGNOSTICS = """
    select model, level, demand_class, test, signal, series, corrected_p_value, found_in, verdict
    from {fct_forecast_diagnostics} order by model, level, demand_class, test, signal
"""


def _choose() -> tuple[str, str] | None:
    left, middle, right = st.columns(3)
    level = left.selectbox("Level", list(LEVELS), format_func=LEVELS.__getitem__)
    begin = ""
    if level in ("sku", "sku_fc"):
        begin = middle.text_input("Begins with", placeholder="Any SKU").strip()
    series = read(SERIES, level, begin, begin)["series_id"].tolist()
    if not series:
        st.info("No series begins so." if begin else "There are no forecasts yet.")
        return None
    chosen = right.selectbox(
        "Series, largest first",
        series,
        format_func=lambda name: name.replace("|", " for "),
        disabled=level == "total",
    )
    return level, chosen


@page("Forecasts", "Demand that was, that is forecast, and what was forecast of it back then.")
def show() -> None:
    """Show the page."""
    chosen = _choose()
    if chosen is None:
        return
    level, series = chosen
    forecast = read(FORECAST, level, series)
    history = read(HISTORY.format(of_series=OF_SERIES[level]), series).sort_values("period_start")
    ahead = st.slider(
        "Periods ahead, of what was forecast back then", 1, int(read(HORIZONS)["longest"].iloc[0])
    )
    if level == "sku_fc":
        st.caption("What was forecast back then is kept by SKU, not by centre.")
        backtest = forecast.head(0).assign(forecast=[], actual=[])
    else:
        backtest = read(BACKTEST.format(of_series=OF_SERIES[level]), str(ahead), series)
    rows = history.merge(forecast, on="period_start", how="outer").merge(
        backtest[["period_start", "forecast"]].rename(columns={"forecast": "forecast_back_then"}),
        on="period_start",
        how="outer",
    )
    show_chart(
        draw_forecast(history, forecast, backtest),
        rows.sort_values("period_start", ascending=False),
        "Units sold by period, the forecast with its 95 % interval, and earlier forecasts.",
    )
    if history["has_stockout"].any():
        st.caption("In some of these periods a SKU was out of stock: more would have been sold.")
    left, right = st.columns(2)
    with left:
        st.subheader("Members of the ensemble")
        weights = read(WEIGHTS)
        show_chart(draw_bars(weights, "model", "weight"), weights, "Mean weight by model.")
    with right:
        st.subheader("Accuracy over the backtest")
        accuracy = read(ACCURACY)
        levels = accuracy["level"].unique().tolist()
        shown = st.segmented_control(
            "Accuracy of", levels, format_func=label, default=levels[0] if levels else None
        )
        show_table(accuracy[accuracy["level"] == shown], "Nothing was measured.")
    with st.expander("What the errors say"):
        show_table(read(DIAGNOSTICS), "Nothing was tested.")
