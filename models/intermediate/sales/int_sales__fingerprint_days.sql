-- One row per day with a raw order line: a number that changes when anything does that the rows of
-- the day are built from.
{% set columns = [] %}
{% for column in [
    'order_id', 'order_line', 'customer_id', 'sku', 'region_id', 'fc_id', 'quantity', 'unit_price',
    'shipping_cost', 'ordered_at', 'promised_at', 'delivered_at'
] %}
{% do columns.append('transactions.' ~ column) %}
{% endfor %}
{% set columns = columns + ['customers.region_id', 'products.category'] %}
{% set settings = [var('max_line_units'), var('earliest_date'), var('period')] | join(' ') %}
{{ after_sample_seed('transactions') }}
with

transactions as (
    select * from {{ source('raw', 'transactions') }}
),

customers as (
    select *
    from {{ ref('stg_raw__customers') }}
    where rejection_reason is null
),

products as (
    select *
    from {{ ref('stg_raw__products') }}
    where rejection_reason is null
),

calendar as (
    select as_of from {{ ref('int_calendar__determine_as_of') }}
),

-- A line that names no region has that of its customer, which may change; so may the category of
-- what was bought.
fingerprint_lines as (
    select
        {{ order_day(cast_to('transactions.ordered_at', 'timestamp')) }} as order_day,
        {{ fingerprint_of(columns) }} as line_fingerprint
    from transactions
    left join customers
        on
            case
                when {{ clean_text('transactions.region_id') }} is null
                    then {{ pseudonym(clean_text('transactions.customer_id')) }}
            end = customers.customer_id
    left join products
        on {{ clean_text('transactions.sku') }} = products.sku
),

sum_days as (
    select
        order_day,
        count(*) as order_lines,
        sum({{ cast_to_decimal('line_fingerprint', 0) }}) as line_fingerprints
    from fingerprint_lines
    group by order_day
),

final as (
    select
        sum_days.order_day,
        sum_days.order_lines,
        {{ fingerprint_of([
            'sum_days.order_lines',
            'sum_days.line_fingerprints',
            'sum_days.order_day > calendar.as_of',
            'sum_days.order_day > ' ~ dbt.dateadd('day', 1, 'calendar.as_of'),
            "'" ~ settings ~ "'",
            pseudonym("'key'"),
        ]) }} as day_fingerprint
    from sum_days
    cross join calendar
)

select * from final
