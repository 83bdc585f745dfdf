"""The sample company holds what it promises: planted effects, dirty rows, stable bytes."""

import filecmp
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from inventory_allocation.jobs.generate import write_company
from inventory_allocation.sample_company.contract import RAW_COLUMNS, RAW_KEYS
from inventory_allocation.sample_company.generate import (
    Company,
    expect_demand,
    generate_company,
)

SEED = 7
END = pd.Timestamp("2026-06-29")
SEED_LIMIT_BYTES = 8_000_000
REPOSITORY = Path(__file__).parents[3]
REASONS = {
    "null_key",
    "duplicate",
    "conflicting_duplicate",
    "unknown_reference",
    "negative_price",
    "not_a_number",
    "absurd_quantity",
    "future_date",
    "too_old",
    "out_of_range",
}


@pytest.fixture(scope="module")
def company() -> Company:
    return generate_company("small", SEED)


@pytest.fixture(scope="module")
def written(company: Company, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("company")
    write_company(company, directory)
    return directory


@pytest.fixture(scope="module")
def clean(company: Company) -> pd.DataFrame:
    """Transactions that a correct reader accepts, written here without the generator's help."""
    rows = company.raw["transactions"]
    required = ["order_id", "order_line", "ordered_at", "sku", "quantity", "unit_price"]
    rows = rows[rows[required].notna().all(axis=1)]
    price = rows["unit_price"].to_numpy(dtype="float64")
    rows = rows[np.isfinite(price) & (price >= 0)]
    rows = rows[(rows["quantity"] <= 100_000) & rows["ordered_at"].between("1990-01-01", END)]
    rows = rows.drop_duplicates()
    return rows[~rows.duplicated(["order_id", "order_line"], keep=False)]


@pytest.fixture(scope="module")
def sales(clean: pd.DataFrame) -> pd.DataFrame:
    return clean[clean["quantity"] > 0].assign(week_start=lambda rows: _monday(rows["ordered_at"]))


@pytest.fixture(scope="module")
def demand(company: Company) -> pd.DataFrame:
    return company.truth["true_demand"]


def _monday(moments: pd.Series) -> pd.Series:
    days = moments.dt.normalize()
    return days - pd.to_timedelta(days.dt.dayofweek, unit="D")


def _sunday_stock(company: Company) -> pd.DataFrame:
    """Clean snapshots: one row per Sunday, centre and SKU."""
    stock = company.raw["inventory_snapshots"].dropna(subset=["fc_id", "sku"]).drop_duplicates()
    ghosts = (stock["fc_id"] == "FC-GHOST") | (stock["sku"] == "SKU-GHOST")
    return stock[(stock["on_hand_units"] >= 0) & ~ghosts]


def _planted(company: Company, fact: str) -> pd.DataFrame:
    planted = company.truth["planted"]
    return planted[planted["fact"] == fact]


def _weekly(demand: pd.DataFrame, skus: pd.Series | None = None) -> pd.DataFrame:
    """True demand in units, one row per week and one column per SKU."""
    chosen = demand if skus is None else demand[demand["sku"].isin(skus)]
    weeks = pd.date_range("2023-07-03", periods=156, freq="7D")
    table = chosen.pivot_table(
        index="week_start", columns="sku", values="demanded_units", aggfunc="sum"
    )
    return table.reindex(weeks).astype("float64").fillna(0.0)


# The contract


def test_tables_match_the_source_file(company: Company) -> None:
    source = yaml.safe_load((REPOSITORY / "models/staging/raw/_raw__sources.yml").read_text())
    types = {"string": "text"}
    expected = {
        table["name"]: {
            column["name"]: types.get(column["data_type"], column["data_type"])
            for column in table["columns"]
        }
        for table in source["sources"][0]["tables"]
    }
    assert expected == RAW_COLUMNS
    for table, columns in RAW_COLUMNS.items():
        assert list(company.raw[table].columns) == list(columns)


def test_rows_are_sorted_by_key(company: Company) -> None:
    for table, keys in RAW_KEYS.items():
        frame = company.raw[table]
        by_key = frame.sort_values(list(keys), kind="stable", ignore_index=True)
        pd.testing.assert_frame_equal(frame, by_key)


def test_unknown_scale_is_refused() -> None:
    with pytest.raises(ValueError, match="small, medium, large"):
        generate_company("huge", SEED)


# Files


def test_same_seed_gives_the_same_bytes(written: Path, tmp_path: Path) -> None:
    write_company(generate_company("small", SEED), tmp_path)
    names = sorted(path.relative_to(written).as_posix() for path in written.rglob("*.csv"))
    _, different, missing = filecmp.cmpfiles(written, tmp_path, names, shallow=False)
    assert names
    assert different == []
    assert missing == []


def test_other_seed_gives_another_company(company: Company) -> None:
    other = generate_company("small", SEED + 1)
    assert not other.raw["transactions"].equals(company.raw["transactions"])


def test_small_company_fits_in_the_repository(written: Path) -> None:
    assert sum(path.stat().st_size for path in written.rglob("*.csv")) < SEED_LIMIT_BYTES


def test_csv_keeps_null_nan_and_infinity_apart(written: Path, company: Company) -> None:
    text = (written / "transactions.csv").read_bytes()
    assert b"\r" not in text
    lines = pd.read_csv(written / "transactions.csv", dtype="string", keep_default_na=False)
    prices = lines["unit_price"].value_counts()
    rejected = company.truth["dirty_rows"]
    not_numbers = rejected.loc[rejected["reason"] == "not_a_number", "count"].sum()
    assert prices["NaN"] + prices["inf"] == not_numbers
    assert prices["NaN"] == prices["inf"]
    assert prices[""] == company.raw["transactions"]["unit_price"].isna().sum() > 0
    assert (
        lines["ordered_at"][lines["ordered_at"] != ""]
        .str.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
        .all()
    )


def test_parquet_keeps_types_nulls_and_nan(company: Company, tmp_path: Path) -> None:
    counts = write_company(company, tmp_path, "parquet")
    source = f"read_parquet('{(tmp_path / 'transactions.parquet').as_posix()}')"
    query = f"select count(*), count(unit_price), count(*) filter (isnan(unit_price)) from {source}"
    rows, prices, nans = duckdb.sql(query).fetchall()[0]
    assert rows == counts["transactions"]
    assert rows - prices == company.raw["transactions"]["unit_price"].isna().sum()
    assert nans > 0
    for table in RAW_COLUMNS:
        assert duckdb.sql(f"from '{tmp_path.as_posix()}/{table}.parquet'").fetchall() is not None


def test_unknown_file_format_is_refused(company: Company, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="csv or parquet"):
        write_company(company, tmp_path, "xlsx")  # type: ignore[arg-type]


# Dirt


def test_every_reason_is_planted(company: Company) -> None:
    by_reason = company.truth["dirty_rows"].groupby("reason")["count"].sum()
    assert set(by_reason.index) == REASONS
    assert by_reason.min() >= 3


def test_about_one_percent_of_the_transactions_is_dirty(
    company: Company, clean: pd.DataFrame
) -> None:
    rejected = company.truth["dirty_rows"].query("source_table == 'transactions'")["count"].sum()
    rows = len(company.raw["transactions"])
    assert rows == len(clean) + rejected
    assert rejected / rows == pytest.approx(0.01, abs=0.002)


def test_clean_keys_are_unique_everywhere(company: Company) -> None:
    expected = company.truth["dirty_rows"]
    for table, keys in RAW_KEYS.items():
        frame = company.raw[table]
        repeated = int(frame.dropna(subset=keys[0]).duplicated(list(keys)).sum())
        mine = expected[expected["source_table"] == table].groupby("reason")["count"].sum()
        # A conflicting pair counts twice but repeats its key once.
        planted = mine.get("duplicate", 0) + mine.get("conflicting_duplicate", 0) // 2
        assert repeated == planted, table


def test_only_dirty_rows_name_ghosts(company: Company) -> None:
    products = set(company.raw["products"]["sku"].dropna())
    centres = set(company.raw["fulfillment_centers"]["fc_id"])
    for table in ("lanes", "inventory_snapshots", "inbound_shipments", "suppliers"):
        frame = company.raw[table]
        unknown = ~frame["fc_id"].isin([*centres, None])
        if "sku" in frame:
            unknown |= ~frame["sku"].isin([*products, None])
        if "region_id" in frame:
            unknown |= ~frame["region_id"].isin(company.raw["regions"]["region_id"])
        expected = company.truth["dirty_rows"].query(
            "source_table == @table and reason == 'unknown_reference'"
        )
        assert unknown.sum() == expected["count"].sum() > 0


# Sales and returns


def test_unknown_customers_and_products_still_sell(company: Company, sales: pd.DataFrame) -> None:
    listed = set(company.raw["products"]["sku"].dropna())
    unlisted = sales[~sales["sku"].isin(listed)]
    assert set(unlisted["sku"]) == set(_planted(company, "unlisted_sku")["entity"])
    assert unlisted["sku"].value_counts().min() >= 5
    known = set(company.raw["customers"]["customer_id"].dropna())
    strangers = set(sales["customer_id"].dropna()) - known
    assert strangers == set(_planted(company, "unlisted_customer")["entity"])
    assert sales["customer_id"].isna().mean() == pytest.approx(0.02, abs=0.01)


def test_returns_follow_a_sale(clean: pd.DataFrame, sales: pd.DataFrame) -> None:
    returns = clean[clean["quantity"] < 0]
    assert returns["order_id"].str.startswith("R").all()
    assert len(returns) / len(sales) == pytest.approx(0.04, abs=0.01)
    keys = ["sku", "fc_id", "unit_price"]
    merged = returns.assign(customer_id=returns["customer_id"].fillna("")).merge(
        sales.assign(customer_id=sales["customer_id"].fillna("")), on=[*keys, "customer_id"]
    )
    after = merged[
        (merged["ordered_at_x"] > merged["ordered_at_y"])
        & (-merged["quantity_x"] <= merged["quantity_y"])
    ]
    assert set(after["order_id_x"]) == set(returns["order_id"])


def test_quantities_and_delivery_are_sane(sales: pd.DataFrame) -> None:
    assert sales["quantity"].max() < 500
    assert (sales["quantity"] <= 6).mean() > 0.9
    delivered = sales.dropna(subset="delivered_at")
    assert (delivered["delivered_at"] > delivered["ordered_at"]).all()
    assert 0.02 < (delivered["delivered_at"] > delivered["promised_at"]).mean() < 0.3
    assert sales["delivered_at"].max() < END


# Demand


def test_christmas_and_summer_peaks(company: Company, demand: pd.DataFrame) -> None:
    for season, peak, low in (("christmas", (11, 12), (3, 4)), ("summer", (6, 7), (1, 2))):
        weekly = _weekly(demand, _planted(company, f"season_{season}")["entity"]).sum(axis=1)
        by_month = weekly.groupby(weekly.index.month).mean()
        assert by_month[list(peak)].mean() > 1.4 * by_month[list(low)].mean()


def test_mild_upward_trend(demand: pd.DataFrame) -> None:
    weekly = _weekly(demand).sum(axis=1).to_numpy()
    growth = weekly.reshape(3, 52).sum(axis=1)
    assert 1.02 < growth[2] / growth[1] < 1.3
    assert 1.02 < growth[1] / growth[0] < 1.3


def test_promotions_lift_demand_and_cut_prices(
    company: Company, demand: pd.DataFrame, sales: pd.DataFrame
) -> None:
    promotions = _planted(company, "promotion")
    past = promotions[promotions["week_start"] < END]
    weekly = _weekly(demand, past["entity"])
    promoted = pd.DataFrame(False, index=weekly.index, columns=weekly.columns)
    for week, sku in zip(past["week_start"], past["entity"], strict=True):
        promoted.loc[week, sku] = True
    relative = (weekly / weekly.mean()).to_numpy()
    during = promoted.to_numpy()
    lift = relative[during].mean() / relative[~during].mean()
    assert 1.3 < lift < 3.0

    keys = pd.MultiIndex.from_frame(sales[["week_start", "sku"]])
    cut = keys.isin(list(zip(past["week_start"], past["entity"], strict=True)))
    price = sales["unit_price"].astype("float64")
    usual = price[~cut].groupby(sales["sku"]).median()
    assert (price[cut] / usual.reindex(sales["sku"][cut]).to_numpy()).mean() < 0.9


def test_promotions_are_announced_beyond_the_history(company: Company) -> None:
    signals = company.raw["external_signals"].dropna(subset="value")
    assert (signals["signal_name"] == "promotion").all()
    assert signals["is_known_ahead"].all()
    ahead = signals[signals["signal_date"] >= END]
    assert ahead["signal_date"].max() > END + pd.Timedelta(weeks=8)
    assert ahead["signal_date"].max() < END + pd.Timedelta(weeks=13)


def test_intermittent_and_lumpy_products(company: Company, demand: pd.DataFrame) -> None:
    weekly = _weekly(demand)
    rare = [*_planted(company, "intermittent")["entity"], *_planted(company, "lumpy")["entity"]]
    regular = weekly.drop(columns=rare, errors="ignore")
    assert (weekly[rare] == 0).mean().mean() > 0.6 > (regular == 0).mean().mean()
    lumpy = demand[demand["sku"].isin(_planted(company, "lumpy")["entity"])]
    assert lumpy["demanded_units"].mean() > 3 * demand["demanded_units"].median()


def test_new_products_start_late_and_dying_ones_stop(
    company: Company, demand: pd.DataFrame
) -> None:
    span = demand.groupby("sku")["week_start"].agg(["min", "max"])
    new, dying = _planted(company, "new"), _planted(company, "dying")
    assert len(new) >= 3
    assert len(dying) >= 3
    assert (span.loc[new["entity"], "min"].to_numpy() >= new["week_start"].to_numpy()).all()
    assert new["week_start"].min() > pd.Timestamp("2024-07-01")
    assert (span.loc[dying["entity"], "max"].to_numpy() < dying["week_start"].to_numpy()).all()
    assert dying["week_start"].max() < END - pd.Timedelta(weeks=12)


def test_volumes_are_heavy_tailed(demand: pd.DataFrame) -> None:
    share = demand.groupby("sku")["demanded_units"].sum().astype(float).sort_values()[::-1]
    assert share.head(len(share) // 5).sum() / share.sum() > 0.45


def test_customer_types_can_be_recovered(company: Company, sales: pd.DataFrame) -> None:
    named = sales.dropna(subset="customer_id")
    named = named.assign(revenue=(named["quantity"] * named["unit_price"]).astype("float64"))
    groups = named.groupby("customer_id")
    rfm = pd.DataFrame(
        {
            "recency": np.log1p((END - groups["ordered_at"].max()).dt.days),
            "frequency": np.log(groups["order_id"].nunique()),
            "monetary": np.log(groups["revenue"].sum()),
        }
    )
    quarters = pd.crosstab(named["customer_id"], named["ordered_at"].dt.quarter, normalize="index")
    features = ((rfm - rfm.mean()) / rfm.std()).join(2 * quarters)
    types = company.truth["customer_types"].set_index("customer_id")["customer_type"]
    found = KMeans(5, n_init=5, random_state=0).fit_predict(features.to_numpy(dtype="float64"))
    assert adjusted_rand_score(types[features.index], found) > 0.6


def test_treated_units_order_more(company: Company, demand: pd.DataFrame) -> None:
    units = company.raw["experiments"].query("experiment_id == 'geo-free-delivery'")
    treated = set(units.loc[units["variant"] == "treatment", "unit_id"])
    during = demand["week_start"].between(units["started_on"].min(), units["ended_on"].max())
    in_treatment = demand["region_id"].isin(treated)
    by_cell = demand["demanded_units"].astype("float64").groupby([in_treatment, during]).sum()
    odds = (by_cell[True, True] / by_cell[True, False]) / (
        by_cell[False, True] / by_cell[False, False]
    )
    assert 1.05 < odds < 1.6
    customers = company.raw["experiments"].query("unit_type == 'customer'")
    assert 190 <= len(customers) <= 210


# Stock


def test_sales_are_true_demand_less_what_was_lost(
    demand: pd.DataFrame, sales: pd.DataFrame
) -> None:
    keys = ["week_start", "sku"]
    sold = sales.groupby(keys)["quantity"].sum()
    truth = demand.groupby(keys)[["demanded_units", "lost_units"]].sum()
    served = truth["demanded_units"] - truth["lost_units"]
    assert served[served > 0].equals(sold.reindex(served[served > 0].index))
    assert served.sum() == sold.sum()


def test_expected_demand_is_what_comes_on_average(company: Company, demand: pd.DataFrame) -> None:
    expected = expect_demand("small", SEED)
    keys = ["week_start", "sku", "region_id"]
    came = demand.groupby(keys, as_index=False)["demanded_units"].sum()
    both = expected.merge(came, how="left", on=keys).fillna({"demanded_units": 0})

    def ratio(rows: pd.DataFrame) -> float:
        return float(rows["demanded_units"].sum() / rows["units"].sum())

    assert ratio(both) == pytest.approx(1, abs=0.02)
    for key in ("region_id", both["units"].rank(pct=True).mul(5).round()):
        for _, rows in both.groupby(key):
            assert ratio(rows) == pytest.approx(1, abs=0.1)
    promotions = _planted(company, "promotion").rename(columns={"entity": "sku"})
    promoted = both.merge(promotions[["sku", "week_start"]], on=["sku", "week_start"])
    assert ratio(promoted) == pytest.approx(1, abs=0.1)


def test_demand_is_lost_only_where_every_centre_is_empty(
    company: Company, demand: pd.DataFrame
) -> None:
    stock = _sunday_stock(company)
    on_hand = stock.groupby(["snapshot_date", "sku"])["on_hand_units"].sum()
    lost = demand.groupby(["week_start", "sku"])["lost_units"].sum().reset_index()
    lost["snapshot_date"] = lost["week_start"] + pd.Timedelta(days=6)
    lost = lost.merge(on_hand.reset_index(), on=["snapshot_date", "sku"])
    short = lost["lost_units"] > 0
    assert short.sum() > 20
    assert (lost.loc[short, "on_hand_units"] == 0).all()
    total = demand[["demanded_units", "lost_units"]].sum()
    assert 0.01 < total["lost_units"] / total["demanded_units"] < 0.1


def test_stock_balances_at_every_centre(company: Company, sales: pd.DataFrame) -> None:
    keys = ["week_start", "fc_id", "sku"]
    stock = _sunday_stock(company)
    stock["week_start"] = stock["snapshot_date"] - pd.Timedelta(days=6)
    closing = stock.set_index(keys)["on_hand_units"]
    opening = closing.rename(index=lambda day: day + pd.Timedelta(days=7), level="week_start")
    both = pd.DataFrame({"opening": opening, "closing": closing}).dropna()
    both["received"] = company.truth["receipts"].set_index(keys)["received_units"]
    both["shipped"] = sales.groupby(keys)["quantity"].sum()
    both = both.fillna(0)
    assert len(both) > 10_000
    assert (both["opening"] + both["received"] - both["shipped"] - both["closing"] == 0).all()


def test_final_stock_is_ample_but_badly_placed(company: Company, demand: pd.DataFrame) -> None:
    stock = _sunday_stock(company)
    last = stock[stock["snapshot_date"] == END - pd.Timedelta(days=1)]
    weekly = _weekly(demand).tail(8).mean()
    on_hand = last.groupby("sku")["on_hand_units"].sum().astype("float64")
    selling = weekly[weekly > 0.5].index.intersection(on_hand.index)
    cover = (on_hand / weekly)[selling]
    assert 3 < cover.median() < 7
    short = _planted(company, "short_supply")["entity"]
    assert cover[short].max() < 3
    assert cover[short].min() < 0.5

    regions = company.raw["regions"].drop_duplicates().set_index("region_id")["home_fc_id"]
    recent = demand[demand["week_start"] >= END - pd.Timedelta(weeks=8)]
    need = (
        recent["demanded_units"].astype("float64").groupby(recent["region_id"].map(regions)).sum()
    )
    have = last.groupby("fc_id")["on_hand_units"].sum().astype("float64")
    weeks = (have / (need / 8)).dropna()
    assert weeks.max() > 2 * weeks.min()


def test_outbound_capacity_is_tight(company: Company, demand: pd.DataFrame) -> None:
    centres = company.raw["fulfillment_centers"].set_index("fc_id")
    regions = company.raw["regions"].drop_duplicates().set_index("region_id")["home_fc_id"]
    home = demand["region_id"].map(regions)
    recent = demand["week_start"] >= END - pd.Timedelta(weeks=4)
    flow = demand["demanded_units"].astype("float64")[recent].groupby(home[recent]).sum() / 4
    capacity = centres["outbound_capacity_units"].astype("float64")
    tight = _planted(company, "tight_centre")["entity"].item()
    assert flow[tight] > capacity[tight]
    assert capacity.sum() > flow.sum()


def test_open_orders_arrive_within_four_weeks(company: Company) -> None:
    due = company.raw["inbound_shipments"]["expected_date"]
    assert due.between(END, END + pd.Timedelta(weeks=4)).all()
