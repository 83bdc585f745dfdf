-- One row per model of the warehouse itself, cutoff, modelled series and period ahead.
{{ config(
    materialized='table',
    enabled=var('native_forecasts') | length > 0,
    pre_hook="{{ create_native_models(ref('int_demand__native_histories')) }}"
) }}
with

{% for method in var('native_forecasts') %}
{{ method }} as (
    {{ native_forecast(method, ref('int_demand__native_histories')) }}
),

{% endfor %}
final as (
    {% for method in var('native_forecasts') %}
    select
        {{ cast_to("'" ~ method ~ "'", 'string') }} as model,
        {{ method }}.*
    from {{ method }}
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
)

select * from final
