-- One row per unit that may be in an experiment (a customer, a region, a centre) and day with an
-- order line: what it did on that day. Days are summed up again where they changed.
{{ config(
    materialized='incremental',
    on_schema_change='fail',
    post_hook="{{ delete_replaced_days() }}"
) }}
{% set earlier = none if flags.FULL_REFRESH else earlier_table('int_experiments__aggregate_days') %}
{% set units = {'customer': 'customer_id', 'region': 'region_id', 'fc': 'shipping_fc_id'} %}
with

transactions as (
    select * from {{ ref('fct_transactions') }}
),

regions as (
    select * from {{ ref('dim_regions') }}
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

-- A line that doesn't say who shipped it counts for the home centre of its region.
locate_lines as (
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
        coalesce(transactions.fc_id, regions.home_fc_id) as shipping_fc_id,
        list_days.day_fingerprint
    from transactions
    inner join list_days
        on transactions.ordered_date = list_days.ordered_date
    left join regions
        on transactions.region_id = regions.region_id
),

final as (
    {% for unit_type, column in units.items() %}
    select
        '{{ unit_type }}' as unit_type,
        {{ column }} as unit_id,
        ordered_date,
        day_fingerprint,
        count(distinct case when quantity > 0 then order_id end) as orders,
        sum(case when quantity > 0 then quantity else 0 end) as units,
        sum(revenue) as revenue,
        sum(
            case when quantity > 0 and promised_at is not null and delivered_at is not null
                    then 1
                else 0
            end
        ) as timed_lines,
        sum(
            case when quantity > 0 and promised_at is not null and is_late then 1 else 0 end
        ) as late_lines,
        sum(case when quantity > 0 and shipping_cost is not null then quantity else 0 end)
            as shipped_units,
        sum(case when quantity > 0 then shipping_cost end) as shipping_cost
    from locate_lines
    where {{ column }} is not null
    group by {{ column }}, ordered_date, day_fingerprint
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
