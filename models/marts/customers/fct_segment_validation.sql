-- One row per check of the segments: what was measured, on what, and what it says.
with

fitted as (
    select * from {{ ref('int_customers__segment_validation_fitted') }}
),

final as (
    select
        {{ cast_to('check_name', 'string') }} as check_name,
        {{ cast_to('snapshot_date', 'date') }} as snapshot_date,
        {{ cast_to('segment_count', 'integer') }} as segment_count,
        {{ cast_to('segment', 'string') }} as segment,
        {{ cast_to('other_segment', 'string') }} as other_segment,
        {{ cast_to('feature', 'string') }} as feature,
        {{ cast_to('metric', 'string') }} as metric,
        {{ cast_to('value', 'numeric') }} as value,
        {{ cast_to('lower', 'numeric') }} as lower_bound,
        {{ cast_to('upper', 'numeric') }} as upper_bound,
        {{ cast_to('p_value', 'numeric') }} as p_value,
        {{ cast_to('p_bonferroni', 'numeric') }} as p_bonferroni,
        {{ cast_to('p_holm', 'numeric') }} as p_holm,
        {{ cast_to('effect_size', 'numeric') }} as effect_size,
        {{ cast_to('verdict', 'string') }} as verdict
    from fitted
)

select * from final
