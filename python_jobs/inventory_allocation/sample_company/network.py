"""Fulfilment centres, regions and the lanes between them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from inventory_allocation.sample_company.clock import FloatArray, IntArray, stream
from inventory_allocation.sample_company.scales import Scale

# id, city, latitude, longitude
CENTRES = (
    ("FC-RTM", "Rotterdam", 51.92, 4.48),
    ("FC-LEJ", "Leipzig", 51.34, 12.37),
    ("FC-LYS", "Lyon", 45.76, 4.84),
    ("FC-VRN", "Verona", 45.44, 10.99),
    ("FC-LCJ", "Łódź", 51.76, 19.46),
    ("FC-ZAZ", "Zaragoza", 41.65, -0.89),
    ("FC-GOT", "Göteborg", 57.71, 11.97),
    ("FC-BUD", "Budapest", 47.50, 19.04),
    ("FC-CVT", "Coventry", 52.41, -1.51),
    ("FC-OTP", "Bucharest", 44.43, 26.10),
    ("FC-ATH", "Athens", 37.98, 23.73),
    ("FC-TLL", "Tallinn", 59.44, 24.75),
)

# city, latitude, longitude, millions of people
CITIES = (
    ("Paris", 48.86, 2.35, 11.0),
    ("Berlin", 52.52, 13.41, 4.5),
    ("München", 48.14, 11.58, 2.9),
    ("Amsterdam", 52.37, 4.90, 2.9),
    ("Hamburg", 53.55, 9.99, 2.5),
    ("Milan", 45.46, 9.19, 4.3),
    ("Rome", 41.90, 12.50, 4.2),
    ("Warsaw", 52.23, 21.01, 3.1),
    ("Vienna", 48.21, 16.37, 2.9),
    ("Barcelona", 41.39, 2.17, 5.2),
    ("Marseille", 43.30, 5.37, 1.9),
    ("Kraków", 50.06, 19.94, 1.5),
    ("Madrid", 40.42, -3.70, 6.7),
    ("Stockholm", 59.33, 18.07, 2.4),
    ("Copenhagen", 55.68, 12.57, 2.1),
    ("Budapest", 47.50, 19.04, 2.5),
    ("Prague", 50.08, 14.44, 2.2),
    ("Lisbon", 38.72, -9.14, 2.9),
    ("Brussels", 50.85, 4.35, 2.1),
    ("Toulouse", 43.60, 1.44, 1.5),
    ("London", 51.51, -0.13, 14.0),
    ("Manchester", 53.48, -2.24, 2.8),
    ("Dublin", 53.35, -6.26, 1.9),
    ("Athens", 37.98, 23.73, 3.2),
    ("Bucharest", 44.43, 26.10, 2.3),
    ("Sofia", 42.70, 23.32, 1.5),
    ("Helsinki", 60.17, 24.94, 1.5),
    ("Riga", 56.95, 24.11, 0.9),
    ("Oslo", 59.91, 10.75, 1.5),
    ("Zagreb", 45.81, 15.98, 1.1),
)

EARTH_RADIUS_KM = 6_371.0


@dataclass(frozen=True)
class Network:
    """Places and lanes.

    Attributes:
        centres: Contract columns without capacities and costs.
        regions: Contract columns of `regions`.
        lanes: Contract columns of `lanes` without `capacity_units`, sorted centre by centre.
        transfer_lanes: Contract columns of `transfer_lanes`.
        preference: Centres from the cheapest lane to the dearest; shape (regions, centres).
        home: Nearest centre of each region; shape (regions,).
        weight: Share of customers in each region; shape (regions,).
    """

    centres: pd.DataFrame
    regions: pd.DataFrame
    lanes: pd.DataFrame
    transfer_lanes: pd.DataFrame
    preference: IntArray
    home: IntArray
    weight: FloatArray


def distance_km(
    latitude: FloatArray,
    longitude: FloatArray,
    other_latitude: FloatArray,
    other_longitude: FloatArray,
) -> FloatArray:
    """Great-circle distance between all pairs, in kilometres; shape (first, second)."""
    a, b = np.radians(latitude)[:, None], np.radians(other_latitude)[None, :]
    east = np.radians(other_longitude)[None, :] - np.radians(longitude)[:, None]
    chord = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(east / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(chord)))


def build_network(scale: Scale, seed: int) -> Network:
    """Places and lanes of the company; lane costs grow with distance."""
    rng = stream(seed, "network")
    centres = pd.DataFrame(
        CENTRES[: scale.centres], columns=["fc_id", "fc_name", "latitude", "longitude"]
    )
    cities = pd.DataFrame(
        CITIES[: scale.regions], columns=["region_name", "latitude", "longitude", "people"]
    )
    here = centres["latitude"].to_numpy(), centres["longitude"].to_numpy()
    km = distance_km(*here, cities["latitude"].to_numpy(), cities["longitude"].to_numpy())
    home = km.argmin(axis=0)
    home_km = km.min(axis=0)
    regions = pd.DataFrame(
        {
            "region_id": [f"R{number:02d}" for number in range(1, scale.regions + 1)],
            "region_name": cities["region_name"],
            "latitude": cities["latitude"],
            "longitude": cities["longitude"],
            "home_fc_id": centres["fc_id"].to_numpy()[home],
            "sla_days": 2 + (home_km > 250).astype(int) + (home_km > 450),
        }
    )
    cost = np.round((2.5 + 0.004 * km) * rng.uniform(0.98, 1.02, km.shape), 2)
    weight = cities["people"].to_numpy(dtype=np.float64) ** 0.6
    return Network(
        centres=centres,
        regions=regions,
        lanes=_lanes(centres, regions, km, cost),
        transfer_lanes=_transfer_lanes(centres, distance_km(*here, *here), scale, rng),
        preference=np.lexsort((km.T, cost.T), axis=1),
        home=home,
        weight=weight / weight.sum(),
    )


def _lanes(
    centres: pd.DataFrame, regions: pd.DataFrame, km: FloatArray, cost: FloatArray
) -> pd.DataFrame:
    flat = km.ravel()
    return pd.DataFrame(
        {
            "fc_id": np.repeat(centres["fc_id"].to_numpy(), len(regions)),
            "region_id": np.tile(regions["region_id"].to_numpy(), len(centres)),
            "cost_per_unit": cost.ravel(),
            "cost_per_kg": np.round(0.05 + 0.0001 * flat, 2),
            "transit_days": 1 + flat // 600,
            "carbon_kg_per_unit": np.round(0.12 + 0.0006 * flat, 3),
        }
    )


def _transfer_lanes(
    centres: pd.DataFrame, km: FloatArray, scale: Scale, rng: np.random.Generator
) -> pd.DataFrame:
    """Lanes from each centre to its two nearest: one by the parcel, one by the truck."""
    away = np.where(np.eye(len(centres), dtype=bool), np.inf, km)
    receiver = np.argsort(away, axis=1, kind="stable")[:, :2].ravel()
    sender = np.repeat(np.arange(len(centres)), 2)
    far = km[sender, receiver]
    reach = far / km.max()
    by_truck = np.tile([False, True], len(centres))
    ids = centres["fc_id"].to_numpy()
    return pd.DataFrame(
        {
            "from_fc_id": ids[sender],
            "to_fc_id": ids[receiver],
            "cost_per_unit": np.round(np.where(by_truck, 0.1, 0.25) + 0.4 * reach, 2),
            "fixed_cost": np.where(
                by_truck, np.round(scale.truck_price * (150 + 250 * reach), 0), 0.0
            ),
            "truck_capacity_m3": np.where(
                by_truck, scale.truck_size * rng.choice([30.0, 45.0, 60.0], len(far)), np.nan
            ),
            "transit_days": 1 + np.minimum(far // 500, 3),
            "capacity_units": np.nan,
        }
    ).sort_values(["from_fc_id", "to_fc_id"], ignore_index=True)
