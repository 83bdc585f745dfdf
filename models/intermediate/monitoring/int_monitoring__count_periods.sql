-- One row per measure, value and complete period of the last two years: order lines, customers, and
-- units by region and category; and how many of them were refused, or bought for the first time.
with

transactions as (
    select * from {{ ref('fct_transactions') }}
),

refused as (
    select *
    from {{ ref('int_sales__refuse_transactions') }}
    where ordered_at is not null
),

products as (
    select * from {{ ref('dim_products') }}
),

calendar as (
    select
        last_complete_period_start,
        {{ add_periods('last_complete_period_start', '-' ~ 2 * periods_per_year() | int) }}
            as first_period_start
    from {{ ref('int_calendar__determine_as_of') }}
),

list_lines as (
    select
        period_start,
        0 as is_refused
    from transactions
    union all
    select
        {{ period_start('cast(ordered_at as date)') }} as period_start,
        1 as is_refused
    from refused
),

count_lines as (
    select
        'order_lines' as measure,
        'all' as entity,
        period_start,
        count(*) as units,
        sum(is_refused) as part_units
    from list_lines
    group by period_start
),

list_buyers as (
    select distinct
        customer_id,
        period_start
    from transactions
    where
        quantity > 0
        and customer_id is not null
),

number_purchases as (
    select
        period_start,
        row_number() over (partition by customer_id order by period_start) as purchase_number
    from list_buyers
),

count_customers as (
    select
        'customers' as measure,
        'all' as entity,
        period_start,
        count(*) as units,
        sum(case when purchase_number = 1 then 1 else 0 end) as part_units
    from number_purchases
    group by period_start
),

sum_regions as (
    select
        'region' as measure,
        region_id as entity,
        period_start,
        sum(quantity) as units,
        0 as part_units
    from transactions
    where quantity > 0
    group by region_id, period_start
),

sum_categories as (
    select
        'category' as measure,
        products.category as entity,
        transactions.period_start,
        sum(transactions.quantity) as units,
        0 as part_units
    from transactions
    inner join products
        on transactions.sku = products.sku
    where transactions.quantity > 0
    group by products.category, transactions.period_start
),

unite as (
    select * from count_lines
    union all
    select * from count_customers
    union all
    select * from sum_regions
    union all
    select * from sum_categories
),

final as (
    select
        unite.measure,
        coalesce(unite.entity, 'none') as entity,
        unite.period_start,
        {{ cast_to('unite.units', 'integer') }} as units,
        {{ cast_to('unite.part_units', 'integer') }} as part_units
    from unite
    inner join calendar
        on
            unite.period_start <= calendar.last_complete_period_start
            and unite.period_start >= calendar.first_period_start
)

select * from final
