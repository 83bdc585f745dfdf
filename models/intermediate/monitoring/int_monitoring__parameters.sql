-- One row: the period that the checks are about, and their limits.
with

calendar as (
    select * from {{ ref('int_calendar__determine_as_of') }}
),

final as (
    select
        as_of,
        last_complete_period_start,
        '{{ var("period") }}' as period,
        {{ cast_to(var('monitoring_drift_limit'), 'numeric') }} as drift_limit,
        {{ cast_to(var('monitoring_significance'), 'numeric') }} as significance,
        {{ cast_to(var('monitoring_cusum_limit'), 'numeric') }} as cusum_limit,
        {{ cast_to(var('monitoring_volume_limit'), 'numeric') }} as volume_limit,
        {{ cast_to(var('monitoring_share_limit'), 'numeric') }} as share_limit,
        {{ cast_to(var('monitoring_coverage_limit'), 'numeric') }} as coverage_limit,
        {{ cast_to(var('monitoring_adherence_limit'), 'numeric') }} as adherence_limit,
        {{ cast_to(var('monitoring_reference_periods'), 'integer') }} as reference_periods
    from calendar
)

select * from final
