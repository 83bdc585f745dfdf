-- One row per demand of a region and segment for a SKU in a period, of every run.
with

source as (
    select * from {{ source('planning', 'plan_demand') }}
),

final as (
    select
        run_id,
        region_id,
        segment,
        sku,
        period_start,
        demand_units,
        shipped_units,
        unmet_units,
        unmet_cost,
        binding_reason,
        fix,
        loaded_at
    from source
)

select * from final
