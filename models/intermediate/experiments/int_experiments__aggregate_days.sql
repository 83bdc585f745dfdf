-- One row per unit in an experiment and day with an order line: what it did on that day; and a row
-- of unit type `none` for each day that was summed up. Days are summed up again where they changed.
{{ config(
    materialized='incremental',
    on_schema_change='fail',
    post_hook="{{ delete_replaced_days() }}"
) }}
{% set earlier = none if flags.FULL_REFRESH else earlier_table('int_experiments__aggregate_days') %}
with

lines as (
    select * from {{ ref('int_experiments__locate_lines') }}
),

units as (
    select * from {{ ref('int_experiments__list_units') }}
),

days as (
    select * from {{ ref('int_experiments__fingerprint_days') }}
),

{% if earlier %}
earlier_days as (
    select distinct
        ordered_date,
        day_fingerprint
    from {{ earlier }}
),

{% endif %}
list_days as (
    select
        days.ordered_date,
        days.day_fingerprint
    from days
    {% if earlier %}
    left join earlier_days
        on
            days.ordered_date = earlier_days.ordered_date
            and days.day_fingerprint = earlier_days.day_fingerprint
    where earlier_days.ordered_date is null
    {% endif %}
),

find_lines as (
    select lines.*
    from lines
    inner join list_days
        on lines.ordered_date = list_days.ordered_date
),

sum_days as (
    {{ unit_days('find_lines', 'units') }}
    union all
    select
        'none' as unit_type,
        'none' as unit_id,
        ordered_date,
        0 as orders,
        0 as units,
        0 as revenue,
        0 as timed_lines,
        0 as late_lines,
        0 as shipped_units,
        null as shipping_cost
    from list_days
),

final as (
    select
        sum_days.unit_type,
        sum_days.unit_id,
        sum_days.ordered_date,
        list_days.day_fingerprint,
        sum_days.orders,
        sum_days.units,
        sum_days.revenue,
        sum_days.timed_lines,
        sum_days.late_lines,
        sum_days.shipped_units,
        sum_days.shipping_cost
    from sum_days
    inner join list_days
        on sum_days.ordered_date = list_days.ordered_date
)

select * from final
