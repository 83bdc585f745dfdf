-- One row per level, class of demand and test, or signal: what the backtest says, in words.
with

fitted as (
    select * from {{ ref('int_demand__diagnostics_fitted') }}
),

final as (
    select
        {{ cast_to("'ensemble'", 'string') }} as model,
        {{ cast_to('level', 'string') }} as level,
        {{ cast_to('demand_class', 'string') }} as demand_class,
        {{ cast_to('test', 'string') }} as test,
        {{ cast_to('signal', 'string') }} as signal,
        {{ cast_to('series', 'integer') }} as series,
        {{ cast_to('statistic', 'numeric') }} as statistic,
        {{ cast_to('p_value', 'numeric') }} as p_value,
        {{ cast_to('corrected_p_value', 'numeric') }} as corrected_p_value,
        {{ cast_to('found_in', 'integer') }} as found_in,
        {{ cast_to('verdict', 'string') }} as verdict
    from fitted
)

select * from final
