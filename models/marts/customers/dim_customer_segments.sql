-- One row per customer with a purchase: its segment.
with

fitted as (
    select * from {{ ref('int_customers__segment_fitted') }}
),

final as (
    select
        {{ cast_to('customer_id', 'string') }} as customer_id,
        {{ cast_to('segment_id', 'integer') }} as segment_id,
        {{ cast_to('segment', 'string') }} as segment,
        {{ cast_to('distance', 'numeric') }} as distance,
        {{ cast_to('silhouette', 'numeric') }} as silhouette,
        {{ cast_to('fitted_on', 'timestamp') }} as fitted_at
    from fitted
)

select * from final
