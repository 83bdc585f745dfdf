-- One row per accepted order line of the days that are built again, with the region its demand
-- belongs to.
with

changed_days as (
    select *
    from {{ ref('int_sales__list_changed_days') }}
    where is_built_again
),

transactions as (
    select *
    from {{ ref('stg_raw__transactions') }}
    where
        rejection_reason is null
        and {{ is_day_read_again('ordered_at') }}
),

repeats as (
    select * from {{ ref('int_sales__find_repeats') }}
),

customers as (
    select *
    from {{ ref('stg_raw__customers') }}
    where rejection_reason is null
),

accept_rows as (
    select
        transactions.order_id,
        transactions.order_line,
        transactions.customer_id,
        transactions.sku,
        transactions.region_id,
        transactions.fc_id,
        transactions.quantity,
        transactions.unit_price,
        transactions.shipping_cost,
        transactions.ordered_at,
        transactions.promised_at,
        transactions.delivered_at,
        transactions.order_day
    from transactions
    left join repeats
        on
            transactions.order_id = repeats.order_id
            and transactions.order_line = repeats.order_line
    where repeats.order_id is null
    union all
    select
        repeats.order_id,
        repeats.order_line,
        repeats.customer_id,
        repeats.sku,
        repeats.region_id,
        repeats.fc_id,
        repeats.quantity,
        repeats.unit_price,
        repeats.shipping_cost,
        repeats.ordered_at,
        repeats.promised_at,
        repeats.delivered_at,
        repeats.order_day
    from repeats
    where repeats.final_rejection_reason is null
),

-- Which lines of a day are accepted depends on lines of other days that have their keys.
sum_repeats as (
    select
        order_day,
        sum({{ cast_to_decimal(fingerprint_of([
            'order_id', 'order_line', 'final_rejection_reason is null'
        ]), 0) }}) as repeat_fingerprints
    from repeats
    group by order_day
),

final as (
    select
        accept_rows.order_id,
        accept_rows.order_line,
        accept_rows.customer_id,
        accept_rows.sku,
        coalesce(accept_rows.region_id, customers.region_id, 'unassigned') as region_id,
        accept_rows.fc_id,
        {{ cast_to('accept_rows.quantity', 'integer') }} as quantity,
        {{ cast_to_decimal('accept_rows.unit_price') }} as unit_price,
        {{ cast_to_decimal('accept_rows.shipping_cost') }} as shipping_cost,
        accept_rows.ordered_at,
        accept_rows.promised_at,
        accept_rows.delivered_at,
        changed_days.order_day as ordered_date,
        changed_days.day_fingerprint,
        {{ fingerprint_of(['changed_days.day_fingerprint', 'sum_repeats.repeat_fingerprints']) }}
            as accepted_fingerprint
    from accept_rows
    inner join changed_days
        on accept_rows.order_day = changed_days.order_day
    left join sum_repeats
        on accept_rows.order_day = sum_repeats.order_day
    left join customers
        on accept_rows.customer_id = customers.customer_id
)

select * from final
