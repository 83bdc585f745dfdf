-- One row per cutoff, model, modelled series and period: forecast, interval and actual.
{{ config(materialized='view') }}
with

fitted as (
    select *
    from {{ ref('int_demand__forecast_fitted') }}
    where level = 'series'
),

panel as (
    select * from {{ ref('int_demand__forecast_input') }}
),

{% if var('native_forecasts') %}
native_forecasts as (
    select * from {{ ref('int_demand__native_forecasts') }}
),

{% endif %}
list_models as (
    select
        fitted.*,
        'ensemble' as model,
        fitted.mean as forecast,
        fitted.q0_025 as lower_end,
        fitted.q0_5 as median,
        fitted.q0_975 as upper_end
    from fitted
    union all
    select
        fitted.*,
        'bottom_up' as model,
        fitted.unreconciled as forecast,
        null as lower_end,
        null as median,
        null as upper_end
    from fitted
    {% for model in forecast_models() %}
    union all
    select
        fitted.*,
        '{{ model }}' as model,
        fitted.{{ model }} as forecast,
        null as lower_end,
        null as median,
        null as upper_end
    from fitted
    where fitted.{{ model }} is not null
    {% endfor %}
    {% if var('native_forecasts') %}
    union all
    select
        fitted.*,
        native_forecasts.model,
        greatest(native_forecasts.mean, 0) as forecast,
        greatest(native_forecasts.lower_end, 0) as lower_end,
        greatest(native_forecasts.mean, 0) as median,
        greatest(native_forecasts.upper_end, 0) as upper_end
    from fitted
    inner join native_forecasts
        on
            {{ cast_to('fitted.cutoff', 'date') }} = native_forecasts.cutoff
            and fitted.series_id = native_forecasts.series_id
            and {{ cast_to('fitted.period_start', 'date') }} = native_forecasts.period_start
    {% endif %}
),

final as (
    select
        {{ cast_to('list_models.cutoff', 'date') }} as cutoff,
        {{ cast_to('list_models.model', 'string') }} as model,
        {{ cast_to('list_models.series_id', 'string') }} as series_id,
        {{ cast_to('panel.model_level', 'string') }} as model_level,
        {{ cast_to('panel.sku', 'string') }} as sku,
        {{ cast_to('list_models.demand_class', 'string') }} as demand_class,
        {{ cast_to('list_models.period_start', 'date') }} as period_start,
        {{ cast_to('list_models.horizon', 'integer') }} as horizon,
        {{ cast_to('list_models.forecast', 'numeric') }} as forecast,
        {{ cast_to('list_models.lower_end', 'numeric') }} as q0_025,
        {{ cast_to('list_models.median', 'numeric') }} as q0_5,
        {{ cast_to('list_models.upper_end', 'numeric') }} as q0_975,
        {{ cast_to('panel.units', 'numeric') }} as actual,
        panel.is_stockout,
        {{ cast_to('list_models.naive_error', 'numeric') }} as naive_error,
        {{ cast_to('list_models.naive_squared_error', 'numeric') }} as naive_squared_error,
        {{ cast_to('list_models.training_units', 'numeric') }} as training_units,
        {{ cast_to('list_models.noise_floor', 'numeric') }} as noise_floor
    from list_models
    inner join panel
        on
            list_models.series_id = panel.series_id
            and {{ cast_to('list_models.period_start', 'date') }} = panel.period_start
)

select * from final
