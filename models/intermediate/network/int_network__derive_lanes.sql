-- One row per lane from a centre to a region. With no lanes given, distance makes them.
with

lanes as (
    select *
    from {{ ref('int_network__check_lanes') }}
    where final_rejection_reason is null
),

centers as (
    select * from {{ ref('dim_fulfillment_centers') }}
),

regions as (
    select * from {{ ref('int_network__list_regions') }}
),

pair_ends as (
    select
        centers.fc_id,
        regions.region_id,
        {{ distance_km(
            'centers.latitude', 'centers.longitude', 'regions.latitude', 'regions.longitude'
        ) }} as distance_km,
        coalesce(regions.sla_days, {{ var('default_sla_days') }}) as sla_days
    from centers
    cross join regions
),

estimate_lanes as (
    select
        *,
        {{ round_to_decimal(
            var('lane_cost_base') ~ ' + ' ~ var('lane_cost_per_km') ~ ' * distance_km', 4
        ) }} as estimated_cost_per_unit,
        1 + floor(distance_km / {{ var('lane_km_per_day') }}) as estimated_transit_days
    from pair_ends
),

count_lanes as (
    select count(*) as lane_count from lanes
),

final as (
    select
        estimate_lanes.fc_id,
        estimate_lanes.region_id,
        case
            when lanes.cost_per_unit is null and lanes.cost_per_kg is null
                then {{ cast_to('estimate_lanes.estimated_cost_per_unit', 'numeric') }}
            else coalesce(lanes.cost_per_unit, 0)
        end as cost_per_unit,
        coalesce(lanes.cost_per_kg, 0) as cost_per_kg,
        coalesce(
            lanes.transit_days,
            {{ cast_to('estimate_lanes.estimated_transit_days', 'numeric') }},
            estimate_lanes.sla_days
        ) as transit_days,
        lanes.capacity_units,
        lanes.carbon_kg_per_unit,
        estimate_lanes.sla_days,
        estimate_lanes.distance_km,
        lanes.fc_id is null as is_estimated
    from estimate_lanes
    cross join count_lanes
    left join lanes
        on
            estimate_lanes.fc_id = lanes.fc_id
            and estimate_lanes.region_id = lanes.region_id
    where
        lanes.fc_id is not null
        or (count_lanes.lane_count = 0 and estimate_lanes.distance_km is not null)
)

select *
from final
where cost_per_unit is not null
