"""Charts from frames.

Colours are those of Okabe and Ito, which colour-blind people can tell apart (Color Universal
Design, 2008); where colour tells series apart, dashes or a table do so too.
"""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from inventory_allocation.presentation.words import label

__all__ = [
    "Drawing",
    "draw_bars",
    "draw_flows",
    "draw_forecast",
    "draw_frontier",
    "draw_grouped_bars",
    "draw_lines",
]

Drawing = alt.Chart | alt.LayerChart | alt.FacetChart
BLUE, ORANGE, GREEN, RED = "#0072B2", "#E69F00", "#009E73", "#D55E00"
GREY, PURPLE, SKY, YELLOW = "#7A7A7A", "#CC79A7", "#56B4E9", "#F0E442"
COLORS = [BLUE, ORANGE, GREEN, RED, PURPLE, SKY, GREY, YELLOW]


def _color(column: str, values: Sequence[str]) -> alt.Color:
    scale = alt.Scale(domain=list(values), range=(COLORS * 4)[: len(values)])
    return alt.Color(
        f"{column}:N", scale=scale, title=None, legend=alt.Legend(orient="top", columns=4)
    )


def _dash(column: str, values: Sequence[str]) -> alt.StrokeDash:
    return alt.StrokeDash(f"{column}:N", sort=list(values), title=None)


def _amount(value: str) -> alt.X:
    is_share = value in ("share", "weight")
    axis = alt.Axis(tickCount=6, format="%") if is_share else alt.Axis(tickCount=6)
    return alt.X(f"{value}:Q", title=label(value), axis=axis)


def draw_bars(frame: pd.DataFrame, category: str, value: str) -> alt.Chart:
    """A bar per row, longest first."""
    return (
        alt.Chart(frame)
        .mark_bar(color=BLUE)
        .encode(
            x=_amount(value),
            y=alt.Y(f"{category}:N", sort="-x", title=None, axis=alt.Axis(labelLimit=320)),
            tooltip=[category, alt.Tooltip(f"{value}:Q", format=",.2f")],
        )
    )


def draw_grouped_bars(frame: pd.DataFrame, category: str, value: str, group: str) -> alt.Chart:
    """Bars beside each other: a group for each category, a colour for each member of it."""
    groups = list(dict.fromkeys(frame[group]))
    return (
        alt.Chart(frame)
        .mark_bar()
        .encode(
            x=_amount(value),
            y=alt.Y(f"{category}:N", title=None, sort=None, axis=alt.Axis(labelLimit=220)),
            yOffset=alt.YOffset(f"{group}:N", sort=groups),
            color=_color(group, groups),
            tooltip=[category, group, alt.Tooltip(f"{value}:Q", format=",.2f")],
        )
    )


def draw_lines(frame: pd.DataFrame, x: str, value: str, group: str) -> alt.Chart:
    """A line with dots per group over time."""
    groups = sorted(set(frame[group]))
    return (
        alt.Chart(frame)
        .mark_line(point=True)
        .encode(
            x=alt.X(f"{x}:T", title=None),
            y=alt.Y(f"{value}:Q", title=label(value)),
            color=_color(group, groups),
            strokeDash=_dash(group, groups),
            tooltip=[alt.Tooltip(f"{x}:T"), group, alt.Tooltip(f"{value}:Q", format=",.2f")],
        )
    )


def draw_forecast(history: pd.DataFrame, forecast: pd.DataFrame, backtest: pd.DataFrame) -> Drawing:
    """What was sold, what is forecast with its 95 % interval, and what was forecast back then.

    Args:
        history: period_start, units.
        forecast: period_start, mean, low, high.
        backtest: period_start, forecast.
    """
    x = alt.X("period_start:T", title=None)
    names = ["sold", "forecast", "forecast back then"]

    def series(frame: pd.DataFrame, column: str, name: str) -> alt.Chart:
        named = frame.assign(series=name, units=frame[column].astype(float))
        base = alt.Chart(named[["period_start", "units", "series"]])
        encoded = base.mark_point() if name == names[2] else base.mark_line(point=True)
        return encoded.encode(
            x=x,
            y=alt.Y("units:Q", title="Units"),
            color=_color("series", names),
            tooltip=[
                alt.Tooltip("period_start:T"),
                "series:N",
                alt.Tooltip("units:Q", format=",.1f"),
            ],
        )

    interval = (
        alt.Chart(forecast)
        .mark_area(opacity=0.25, color=ORANGE)
        .encode(x=x, y="low:Q", y2="high:Q")
    )
    return alt.layer(
        interval,
        series(history, "units", names[0]),
        series(forecast, "mean", names[1]),
        series(backtest, "forecast", names[2]),
    )


def draw_flows(centers: pd.DataFrame, regions: pd.DataFrame, flows: pd.DataFrame) -> Drawing:
    """Centres, regions and what goes between them, by longitude and latitude.

    Args:
        centers: name, latitude, longitude, units.
        regions: name, latitude, longitude, units.
        flows: from_name, to_name, from_latitude, from_longitude, to_latitude, to_longitude, units,
            kind: shipment or transfer.
    """
    kinds = ["shipment", "transfer"]
    close = alt.Scale(zero=False)
    lines = (
        alt.Chart(flows)
        .mark_rule(opacity=0.6)
        .encode(
            x=alt.X("from_longitude:Q", title="Longitude", scale=close),
            y=alt.Y("from_latitude:Q", title="Latitude", scale=close),
            x2="to_longitude:Q",
            y2="to_latitude:Q",
            size=alt.Size("units:Q", scale=alt.Scale(range=[0.5, 9]), legend=None),
            color=_color("kind", kinds),
            strokeDash=_dash("kind", kinds),
            tooltip=["from_name", "to_name", alt.Tooltip("units:Q", format=",.1f"), "kind"],
        )
    )

    def points(frame: pd.DataFrame, shape: str, color: str) -> Drawing:
        base = alt.Chart(frame).encode(
            x=alt.X("longitude:Q", title="Longitude", scale=close),
            y=alt.Y("latitude:Q", title="Latitude", scale=close),
        )
        dots = base.mark_point(shape=shape, size=140, filled=True, color=color).encode(
            tooltip=["name", alt.Tooltip("units:Q", format=",.1f")]
        )
        return alt.layer(dots, base.mark_text(dy=-13, fontSize=11).encode(text="name:N"))

    return alt.layer(
        lines, points(regions, "circle", GREEN), points(centers, "square", RED)
    ).properties(height=560)


def draw_frontier(frame: pd.DataFrame, x: str, y: str) -> Drawing:
    """A line per policy through its settings; the one chosen in training is a large dot."""
    policies = sorted(set(frame["policy"]))
    base = alt.Chart(frame).encode(
        x=alt.X(f"{x}:Q", title=label(x), scale=alt.Scale(zero=False)),
        y=alt.Y(f"{y}:Q", title=label(y), scale=alt.Scale(zero=False)),
        color=_color("policy", policies),
        tooltip=["policy", "setting", x, y],
    )
    chosen = base.transform_filter("datum.is_chosen").mark_point(size=160, filled=True)
    return alt.layer(base.mark_line(point=True).encode(order="setting:Q"), chosen)
