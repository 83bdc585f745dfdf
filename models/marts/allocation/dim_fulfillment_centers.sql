-- One row per fulfilment centre.
with

centers as (
    select *
    from {{ ref('stg_raw__fulfillment_centers') }}
    where rejection_reason is null
),

final as (
    select
        fc_id,
        coalesce(fc_name, fc_id) as fc_name,
        latitude,
        longitude,
        storage_capacity_m3,
        outbound_capacity_units,
        inbound_capacity_units,
        coalesce(handling_cost_per_unit, 0) as handling_cost_per_unit,
        coalesce(fixed_cost_per_period, 0) as fixed_cost_per_period
    from centers
)

select * from final
