-- One row per model that is fitted on every build, and day: on what, and how good it was.
-- What was fitted in the past can't be fitted again, so a full refresh keeps it.
{{ config(
    materialized='incremental',
    unique_key=['model_name', 'version'],
    full_refresh=false,
    on_schema_change='append_new_columns'
) }}
{%- set parameters = [
    'period ' ~ var('period'),
    'forecast_periods ' ~ var('forecast_periods'),
    'backtest_cutoffs ' ~ var('backtest_cutoffs'),
] + var('forecast_global_models') %}
with

calendar as (
    select as_of from {{ ref('int_calendar__determine_as_of') }}
),

forecast_input as (
    select * from {{ ref('int_demand__forecast_input') }}
),

forecast_accuracy as (
    select * from {{ ref('fct_forecast_accuracy') }}
),

value_input as (
    select * from {{ ref('int_customers__value_input') }}
),

value_parameters as (
    select * from {{ ref('fct_customer_value_parameters') }}
),

hash_forecast_input as (
    select
        sum({{ cast_to_decimal(fingerprint_of([
            'series_id', 'period_start', 'units', 'is_stockout'
        ]), 0) }}) as data_hash,
        count(distinct series_id) as entities
    from forecast_input
),

measure_forecasts as (
    select
        avg(case when model = 'ensemble' then wape end) as score,
        avg(case when model = 'seasonal_naive' then wape end) as compared_score
    from forecast_accuracy
    where
        level = 'sku'
        and demand_class = 'all'
),

hash_value_input as (
    select
        sum({{ cast_to_decimal(fingerprint_of([
            'customer_id', 'repeat_purchase_days', 'last_purchase_age_days', 'tenure_days'
        ]), 0) }}) as data_hash,
        count(*) as entities
    from value_input
),

measure_value as (
    select
        max(case when parameter = 'mean_absolute_error' then value end) as score,
        max(case when parameter = 'naive_mean_absolute_error' then value end) as compared_score
    from value_parameters
    where model = 'holdout'
),

list_fits as (
    select
        'forecasts' as model_name,
        '{{ parameters | join(", ") }}' as parameters,
        hash_forecast_input.entities,
        hash_forecast_input.data_hash,
        'wape' as metric,
        measure_forecasts.score,
        'seasonal_naive' as compared_with,
        measure_forecasts.compared_score
    from hash_forecast_input
    cross join measure_forecasts
    union all
    select
        'customer_value' as model_name,
        'bg_nbd gamma_gamma' as parameters,
        hash_value_input.entities,
        hash_value_input.data_hash,
        'mean_absolute_error' as metric,
        measure_value.score,
        'past_rate' as compared_with,
        measure_value.compared_score
    from hash_value_input
    cross join measure_value
),

final as (
    select
        {{ cast_to('list_fits.model_name', 'string') }} as model_name,
        {{ cast_to(cast_to('calendar.as_of', 'date'), 'string') }} as version,
        {{ cast_to('calendar.as_of', 'date') }} as fitted_on,
        {{ cast_to('list_fits.parameters', 'string') }} as parameters,
        {{ cast_to('list_fits.entities', 'integer') }} as entities,
        {{ cast_to('list_fits.data_hash', 'string') }} as data_hash,
        {{ cast_to('list_fits.metric', 'string') }} as metric,
        {{ cast_to('list_fits.score', 'numeric') }} as score,
        {{ cast_to('list_fits.compared_with', 'string') }} as compared_with,
        {{ cast_to('list_fits.compared_score', 'numeric') }} as compared_score
    from list_fits
    cross join calendar
)

select * from final
