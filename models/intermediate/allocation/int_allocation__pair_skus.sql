-- One row per pair of SKUs that orders of the last year often had both of. Empty unless split
-- orders have a price.
with

calendar as (
    select * from {{ ref('int_calendar__determine_as_of') }}
),

transactions as (
    select
        order_id,
        sku,
        ordered_date,
        quantity
    from {{ ref('fct_transactions') }}
    where
        not is_return
        and {{ var('split_order_cost') }} > 0
),

sum_orders as (
    select
        transactions.order_id,
        transactions.sku,
        sum(transactions.quantity) as units
    from transactions
    cross join calendar
    where
        transactions.ordered_date <= calendar.as_of
        and {{ days_between('transactions.ordered_date', 'calendar.as_of') }} < 365
    group by transactions.order_id, transactions.sku
),

sum_skus as (
    select
        sku,
        sum(units) as units
    from sum_orders
    group by sku
),

count_pairs as (
    select
        sum_orders.sku,
        partners.sku as partner_sku,
        count(*) as orders
    from sum_orders
    inner join sum_orders as partners
        on
            sum_orders.order_id = partners.order_id
            and sum_orders.sku < partners.sku
    group by sum_orders.sku, partners.sku
),

rank_pairs as (
    select
        *,
        row_number() over (order by orders desc, sku asc, partner_sku asc) as pair_rank
    from count_pairs
),

final as (
    select
        rank_pairs.sku,
        rank_pairs.partner_sku,
        {{ cast_to('rank_pairs.orders', 'integer') }} as orders,
        {{ share_of('rank_pairs.orders', 'sum_skus.units') }} as order_share,
        {{ share_of('rank_pairs.orders', 'partners.units') }} as partner_order_share
    from rank_pairs
    inner join sum_skus
        on rank_pairs.sku = sum_skus.sku
    inner join sum_skus as partners
        on rank_pairs.partner_sku = partners.sku
    where rank_pairs.pair_rank <= {{ var('paired_skus') }}
)

select * from final
