-- One row per lane from a centre to a region, as the plan uses it.
with

lanes as (
    select * from {{ ref('int_network__derive_lanes') }}
),

centers as (
    select * from {{ ref('dim_fulfillment_centers') }}
),

final as (
    select
        lanes.fc_id,
        lanes.region_id,
        lanes.cost_per_unit,
        lanes.cost_per_kg,
        centers.handling_cost_per_unit,
        lanes.transit_days,
        lanes.capacity_units,
        lanes.distance_km,
        lanes.carbon_kg_per_unit,
        lanes.transit_days <= lanes.sla_days as is_within_sla
    from lanes
    inner join centers
        on lanes.fc_id = centers.fc_id
)

select * from final
