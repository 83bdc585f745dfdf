-- One row per cleaned order line: who bought, where, and which centre it counts for.
{{ config(materialized='view') }}
with

transactions as (
    select * from {{ ref('fct_transactions') }}
),

regions as (
    select * from {{ ref('dim_regions') }}
),

-- A line that doesn't say who shipped it counts for the home centre of its region.
final as (
    select
        transactions.customer_id,
        transactions.region_id,
        transactions.order_id,
        transactions.quantity,
        transactions.revenue,
        transactions.shipping_cost,
        transactions.promised_at,
        transactions.delivered_at,
        transactions.is_late,
        transactions.ordered_date,
        coalesce(transactions.fc_id, regions.home_fc_id) as shipping_fc_id
    from transactions
    left join regions
        on transactions.region_id = regions.region_id
)

select * from final
