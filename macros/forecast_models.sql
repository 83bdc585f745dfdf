{# The forecasting models, a column of int_demand__forecast_fitted each, and those weighed. #}
{% macro forecast_models() -%}
    {{ return([
        'seasonal_naive', 'smoothing', 'smoothing_season', 'smoothing_own_season',
        'holt_winters', 'holt_winters_additive', 'theta', 'arima', 'croston', 'sba', 'tsb', 'prophet',
        'statistical', 'gradient_boosting', 'random_forest', 'autoregression'
    ]) }}
{%- endmacro %}

{% macro weighed_forecast_models() -%}
    {{ return(['statistical', 'gradient_boosting', 'random_forest', 'autoregression']) }}
{%- endmacro %}
