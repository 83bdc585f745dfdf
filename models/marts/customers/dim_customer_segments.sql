-- One row per customer with a purchase: its segment.
with

fitted as (
    select * from {{ ref('int_customers__segment_fitted') }}
),

calendar as (
    select as_of from {{ ref('int_calendar__determine_as_of') }}
),

final as (
    select
        {{ cast_to('fitted.customer_id', 'string') }} as customer_id,
        {{ cast_to('fitted.segment_id', 'integer') }} as segment_id,
        {{ cast_to('fitted.segment', 'string') }} as segment,
        {{ cast_to('fitted.distance', 'numeric') }} as distance,
        {{ cast_to('fitted.silhouette', 'numeric') }} as silhouette,
        {{ cast_to('calendar.as_of', 'timestamp') }} as fitted_at
    from fitted
    cross join calendar
)

select * from final
