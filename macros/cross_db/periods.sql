{#
  Arithmetic on planning periods: var('period') is day, week (from Monday) or month. Every macro
  takes and gives dates.
#}
{% macro period_start(date_expression) -%}
    {{ return(adapter.dispatch('period_start', 'inventory_allocation')(date_expression)) }}
{%- endmacro %}

{% macro default__period_start(date_expression) -%}
    cast(date_trunc('{{ var("period") }}', {{ date_expression }}) as date)
{%- endmacro %}

{# The days since Monday taken off: the local emulator knows neither isoweek nor week(monday). #}
{% macro bigquery__period_start(date_expression) -%}
    {%- set day = 'cast(' ~ date_expression ~ ' as date)' -%}
    {%- if var('period') == 'week' -%}
        date_sub({{ day }}, interval mod(extract(dayofweek from {{ day }}) + 5, 7) day)
    {%- else -%}
        date_trunc({{ day }}, {{ var('period') }})
    {%- endif -%}
{%- endmacro %}

{% macro add_periods(date_expression, periods) -%}
    cast({{ dbt.dateadd(var('period'), periods, date_expression) }} as date)
{%- endmacro %}

{# Whole periods from one period start to another. #}
{% macro periods_between(first_period_start, last_period_start) -%}
    {{ dbt.datediff(first_period_start, last_period_start, var('period')) }}
{%- endmacro %}

{% macro days_between(first_date, last_date) -%}
    {{ dbt.datediff(first_date, last_date, 'day') }}
{%- endmacro %}

{# Days in a period, for rates: a month counts as 30. #}
{% macro period_days() -%}
    {{ {'day': 1, 'week': 7, 'month': 30}[var('period')] }}
{%- endmacro %}

{% macro periods_per_year() -%}
    {{ {'day': 365, 'week': 52, 'month': 12}[var('period')] }}
{%- endmacro %}

{#
  A set of rows (period_start), one per period from the first to the last, both included; or one per
  day, week or month, where that is given.
#}
{% macro period_spine(first_period_start, last_period_start, period=none) -%}
    {{ return(adapter.dispatch('period_spine', 'inventory_allocation')(
        first_period_start, last_period_start, period or var('period')
    )) }}
{%- endmacro %}

{% macro default__period_spine(first_period_start, last_period_start, period) -%}
    select cast(period_start as date) as period_start
    from generate_series(
        cast({{ first_period_start }} as timestamp),
        cast({{ last_period_start }} as timestamp),
        interval '1 {{ period }}'
    ) as spine (period_start)
{%- endmacro %}

{% macro bigquery__period_spine(first_period_start, last_period_start, period) -%}
    select period_start
    from unnest(generate_date_array(
        {{ first_period_start }}, {{ last_period_start }}, interval 1 {{ period }}
    )) as period_start
{%- endmacro %}
