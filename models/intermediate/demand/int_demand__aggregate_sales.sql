-- One row per segment, SKU, region and complete period with a sale or return.
with

transactions as (
    select * from {{ ref('fct_transactions') }}
),

segments as (
    select * from {{ ref('dim_customer_segments') }}
),

calendar as (
    select * from {{ ref('int_calendar__determine_as_of') }}
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
    cross join calendar
    left join segments
        on transactions.customer_id = segments.customer_id
    where transactions.period_start <= calendar.last_complete_period_start
    group by
        coalesce(segments.segment, 'unassigned'),
        transactions.sku,
        transactions.region_id,
        transactions.period_start
)

select * from final
