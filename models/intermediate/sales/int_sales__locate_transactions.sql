-- One row per accepted order line, with the region its demand belongs to.
with

transactions as (
    select *
    from {{ ref('stg_raw__transactions') }}
    where rejection_reason is null
),

customers as (
    select *
    from {{ ref('stg_raw__customers') }}
    where rejection_reason is null
),

final as (
    select
        transactions.order_id,
        transactions.order_line,
        transactions.customer_id,
        transactions.sku,
        coalesce(transactions.region_id, customers.region_id, 'unassigned') as region_id,
        transactions.fc_id,
        transactions.quantity,
        transactions.unit_price,
        transactions.shipping_cost,
        transactions.ordered_at,
        transactions.promised_at,
        transactions.delivered_at
    from transactions
    left join customers
        on transactions.customer_id = customers.customer_id
)

select * from final
