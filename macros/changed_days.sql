{#
  Order lines are built by the day: `day_fingerprint` on the rows of a day says what they were built
  from, and only days whose fingerprint differs from that of the raw rows are built again.
#}

{# The day of an order line; those without a date share one that no order has. #}
{% macro order_day(timestamp_expression) -%}
    coalesce(cast({{ timestamp_expression }} as date), cast('0001-01-01' as date))
{%- endmacro %}

{#
  A model's table as an earlier run left it, or none. For a model that comes before it: `ref` would
  close a circle. Without a warehouse to ask, as in `dbt compile`, it is taken to be there.
#}
{% macro earlier_table(model) -%}
    {%- if execute -%}
        {%- set node = graph.nodes['model.inventory_allocation.' ~ model] -%}
        {%- set relation = api.Relation.create(
            database=node.database, schema=node.schema, identifier=node.alias
        ) -%}
        {{ return(relation if flags.WHICH == 'compile' else load_relation(relation)) }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}

{# Whether all days are built: the first time, and with --full-refresh. #}
{% macro builds_all_days() -%}
    {{ return(
        flags.FULL_REFRESH
        or not inventory_allocation.earlier_table('fct_transactions')
        or not inventory_allocation.earlier_table('int_sales__refuse_transactions')
    ) }}
{%- endmacro %}

{#
  A condition that is true for rows of the days to read again. A join says the same, but only a list
  of days is looked at before anything else of a row is computed.
#}
{% macro is_day_read_again(column) -%}
    {%- if execute and flags.WHICH != 'compile' and not inventory_allocation.builds_all_days() -%}
        {%- set days = run_query(
            'select distinct order_day from ' ~ ref('int_sales__list_changed_days')
            ~ ' order by order_day'
        ).columns[0].values() -%}
        {%- if not days -%}
            false
        {%- elif days | length <= 1000 -%}
            {{ column }} in (
            {%- for day in days -%}
                cast('{{ day }}' as date){{ ', ' if not loop.last }}
            {%- endfor -%}
            )
        {%- else -%}
            true
        {%- endif -%}
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{#
  For a pre-hook of an incremental model of order lines: takes the rows of the days to build again
  out. A table that isn't there yet, or is built from scratch, needs all days.
#}
{% macro delete_changed_days(day_column) -%}
    {%- set days = ref('int_sales__fingerprint_days') -%}
    {%- set changed_days = ref('int_sales__list_changed_days') -%}
    {%- if is_incremental() -%}
        delete from {{ this }}
        where {{ day_column }} in (
            select order_day
            from {{ changed_days }}
            where is_built_again
        )
    {%- elif execute and run_query(
        'select 1 as found from ' ~ days ~ ' as days'
        ~ ' left join ' ~ changed_days ~ ' as changed_days'
        ~ ' on days.order_day = changed_days.order_day and changed_days.is_built_again'
        ~ ' where changed_days.order_day is null limit 1'
    ).rows -%}
        {{ exceptions.raise_compiler_error(
            this.identifier ~ ' is to be built from scratch, but what it is built from holds'
            ~ ' changed days only: run dbt build --full-refresh --select +' ~ this.identifier
        ) }}
    {%- endif -%}
{%- endmacro %}
