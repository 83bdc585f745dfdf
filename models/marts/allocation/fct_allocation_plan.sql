-- One row per centre, region, segment, SKU and period: what to ship, and why from there.
with

current_run as (
    select * from {{ ref('int_allocation__choose_current_run') }}
),

shipments as (
    select * from {{ ref('stg_planning__plan_shipments') }}
),

final as (
    select
        {{ cast_to('shipments.run_id', 'string') }} as run_id,
        {{ cast_to('shipments.fc_id', 'string') }} as fc_id,
        {{ cast_to('shipments.region_id', 'string') }} as region_id,
        {{ cast_to('shipments.segment', 'string') }} as segment,
        {{ cast_to('shipments.sku', 'string') }} as sku,
        {{ cast_to('shipments.period_start', 'date') }} as period_start,
        {{ cast_to('shipments.units', 'numeric') }} as units,
        {{ cast_to('shipments.shipping_cost', 'numeric') }} as shipping_cost,
        {{ cast_to('shipments.handling_cost', 'numeric') }} as handling_cost,
        {{ cast_to('shipments.transit_days', 'numeric') }} as transit_days,
        {{ cast_to('shipments.is_within_sla', 'boolean') }} as is_within_sla,
        {{ cast_to('shipments.reason_code', 'string') }} as reason_code,
        {{ cast_to('shipments.runner_up_fc_id', 'string') }} as runner_up_fc_id,
        {{ cast_to('shipments.regret', 'numeric') }} as regret
    from shipments
    inner join current_run
        on shipments.run_id = current_run.run_id
)

select * from final
