-- One row per number of segments and measure of their quality.
with

fitted as (
    select * from {{ ref('int_customers__segment_validation_fitted') }}
),

final as (
    select
        {{ cast_to('segment_count', 'integer') }} as segment_count,
        {{ cast_to('metric', 'string') }} as metric,
        {{ cast_to('value', 'numeric') }} as value,
        {{ cast_to('verdict', 'string') }} as verdict
    from fitted
)

select * from final
