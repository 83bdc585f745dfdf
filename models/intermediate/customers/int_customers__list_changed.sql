-- One row per customer with an order line, now or before, on a day that was built again since
-- int_customers__aggregate_days was: all its days are summed up again. Empty where those of all
-- customers are.
-- depends_on: {{ ref('fct_transactions') }}
{% set earlier = earlier_table('int_customers__aggregate_days') %}
with

{% if not builds_changed_customers() %}
final as (
    select customer_id
    from {{ ref('fct_transactions') }}
    where false
)
{% else %}
transactions as (
    select
        customer_id,
        ordered_date,
        accepted_fingerprint as day_fingerprint
    from {{ ref('fct_transactions') }}
    where customer_id is not null
),

earlier_days as (
    select
        customer_id,
        ordered_date,
        day_fingerprint
    from {{ earlier }}
),

list_days as (
    select distinct
        ordered_date,
        day_fingerprint
    from transactions
),

list_earlier_days as (
    select distinct
        ordered_date,
        day_fingerprint
    from earlier_days
),

list_changed_days as (
    select distinct coalesce(list_days.ordered_date, list_earlier_days.ordered_date) as ordered_date
    from list_days
    full outer join list_earlier_days
        on
            list_days.ordered_date = list_earlier_days.ordered_date
            and list_days.day_fingerprint = list_earlier_days.day_fingerprint
    where
        list_days.ordered_date is null
        or list_earlier_days.ordered_date is null
),

final as (
    select transactions.customer_id
    from transactions
    inner join list_changed_days
        on transactions.ordered_date = list_changed_days.ordered_date
    union distinct
    select earlier_days.customer_id
    from earlier_days
    inner join list_changed_days
        on earlier_days.ordered_date = list_changed_days.ordered_date
)
{% endif %}

select * from final
