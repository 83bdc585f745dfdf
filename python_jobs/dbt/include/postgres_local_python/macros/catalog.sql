{#
  What stock Postgres asks of the catalog, with quotes in names escaped; and an array has the type of
  its elements.
#}
{% macro postgres_local_python__get_columns_in_relation(relation) -%}
    {%- call statement('get_columns_in_relation', fetch_result=True) -%}
        select
            attribute.attname as column_name,
            format_type(attribute.atttypid, null) as data_type,
            case when attribute.atttypid in (1042, 1043) and attribute.atttypmod > 0
                then attribute.atttypmod - 4
            end as character_maximum_length,
            case when attribute.atttypid = 1700 and attribute.atttypmod > 0
                then ((attribute.atttypmod - 4) >> 16) & 65535
            end as numeric_precision,
            case when attribute.atttypid = 1700 and attribute.atttypmod > 0
                then (attribute.atttypmod - 4) & 2047
            end as numeric_scale
        from pg_attribute as attribute
        join pg_class as class on attribute.attrelid = class.oid
        join pg_namespace as namespace on class.relnamespace = namespace.oid
        where
            attribute.attnum > 0
            and not attribute.attisdropped
            and class.relname = '{{ escape_single_quotes(relation.identifier) }}'
            {% if relation.schema -%}
            and namespace.nspname = '{{ escape_single_quotes(relation.schema) }}'
            {%- else -%}
            and pg_table_is_visible(class.oid)
            {%- endif %}
        order by attribute.attnum
    {%- endcall -%}
    {{- return(sql_convert_columns_in_relation(load_result('get_columns_in_relation').table)) -}}
{%- endmacro %}

{% macro postgres_local_python__list_relations_without_caching(schema_relation) -%}
    {{- return(postgres__list_relations_without_caching(schema_relation.replace_path(
        database=escape_single_quotes(schema_relation.database),
        schema=escape_single_quotes(schema_relation.schema)
    ))) -}}
{%- endmacro %}

{% macro postgres_local_python__check_schema_exists(information_schema, schema) -%}
    {{- return(postgres__check_schema_exists(information_schema, escape_single_quotes(schema))) -}}
{%- endmacro %}
