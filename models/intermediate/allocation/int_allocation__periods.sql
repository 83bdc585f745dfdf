-- One row per period of the plan.
with

calendar as (
    select * from {{ ref('int_calendar__determine_as_of') }}
),

list_periods as (
    {{ period_spine(
        '(select horizon_start from calendar)',
        '(select ' ~ add_periods('horizon_start', var('plan_periods') - 1) ~ ' from calendar)'
    ) }}
),

final as (
    select
        row_number() over (order by period_start) - 1 as period_index,
        period_start
    from list_periods
)

select * from final
