{#
  Puts the seed of the sample company before the model that reads the same table as a source:
  one `dbt build` otherwise has no order between a seed and a source.
#}
{% macro after_sample_seed(table) %}
    {%- if var('sample_company') -%}
        -- depends_on: {{ ref('sample_' ~ table) }}
    {%- endif -%}
{% endmacro %}
