-- One row per experiment, variant and check: whether the groups were alike before the start.
with

fitted as (
    select * from {{ ref('int_experiments__balance_fitted') }}
),

final as (
    select
        {{ cast_to('experiment_id', 'string') }} as experiment_id,
        {{ cast_to('variant', 'string') }} as variant,
        {{ cast_to('control_variant', 'string') }} as control_variant,
        {{ cast_to('check_name', 'string') }} as check_name,
        {{ cast_to('covariate', 'string') }} as covariate,
        {{ cast_to('treated_mean', 'numeric') }} as treated_mean,
        {{ cast_to('control_mean', 'numeric') }} as control_mean,
        {{ cast_to('standardized_mean_difference', 'numeric') }} as standardized_mean_difference,
        {{ cast_to('p_value', 'numeric') }} as p_value,
        {{ cast_to('is_balanced', 'boolean') }} as is_balanced,
        {{ cast_to('verdict', 'string') }} as verdict
    from fitted
)

select * from final
