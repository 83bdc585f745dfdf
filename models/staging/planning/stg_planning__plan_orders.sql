-- One row per replenishment order, of every run.
with

source as (
    select * from {{ source('planning', 'plan_orders') }}
),

final as (
    select
        run_id,
        supplier_id,
        fc_id,
        sku,
        period_start,
        units,
        order_multiples,
        cost,
        due_on,
        loaded_at
    from source
)

select * from final
