-- One row per flow of the plan in force within this horizon. Empty unless changes have a price or
-- periods are frozen. A view, so that the job sees the plan that is in force when it plans.
{{ config(materialized='view') }}

with

runs as (
    select run_id from {{ ref('int_allocation__state_runs') }}
    where
        state = 'in_force'
        and {{ var('change_cost_per_unit') }} + {{ var('frozen_periods') }} > 0
),

periods as (
    select * from {{ ref('int_allocation__periods') }}
),

shipments as (
    select * from {{ ref('stg_planning__plan_shipments') }}
),

transfers as (
    select * from {{ ref('stg_planning__plan_transfers') }}
),

orders as (
    select * from {{ ref('stg_planning__plan_orders') }}
),

union_flows as (
    select
        run_id,
        'shipment' as kind,
        region_id as other_end_id,
        fc_id,
        {{ cast_to('null', 'string') }} as to_fc_id,
        region_id,
        {{ cast_to('null', 'string') }} as supplier_id,
        sku,
        period_start,
        units
    from shipments
    union all
    select
        run_id,
        'transfer' as kind,
        to_fc_id as other_end_id,
        from_fc_id as fc_id,
        to_fc_id,
        {{ cast_to('null', 'string') }} as region_id,
        {{ cast_to('null', 'string') }} as supplier_id,
        sku,
        period_start,
        units
    from transfers
    union all
    select
        run_id,
        'order' as kind,
        supplier_id as other_end_id,
        fc_id,
        {{ cast_to('null', 'string') }} as to_fc_id,
        {{ cast_to('null', 'string') }} as region_id,
        supplier_id,
        sku,
        period_start,
        units
    from orders
),

-- Segments of a region are one flow.
final as (
    select
        flows.kind,
        flows.fc_id,
        flows.other_end_id,
        flows.to_fc_id,
        flows.region_id,
        flows.supplier_id,
        flows.sku,
        periods.period_index,
        sum(flows.units) as units
    from union_flows as flows
    inner join runs
        on flows.run_id = runs.run_id
    inner join periods
        on flows.period_start = periods.period_start
    group by
        flows.kind,
        flows.fc_id,
        flows.other_end_id,
        flows.to_fc_id,
        flows.region_id,
        flows.supplier_id,
        flows.sku,
        periods.period_index
)

select * from final
