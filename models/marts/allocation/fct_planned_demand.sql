-- One row per region, segment, SKU and period: what is wanted, what the plan serves, what stands in
-- the way of the rest.
with

current_run as (
    select * from {{ ref('int_allocation__choose_current_run') }}
),

demand as (
    select * from {{ ref('stg_planning__plan_demand') }}
),

final as (
    select
        {{ cast_to('demand.run_id', 'string') }} as run_id,
        {{ cast_to('demand.region_id', 'string') }} as region_id,
        {{ cast_to('demand.segment', 'string') }} as segment,
        {{ cast_to('demand.sku', 'string') }} as sku,
        {{ cast_to('demand.period_start', 'date') }} as period_start,
        {{ cast_to('demand.demand_units', 'numeric') }} as demand_units,
        {{ cast_to('demand.shipped_units', 'numeric') }} as shipped_units,
        {{ cast_to('demand.unmet_units', 'numeric') }} as unmet_units,
        {{ cast_to('demand.unmet_cost', 'numeric') }} as unmet_cost,
        {{ cast_to('demand.binding_reason', 'string') }} as binding_reason,
        {{ cast_to('demand.fix', 'string') }} as fix
    from demand
    inner join current_run
        on demand.run_id = current_run.run_id
)

select * from final
