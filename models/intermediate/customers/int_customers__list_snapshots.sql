-- One row per day from which customers are looked at: as_of, and four earlier ones.
with

calendar as (
    select as_of from {{ ref('int_calendar__determine_as_of') }}
),

days as (
    select * from {{ ref('int_customers__aggregate_days') }}
),

find_first_day as (
    select min(ordered_date) as first_date
    from days
),

list_snapshots as (
    {% for number in range(5) %}
    select
        {{ number }} as snapshots_back,
        cast({{ dbt.dateadd('day', -number * var('segment_outcome_days'), 'as_of') }} as date)
            as snapshot_date,
        cast({{ dbt.dateadd('day', (1 - number) * var('segment_outcome_days'), 'as_of') }} as date)
            as outcome_end_date
    from calendar
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (
    select
        list_snapshots.snapshots_back,
        list_snapshots.snapshot_date,
        list_snapshots.outcome_end_date
    from list_snapshots
    cross join find_first_day
    where list_snapshots.snapshot_date >= find_first_day.first_date
)

select * from final
