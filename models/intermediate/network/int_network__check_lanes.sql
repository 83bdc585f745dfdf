-- One row per lane of the staging model, with references checked as well.
with

lanes as (
    select * from {{ ref('stg_raw__lanes') }}
),

centers as (
    select fc_id from {{ ref('dim_fulfillment_centers') }}
),

regions as (
    select region_id from {{ ref('int_network__list_regions') }}
),

final as (
    select
        lanes.*,
        case
            when lanes.rejection_reason is not null
                then lanes.rejection_reason
            when
                lanes.fc_id not in (select centers.fc_id from centers)
                or lanes.region_id not in (select regions.region_id from regions)
                then 'unknown_reference'
        end as final_rejection_reason
    from lanes
)

select * from final
