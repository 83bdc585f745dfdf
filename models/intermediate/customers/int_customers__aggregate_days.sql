-- One row per customer and day with an order line: what was bought and returned on it.
-- depends_on: {{ ref('int_customers__list_changed') }}
{{ config(
    materialized='incremental' if replaces_rows_at_once() else 'table',
    on_schema_change='fail',
    pre_hook="{{ delete_changed_customers() }}"
) }}
{% set pi = 'acos(-1)' %}
with

transactions as (
    select transactions.*
    from {{ ref('fct_transactions') }} as transactions
    {% if builds_changed_customers() %}
    inner join {{ ref('int_customers__list_changed') }} as changed_customers
        on transactions.customer_id = changed_customers.customer_id
    {% endif %}
    where transactions.customer_id is not null
),

products as (
    select * from {{ ref('dim_products') }}
),

-- An order or category counts on the first day it is seen, so that days add up.
date_orders as (
    select
        customer_id,
        order_id,
        min(ordered_date) as ordered_date
    from transactions
    where quantity > 0
    group by customer_id, order_id
),

count_orders as (
    select
        customer_id,
        ordered_date,
        count(*) as orders
    from date_orders
    group by customer_id, ordered_date
),

date_categories as (
    select
        transactions.customer_id,
        products.category,
        min(transactions.ordered_date) as ordered_date
    from transactions
    inner join products
        on transactions.sku = products.sku
    where transactions.quantity > 0
    group by transactions.customer_id, products.category
),

count_categories as (
    select
        customer_id,
        ordered_date,
        count(*) as categories
    from date_categories
    group by customer_id, ordered_date
),

sum_days as (
    select
        customer_id,
        ordered_date,
        {{ cast_to_decimal('sum(revenue)') }} as revenue,
        {{ cast_to_decimal('sum(case when quantity > 0 then revenue else 0 end)') }} as sales,
        sum(case when quantity > 0 then quantity else 0 end) as sold_units,
        sum(case when quantity < 0 then -quantity else 0 end) as returned_units,
        max(case when quantity > 0 then ordered_date end) as purchase_date,
        max(accepted_fingerprint) as day_fingerprint,
        2 * {{ pi }} / 365.25
        * {{ days_between(dbt.date_trunc('year', 'ordered_date'), 'ordered_date') }}
            as season_angle
    from transactions
    group by customer_id, ordered_date
),

find_previous as (
    select
        *,
        lag(purchase_date) over (
            partition by customer_id, purchase_date is null order by ordered_date
        ) as previous_purchase_date
    from sum_days
),

measure_gaps as (
    select
        *,
        {{ days_between('previous_purchase_date', 'purchase_date') }} as gap_days
    from find_previous
),

final as (
    select
        measure_gaps.customer_id,
        measure_gaps.ordered_date,
        measure_gaps.purchase_date,
        measure_gaps.gap_days,
        measure_gaps.revenue,
        measure_gaps.sales,
        measure_gaps.sold_units,
        measure_gaps.returned_units,
        coalesce(count_orders.orders, 0) as orders,
        coalesce(count_categories.categories, 0) as categories,
        -- Integers, so that their sums do not depend on the order of the rows.
        case when measure_gaps.purchase_date is null then 0 else
                {{ cast_to('round(1000000 * cos(measure_gaps.season_angle))', 'integer') }}
        end as season_cos_millionths,
        case when measure_gaps.purchase_date is null then 0 else
                {{ cast_to('round(1000000 * sin(measure_gaps.season_angle))', 'integer') }}
        end as season_sin_millionths,
        measure_gaps.day_fingerprint
    from measure_gaps
    left join count_orders
        on
            measure_gaps.customer_id = count_orders.customer_id
            and measure_gaps.ordered_date = count_orders.ordered_date
    left join count_categories
        on
            measure_gaps.customer_id = count_categories.customer_id
            and measure_gaps.ordered_date = count_categories.ordered_date
)

select * from final
