-- One row per experiment, variant, metric and method: the effect, and what it is worth.
with

fitted as (
    select * from {{ ref('int_experiments__results_fitted') }}
),

final as (
    select
        {{ cast_to('experiment_id', 'string') }} as experiment_id,
        {{ cast_to('unit_type', 'string') }} as unit_type,
        {{ cast_to('assignment', 'string') }} as assignment,
        {{ cast_to('variant', 'string') }} as variant,
        {{ cast_to('control_variant', 'string') }} as control_variant,
        {{ cast_to('metric', 'string') }} as metric,
        {{ cast_to('method', 'string') }} as method,
        {{ cast_to('analysis_unit', 'string') }} as analysis_unit,
        {{ cast_to('treated_units', 'integer') }} as treated_units,
        {{ cast_to('control_units', 'integer') }} as control_units,
        {{ cast_to('treated_mean', 'numeric') }} as treated_mean,
        {{ cast_to('control_mean', 'numeric') }} as control_mean,
        {{ cast_to('effect', 'numeric') }} as effect,
        {{ cast_to('effect_lower', 'numeric') }} as effect_lower,
        {{ cast_to('effect_upper', 'numeric') }} as effect_upper,
        {{ cast_to('relative_effect', 'numeric') }} as relative_effect,
        {{ cast_to('bootstrap_lower', 'numeric') }} as bootstrap_lower,
        {{ cast_to('bootstrap_upper', 'numeric') }} as bootstrap_upper,
        {{ cast_to('p_value', 'numeric') }} as p_value,
        {{ cast_to('p_bonferroni', 'numeric') }} as p_bonferroni,
        {{ cast_to('p_holm', 'numeric') }} as p_holm,
        {{ cast_to('cohens_d', 'numeric') }} as cohens_d,
        {{ cast_to('power', 'numeric') }} as power,
        {{ cast_to('minimum_detectable_effect', 'numeric') }} as minimum_detectable_effect,
        {{ cast_to('sensitivity_gamma', 'numeric') }} as sensitivity_gamma,
        {{ cast_to('verdict', 'string') }} as verdict
    from fitted
)

select * from final
