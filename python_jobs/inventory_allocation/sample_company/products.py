"""Products, what they cost, and the hidden life each one leads."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from inventory_allocation.sample_company.clock import (
    WEEKS,
    BoolArray,
    FloatArray,
    IntArray,
    TextArray,
    stream,
)
from inventory_allocation.sample_company.scales import Scale

# name, code, season, things it sells
CATEGORIES = (
    ("Toys & Games", "TOY", "christmas", ("Puzzle", "Kite", "Train Set", "Card Game", "Robot")),
    ("Garden", "GAR", "summer", ("Hose", "Planter", "Parasol", "Lantern", "Trowel")),
    ("Home & Kitchen", "HOM", "christmas", ("Mug", "Candle", "Pan", "Blanket", "Kettle")),
    ("Sports", "SPO", "summer", ("Ball", "Bottle", "Tent", "Racket", "Towel")),
    ("Beauty", "BEA", "flat", ("Soap", "Cream", "Brush", "Balm", "Mirror")),
    ("Tea & Coffee", "TEA", "flat", ("Green Tea", "Espresso", "Cocoa", "Chai", "Filter Roast")),
    ("Books", "BOO", "christmas", ("Atlas", "Novel", "Cookbook", "Diary", "Guide")),
    ("Pets", "PET", "flat", ("Leash", "Bed", "Bowl", "Treats", "Scratcher")),
)
ADJECTIVES = ("Amber", "Nordic", "Classic", "Little", "Bright", "Urban", "Vintage", "Alpine")
CODE_ODDITIES = ("{0}-Ü{1}", "茶-{1}", "{0}'S-{1}", '{0}-{1}"', "{0};{1}")
ROLES = {"intermittent": 0.10, "lumpy": 0.07, "new": 0.12, "dying": 0.08}
SHORT_SHARE = 0.07
PERISHABLE = "Tea & Coffee"


@dataclass(frozen=True)
class Products:
    """Products in the order of their SKU codes; every array has shape (skus,).

    Attributes:
        frame: Contract columns of `products`.
        role: regular, intermittent, lumpy, new or dying.
        season: christmas, summer or flat.
        rate: Relative weekly volume when on sale, before season.
        launch_week: First week on sale; 0 or before the history for most.
        last_week: Last week with demand; beyond the history for most.
        list_price: Price of one unit without promotion.
        is_short: Whether its supply dries up before the end of the history.
    """

    frame: pd.DataFrame
    role: TextArray
    season: TextArray
    rate: FloatArray
    launch_week: IntArray
    last_week: IntArray
    list_price: FloatArray
    is_short: BoolArray


def build_products(scale: Scale, seed: int) -> Products:
    """Products of the company: heavy-tailed volumes, some new, dying or rarely sold."""
    rng = stream(seed, "products")
    count = scale.skus
    category = np.arange(count) % scale.categories
    codes = _codes(category)
    order = np.argsort(codes.astype(str), kind="stable")
    codes, category = codes[order], category[order]
    role = _roles(count, rng)

    launch = np.where(role == "new", rng.integers(56, 136, count), 0)
    last = np.where(role == "dying", rng.integers(WEEKS - 40, WEEKS - 14, count), WEEKS + 99)
    rate = np.exp(rng.normal(0.0, 1.0, count))
    rate = np.where(role == "intermittent", 0.25 * np.minimum(rate, 1.5), rate)
    rate = np.where(role == "lumpy", 0.15 * np.minimum(rate, 2.0), rate)
    rate = np.where(np.isin(role, ["new", "dying"]), np.clip(rate, 0.6, 2.0), rate)

    unit_cost = np.round(np.clip(np.exp(rng.normal(2.4, 0.7, count)), 1.5, 120.0), 2)
    volume = np.round(np.clip(np.exp(rng.normal(-3.9, 0.8, count)), 0.001, 0.05), 4)
    names = np.array([item[0] for item in CATEGORIES], dtype=object)[category]
    frame = pd.DataFrame(
        {
            "sku": codes,
            "product_name": _names(category, rng),
            "category": names,
            "unit_cost": unit_cost,
            "unit_volume_m3": volume,
            "unit_weight_kg": np.round(volume * rng.uniform(60, 200, count), 2).clip(0.05),
            "pack_size": rng.choice([1, 4, 6, 12, 24], count, p=[0.3, 0.25, 0.2, 0.15, 0.1]),
            "shelf_life_days": np.where(
                names == PERISHABLE, rng.choice([90.0, 180.0, 365.0], count), np.nan
            ),
        }
    )
    candidates = np.flatnonzero((role == "regular") & (rate > np.median(rate)))
    is_short = np.zeros(count, dtype=bool)
    is_short[rng.choice(candidates, max(3, round(SHORT_SHARE * count)), replace=False)] = True
    return Products(
        frame=frame,
        role=role,
        season=np.array([item[2] for item in CATEGORIES], dtype=object)[category],
        rate=rate,
        launch_week=launch,
        last_week=last,
        list_price=np.round(unit_cost * rng.uniform(1.6, 2.8, count), 2),
        is_short=is_short,
    )


def _codes(category: IntArray) -> TextArray:
    codes = np.array(
        [f"{CATEGORIES[item][1]}-{number:04d}" for number, item in enumerate(category, start=1)],
        dtype=object,
    )
    # Real catalogues hold codes that break naive quoting and encoding.
    for number, pattern in enumerate(CODE_ODDITIES, start=7):
        codes[number - 1] = pattern.format(CATEGORIES[category[number - 1]][1], f"{number:04d}")
    return codes


def _names(category: IntArray, rng: np.random.Generator) -> list[str]:
    things = [CATEGORIES[item][3] for item in category]
    adjective = rng.integers(0, len(ADJECTIVES), len(category))
    thing = rng.integers(0, 5, len(category))
    return [
        f"{ADJECTIVES[a]} {options[t]} No. {number}"
        for number, (options, a, t) in enumerate(zip(things, adjective, thing, strict=True), 1)
    ]


def _roles(count: int, rng: np.random.Generator) -> TextArray:
    role = np.full(count, "regular", dtype=object)
    shuffled = rng.permutation(count)
    start = 0
    for name, share in ROLES.items():
        stop = start + max(3, round(share * count))
        role[shuffled[start:stop]] = name
        start = stop
    return role
