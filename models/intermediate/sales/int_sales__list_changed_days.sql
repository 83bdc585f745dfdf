-- depends_on: {{ ref('stg_raw__transactions') }}
-- One row per day whose order lines are read again, and whether they are built again: those that
-- changed, and those with another line of an order line's key in them.
{% set earlier_lines = earlier_table('fct_transactions') %}
{% set earlier_refused = earlier_table('int_sales__refuse_transactions') %}
with

days as (
    select * from {{ ref('int_sales__fingerprint_days') }}
),

{% if builds_all_days() %}
final as (
    select
        order_day,
        day_fingerprint,
        true as is_built_again
    from days
)
{% else %}
transactions as (
    select
        order_day,
        {{ fingerprint_of(['order_id', 'order_line']) }} as key_fingerprint
    from {{ ref('stg_raw__transactions') }}
    where
        order_id is not null
        and order_line is not null
),

-- A day whose build was cut short has rows with its fingerprint in one of the tables only.
list_earlier_lines as (
    select
        ordered_date as order_day,
        day_fingerprint
    from {{ earlier_lines }}
    union all
    select
        order_day,
        day_fingerprint
    from {{ earlier_refused }}
),

count_earlier_days as (
    select
        order_day,
        day_fingerprint,
        count(*) as order_lines
    from list_earlier_lines
    group by order_day, day_fingerprint
),

list_changed as (
    select distinct coalesce(days.order_day, count_earlier_days.order_day) as order_day
    from days
    full outer join count_earlier_days
        on
            days.order_day = count_earlier_days.order_day
            and days.day_fingerprint = count_earlier_days.day_fingerprint
            and days.order_lines = count_earlier_days.order_lines
    where
        days.order_day is null
        or count_earlier_days.order_day is null
),

-- A line that came may repeat one of another day; one that went may have been repeated by one.
list_changed_keys as (
    select transactions.key_fingerprint
    from transactions
    inner join list_changed
        on transactions.order_day = list_changed.order_day
    union distinct
    select {{ fingerprint_of(['earlier_lines.order_id', 'earlier_lines.order_line']) }}
    from {{ earlier_lines }} as earlier_lines
    inner join list_changed
        on earlier_lines.ordered_date = list_changed.order_day
    union distinct
    select {{ fingerprint_of(['earlier_refused.order_id', 'earlier_refused.order_line']) }}
    from {{ earlier_refused }} as earlier_refused
    inner join list_changed
        on earlier_refused.order_day = list_changed.order_day
),

list_built_again as (
    select order_day
    from list_changed
    union distinct
    select transactions.order_day
    from transactions
    inner join list_changed_keys
        on transactions.key_fingerprint = list_changed_keys.key_fingerprint
),

list_keys as (
    select distinct transactions.key_fingerprint
    from transactions
    inner join list_built_again
        on transactions.order_day = list_built_again.order_day
),

list_read_again as (
    select order_day
    from list_built_again
    union distinct
    select transactions.order_day
    from transactions
    inner join list_keys
        on transactions.key_fingerprint = list_keys.key_fingerprint
),

final as (
    select
        list_read_again.order_day,
        days.day_fingerprint,
        list_built_again.order_day is not null as is_built_again
    from list_read_again
    left join list_built_again
        on list_read_again.order_day = list_built_again.order_day
    left join days
        on list_read_again.order_day = days.order_day
)
{% endif %}

select * from final
