-- One row per alert: a check of an entity that was an alarm on one day or on several in a row.
{{ config(meta={
    'sample_company': var('sample_company'),
    'alert_quiet_hours': var('alert_quiet_hours'),
    'alert_time_zone': var('alert_time_zone'),
}) }}
with

notifications as (
    select * from {{ ref('stg_operations__alert_notifications') }}
),

checks as (
    select * from {{ ref('fct_monitoring_checks') }}
),

find_last_day as (
    select max(as_of) as as_of
    from checks
),

mark_alarms as (
    select
        *,
        case when severity in ('warning', 'error') then 1 else 0 end as is_alarm
    from checks
),

mark_starts as (
    select
        *,
        case
            when
                is_alarm = 1
                and coalesce(
                    lag(is_alarm) over (partition by check_name, entity order by as_of), 0
                ) = 0
                then 1
            else 0
        end as is_start
    from mark_alarms
),

number_alerts as (
    select
        *,
        sum(is_start) over (
            partition by check_name, entity
            order by as_of
            rows between unbounded preceding and current row
        ) as alert_number
    from mark_starts
),

rank_days as (
    select
        *,
        row_number() over (
            partition by check_name, entity, alert_number order by as_of desc
        ) as recency_rank,
        min(as_of) over (partition by check_name, entity, alert_number) as first_seen,
        count(*) over (partition by check_name, entity, alert_number) as days_seen
    from number_alerts
    where is_alarm = 1
),

find_ends as (
    select
        check_name,
        entity,
        alert_number,
        min(as_of) as resolved_on
    from number_alerts
    where is_alarm = 0
    group by check_name, entity, alert_number
),

final as (
    select
        {{ cast_to(row_key(
            ['rank_days.check_name', 'rank_days.entity', 'rank_days.first_seen']
        ), 'string') }} as alert_id,
        {{ cast_to('rank_days.check_name', 'string') }} as check_name,
        {{ cast_to('rank_days.entity', 'string') }} as entity,
        {{ cast_to('rank_days.severity', 'string') }} as severity,
        {{ cast_to('rank_days.first_seen', 'date') }} as first_seen,
        {{ cast_to('rank_days.as_of', 'date') }} as last_seen,
        {{ cast_to('rank_days.days_seen', 'integer') }} as days_seen,
        find_ends.resolved_on is not null
        or rank_days.as_of < find_last_day.as_of as is_resolved,
        {{ cast_to('find_ends.resolved_on', 'date') }} as resolved_on,
        {{ cast_to('notifications.loaded_at', 'timestamp') }} as notified_at,
        {{ cast_to('rank_days.value', 'numeric') }} as value,
        {{ cast_to('rank_days.limit_value', 'numeric') }} as limit_value,
        {{ cast_to('rank_days.cause', 'string') }} as cause,
        {{ cast_to('rank_days.suggested_action', 'string') }} as suggested_action
    from rank_days
    cross join find_last_day
    left join find_ends
        on
            rank_days.check_name = find_ends.check_name
            and rank_days.entity = find_ends.entity
            and rank_days.alert_number = find_ends.alert_number
    left join notifications
        on
            {{ row_key(['rank_days.check_name', 'rank_days.entity', 'rank_days.first_seen']) }}
            = notifications.alert_id
            and notifications.event = 'raised'
    where rank_days.recency_rank = 1
)

select * from final
