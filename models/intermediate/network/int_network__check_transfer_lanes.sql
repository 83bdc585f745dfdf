-- One row per transfer lane of the staging model, with references checked as well.
with

transfer_lanes as (
    select * from {{ ref('stg_raw__transfer_lanes') }}
),

centers as (
    select fc_id from {{ ref('dim_fulfillment_centers') }}
),

final as (
    select
        transfer_lanes.*,
        case
            when transfer_lanes.rejection_reason is not null
                then transfer_lanes.rejection_reason
            when
                transfer_lanes.from_fc_id not in (select centers.fc_id from centers)
                or transfer_lanes.to_fc_id not in (select centers.fc_id from centers)
                then 'unknown_reference'
        end as final_rejection_reason
    from transfer_lanes
)

select * from final
