-- One row per model of customer value and parameter or measure of it.
with

fitted as (
    select * from {{ ref('int_customers__value_parameters_fitted') }}
),

final as (
    select
        {{ cast_to('model', 'string') }} as model,
        {{ cast_to('parameter', 'string') }} as parameter,
        {{ cast_to('value', 'numeric') }} as value
    from fitted
)

select * from final
