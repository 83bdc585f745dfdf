-- One row per segment, SKU, region and period with a sale or return.
with

transactions as (
    select * from {{ ref('fct_transactions') }}
),

segments as (
    select * from {{ ref('dim_customer_segments') }}
),

final as (
    select
        coalesce(segments.segment, 'unassigned') as segment,
        transactions.sku,
        transactions.region_id,
        transactions.period_start,
        sum(
            case when transactions.quantity > 0 then transactions.quantity else 0 end
        ) as units,
        sum(
            case when transactions.quantity < 0 then -transactions.quantity else 0 end
        ) as returned_units,
        sum(
            case when transactions.quantity > 0 then transactions.revenue else 0 end
        ) as revenue
    from transactions
    left join segments
        on transactions.customer_id = segments.customer_id
    group by
        coalesce(segments.segment, 'unassigned'),
        transactions.sku,
        transactions.region_id,
        transactions.period_start
)

select * from final
