-- One row per supplier, centre, SKU and period: what to order.
with

current_run as (
    select * from {{ ref('int_allocation__choose_current_run') }}
),

orders as (
    select * from {{ ref('stg_planning__plan_orders') }}
),

final as (
    select
        {{ cast_to('orders.run_id', 'string') }} as run_id,
        {{ cast_to('orders.supplier_id', 'string') }} as supplier_id,
        {{ cast_to('orders.fc_id', 'string') }} as fc_id,
        {{ cast_to('orders.sku', 'string') }} as sku,
        {{ cast_to('orders.period_start', 'date') }} as period_start,
        {{ cast_to('orders.units', 'numeric') }} as units,
        {{ cast_to('orders.order_multiples', 'integer') }} as order_multiples,
        {{ cast_to('orders.cost', 'numeric') }} as cost,
        {{ cast_to('orders.due_on', 'date') }} as due_on
    from orders
    inner join current_run
        on orders.run_id = current_run.run_id
)

select * from final
