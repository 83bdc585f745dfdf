{#
  Order lines are built by the day: `day_fingerprint` on the rows of a day says what they were built
  from, and only days whose fingerprint differs from that of the raw rows are built again. What is
  built from them follows `accepted_fingerprint`: a line of another day with the same key may take
  one out of a day whose raw rows are as they were.
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
        {%- set node = graph.nodes.values()
            | selectattr('resource_type', 'equalto', 'model')
            | selectattr('name', 'equalto', model)
            | first -%}
        {%- set relation = api.Relation.create(
            database=node.database, schema=node.schema, identifier=node.alias
        ) -%}
        {%- if flags.WHICH == 'compile' or flags.FULL_REFRESH -%}
            {{ return(relation) }}
        {%- endif -%}
        {%- set table = load_relation(relation) -%}
        {%- set newest_column =
            'accepted_fingerprint' if model == 'fct_transactions' else 'day_fingerprint' -%}
        {%- if table and newest_column not in (
            adapter.get_columns_in_relation(table) | map(attribute='name') | list
        ) -%}
            {{ exceptions.raise_compiler_error(
                model ~ ' was built by an earlier version of this project: run once dbt run'
                ~ ' --full-refresh --select +int_customers__aggregate_days'
                ~ ' +int_experiments__aggregate_days'
            ) }}
        {%- endif -%}
        {{ return(table) }}
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
  A condition that is true for rows of the days to read again. A join says the same, but ranges of a
  plain column are looked at before anything else of a row is computed.
#}
{% macro is_day_read_again(timestamp_column) -%}
    {%- if execute and flags.WHICH != 'compile' and not inventory_allocation.builds_all_days() -%}
        {%- set ranges = run_query(
            'select min(order_day) as first_day, max(order_day) as last_day from ('
            ~ 'select order_day, '
            ~ dbt.datediff("cast('0001-01-01' as date)", 'order_day', 'day')
            ~ ' - row_number() over (order by order_day) as range_number from '
            ~ ref('int_sales__list_changed_days')
            ~ ') as numbered_days group by range_number order by 1'
        ).rows -%}
        {%- if not ranges -%}
            false
        {%- elif ranges | length <= 200 -%}
            (
            {%- for first_day, last_day in ranges -%}
                {{ timestamp_column ~ ' is null or ' if first_day.year == 1 }}(
                    {{ timestamp_column }} >= cast('{{ first_day }}' as timestamp)
                    and {{ timestamp_column }}
                    < cast('{{ last_day + modules.datetime.timedelta(days=1) }}' as timestamp)
                )
                {{ ' or ' if not loop.last }}
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
            ~ ' changed days only: run dbt run --full-refresh --select +' ~ this.identifier
        ) }}
    {%- endif -%}
{%- endmacro %}

{#
  Whether int_customers__aggregate_days keeps the days of customers that didn't change: where a run
  that is cut short can't leave a customer with some days only.
#}
{% macro builds_changed_customers() -%}
    {{ return(
        not flags.FULL_REFRESH
        and inventory_allocation.replaces_rows_at_once()
        and inventory_allocation.earlier_table('int_customers__aggregate_days')
    ) }}
{%- endmacro %}

{# For its pre-hook. #}
{% macro delete_changed_customers() -%}
    {%- if is_incremental() -%}
        delete from {{ this }}
        where customer_id in (select customer_id from {{ ref('int_customers__list_changed') }})
    {%- endif -%}
{%- endmacro %}

{# For a post-hook: takes out days as they were, when days as they are were added. #}
{% macro delete_replaced_days() -%}
    {%- if is_incremental() -%}
        delete from {{ this }}
        where not exists (
            select 1
            from {{ ref('int_experiments__fingerprint_days') }} as days
            where
                days.ordered_date = {{ this.identifier }}.ordered_date
                and days.day_fingerprint = {{ this.identifier }}.day_fingerprint
        )
    {%- endif -%}
{%- endmacro %}
