-- One row per day that was "now", check and entity: what was measured, and whether it is an alarm.
-- What was found in the past can't be found again, so a full refresh keeps it.
{{ config(
    materialized='incremental',
    unique_key=['as_of', 'check_name', 'entity'],
    full_refresh=false,
    on_schema_change='append_new_columns'
) }}
with

period_checks as (
    select * from {{ ref('int_monitoring__period_checks_fitted') }}
),

customer_checks as (
    select * from {{ ref('int_monitoring__customer_checks_fitted') }}
),

calendar as (
    select as_of from {{ ref('int_calendar__determine_as_of') }}
),

checks as (
    select * from period_checks
    union all
    select * from customer_checks
),

final as (
    select
        {{ cast_to('calendar.as_of', 'date') }} as as_of,
        {{ cast_to('checks.check_name', 'string') }} as check_name,
        {{ cast_to('checks.entity', 'string') }} as entity,
        {{ cast_to('checks.period_start', 'date') }} as period_start,
        {{ cast_to('checks.severity', 'string') }} as severity,
        {{ cast_to('checks.value', 'numeric') }} as value,
        {{ cast_to('checks.reference_value', 'numeric') }} as reference_value,
        {{ cast_to('checks.limit_value', 'numeric') }} as limit_value,
        {{ cast_to('checks.p_value', 'numeric') }} as p_value,
        {{ cast_to('checks.cause', 'string') }} as cause,
        {{ cast_to('checks.suggested_action', 'string') }} as suggested_action
    from checks
    cross join calendar
)

select * from final
