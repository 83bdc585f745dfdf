{#
  Forecasts by models of the warehouse itself, as rows (cutoff, series_id, period_start, mean,
  lower_end, upper_end). BigQuery has timesfm (AI.FORECAST) and arima_plus (ML.FORECAST, of a model
  that create_native_models makes before); elsewhere there are none.

  https://docs.cloud.google.com/bigquery/docs/reference/standard-sql/bigqueryml-syntax-ai-forecast
  https://docs.cloud.google.com/bigquery/docs/reference/standard-sql/bigqueryml-syntax-create-time-series
#}
{% macro native_forecast(method, histories) -%}
    {{ return(adapter.dispatch('native_forecast', 'inventory_allocation')(method, histories)) }}
{%- endmacro %}

{% macro default__native_forecast(method, histories) -%}
    {{ exceptions.raise_compiler_error(
        "var native_forecasts asks for " ~ method ~ ", a model of BigQuery; the target is "
        ~ target.type ~ ": leave native_forecasts empty"
    ) }}
{%- endmacro %}

{% macro bigquery__native_forecast(method, histories) -%}
    select
        cast(cutoff as date) as cutoff,
        series_id,
        cast(forecast_timestamp as date) as period_start,
        forecast_value as mean,
        prediction_interval_lower_bound as lower_end,
        prediction_interval_upper_bound as upper_end
    {% if method == 'timesfm' -%}
    from
        ai.forecast(
            table {{ histories }},
            data_col => 'units',
            timestamp_col => 'period_start',
            id_cols => ['cutoff', 'series_id'],
            horizon => {{ var('forecast_periods') }},
            confidence_level => 0.95
        )
    {%- elif method == 'arima_plus' -%}
    from
        ml.forecast(
            model {{ inventory_allocation.native_model(histories) }},
            struct({{ var('forecast_periods') }} as horizon, 0.95 as confidence_level)
        )
    {%- else -%}
    {{ exceptions.raise_compiler_error(
        "var native_forecasts has " ~ method ~ "; there are timesfm and arima_plus"
    ) }}
    {%- endif %}
{%- endmacro %}

{# The model's name: beside its histories. #}
{% macro native_model(histories) -%}
    {{ histories.incorporate(path={'identifier': 'arima_plus'}) }}
{%- endmacro %}

{# The statement that fits arima_plus to all series at all cutoffs; none where it isn't asked for. #}
{% macro create_native_models(histories) -%}
    {%- if 'arima_plus' in var('native_forecasts') -%}
    {{ return(adapter.dispatch('create_native_models', 'inventory_allocation')(histories)) }}
    {%- endif -%}
{%- endmacro %}

{% macro default__create_native_models(histories) -%}
{%- endmacro %}

{% macro bigquery__create_native_models(histories) -%}
    create or replace model {{ inventory_allocation.native_model(histories) }}
    options (
        model_type = 'ARIMA_PLUS',
        time_series_timestamp_col = 'period_start',
        time_series_data_col = 'units',
        time_series_id_col = ['cutoff', 'series_id'],
        horizon = {{ var('forecast_periods') }},
        data_frequency = '{{ {"day": "DAILY", "week": "WEEKLY", "month": "MONTHLY"}[var("period")] }}'
    ) as
    select
        cutoff,
        series_id,
        period_start,
        units
    from {{ histories }}
{%- endmacro %}
