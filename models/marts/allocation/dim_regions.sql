-- One row per demand region, with the centre that serves it by default.
with

regions as (
    select * from {{ ref('int_network__list_regions') }}
),

centers as (
    select * from {{ ref('dim_fulfillment_centers') }}
),

lanes as (
    select * from {{ ref('int_network__derive_lanes') }}
),

rank_lanes as (
    select
        region_id,
        fc_id,
        row_number() over (
            partition by region_id
            order by cost_per_unit + cost_per_kg, transit_days, fc_id
        ) as cost_rank
    from lanes
),

final as (
    select
        {{ cast_to('regions.region_id', 'string') }} as region_id,
        {{ cast_to('regions.region_name', 'string') }} as region_name,
        regions.latitude,
        regions.longitude,
        {{ cast_to('coalesce(centers.fc_id, rank_lanes.fc_id)', 'string') }} as home_fc_id,
        {{ cast_to(
            'coalesce(regions.sla_days, ' ~ var('default_sla_days') ~ ')', 'integer'
        ) }} as sla_days,
        regions.is_inferred
    from regions
    left join centers
        on regions.home_fc_id = centers.fc_id
    left join rank_lanes
        on
            regions.region_id = rank_lanes.region_id
            and rank_lanes.cost_rank = 1
)

select * from final
