-- One row per cutoff, model, modelled series and period: forecast, interval and actual.
{{ config(large_table('cutoff', ['model', 'sku'])) }}
with

fitted as (
    select * from {{ ref('int_demand__backtest_fitted') }}
),

final as (
    select
        {{ cast_to('cutoff', 'date') }} as cutoff,
        {{ cast_to('model', 'string') }} as model,
        {{ cast_to('series_id', 'string') }} as series_id,
        {{ cast_to('model_level', 'string') }} as model_level,
        {{ cast_to('sku', 'string') }} as sku,
        {{ cast_to('demand_class', 'string') }} as demand_class,
        {{ cast_to('period_start', 'date') }} as period_start,
        {{ cast_to('horizon', 'integer') }} as horizon,
        {{ cast_to('forecast', 'numeric') }} as forecast,
        {{ cast_to('q0_025', 'numeric') }} as q0_025,
        {{ cast_to('q0_5', 'numeric') }} as q0_5,
        {{ cast_to('q0_975', 'numeric') }} as q0_975,
        {{ cast_to('actual', 'numeric') }} as actual,
        {{ cast_to('is_stockout', 'boolean') }} as is_stockout,
        {{ cast_to('is_selected', 'boolean') }} as is_selected,
        {{ cast_to('naive_error', 'numeric') }} as naive_error,
        {{ cast_to('naive_squared_error', 'numeric') }} as naive_squared_error,
        {{ cast_to('training_units', 'numeric') }} as training_units,
        {{ cast_to('noise_floor', 'numeric') }} as noise_floor
    from fitted
)

select * from final
