-- One row per level, sum of series and period: what was last forecast of it before it began.
-- What was said can't be built again, so a full refresh keeps it.
{{ config(
    materialized='incremental',
    unique_key=['level', 'series_id', 'period_start'],
    full_refresh=false,
    on_schema_change='append_new_columns'
) }}
with

forecasts as (
    select *
    from {{ ref('fct_demand_forecasts_by_level') }}
    where
        horizon = 1
        and level in ('total', 'category', 'sku_fc')
),

calendar as (
    select as_of from {{ ref('int_calendar__determine_as_of') }}
),

final as (
    select
        forecasts.level,
        forecasts.series_id,
        forecasts.category,
        forecasts.period_start,
        calendar.as_of,
        forecasts.mean,
        forecasts.q0_025,
        forecasts.q0_975
    from forecasts
    cross join calendar
)

select * from final
