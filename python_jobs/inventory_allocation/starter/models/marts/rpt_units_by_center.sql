-- One row per centre and period: what the plan in force ships from there. An example, to be changed.
with

plan as (
    select * from {{ ref('inventory_allocation', 'fct_allocation_plan') }}
),

final as (
    select
        fc_id,
        period_start,
        sum(units) as units,
        count(distinct region_id) as regions_served
    from plan
    group by fc_id, period_start
)

select * from final
