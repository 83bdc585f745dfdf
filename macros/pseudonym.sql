{#
  A customer id as staging hands it on: itself, or with var pseudonym_key_table a keyed hash of it
  (nested, as HMAC does, so that ids can't be appended to). The key is read where the query runs: it
  is in no compiled file.
#}
{% macro pseudonym(customer_id) -%}
    {%- if var('pseudonym_key_table') -%}
        {%- set key = '(select secret_key from ' ~ var('pseudonym_key_table') ~ ')' -%}
        {%- set inner_hash = dbt.hash(dbt.concat([key, "'|'", customer_id])) -%}
        {{ inventory_allocation.by_code_point(
            'case when ' ~ customer_id ~ ' is not null then '
            ~ dbt.hash(dbt.concat([key, "'|'", inner_hash])) ~ ' end'
        ) }}
    {%- else -%}
        {{ customer_id }}
    {%- endif -%}
{%- endmacro %}
