-- One row per day, from the first sale to a year after the last: what metrics are laid out over.
with

transactions as (
    select * from {{ ref('fct_transactions') }}
),

find_range as (
    select
        min(ordered_date) as first_day,
        {{ cast_to(dbt.dateadd('day', 366, 'max(ordered_date)'), 'date') }} as last_day
    from transactions
),

list_days as (
    {{ period_spine(
        '(select first_day from find_range)', '(select last_day from find_range)', 'day'
    ) }}
),

final as (
    select
        {{ cast_to('period_start', 'date') }} as date_day,
        {{ cast_to(period_start('period_start'), 'date') }} as period_start
    from list_days
)

select * from final
