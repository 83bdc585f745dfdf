{#
  on-run-start: stops a build whose inputs can't work, with one message that names table, column
  and remedy. The sample company's seeds need no check, and may not be loaded yet.
#}
{% macro check_raw_inputs() %}
    {%- if execute and flags.WHICH in ('build', 'run') and not var('sample_company') -%}
        {%- do inventory_allocation.raise_input_problems() -%}
    {%- endif -%}
{% endmacro %}

{# `dbt run-operation check_inputs`: the same check by itself. #}
{% macro check_inputs() %}
    {%- if not var('sample_company') -%}
        {%- do inventory_allocation.raise_input_problems() -%}
    {%- endif -%}
{% endmacro %}

{# With before_init, what init_raw is about to add is no problem, and empty tables are none. #}
{% macro raise_input_problems(before_init=false) %}
    {%- set problems = [] -%}
    {%- for node in inventory_allocation.source_nodes('raw') -%}
        {%- do problems.extend(inventory_allocation.table_problems(node, before_init)) -%}
    {%- endfor -%}
    {%- if not problems and not before_init -%}
        {%- set transactions = source('raw', 'transactions') -%}
        {%- set found = run_query('select 1 from ' ~ transactions ~ ' limit 1') -%}
        {%- if found.rows | length == 0 -%}
            {%- do problems.append(
                'table ' ~ transactions.schema ~ '.transactions is empty: there is nothing to plan.'
                ~ ' Load order lines into it, or set sample_company: true to see the sample company'
            ) -%}
        {%- endif -%}
    {%- endif -%}
    {%- if problems -%}
        {%- do exceptions.raise_compiler_error('wrong input: ' ~ problems | join('; ') ~ '.') -%}
    {%- endif -%}
{% endmacro %}

{% macro table_problems(node, before_init) %}
    {%- set problems = [] -%}
    {%- set table = node.schema ~ '.' ~ node.identifier -%}
    {%- set relation = inventory_allocation.existing_relation(node) -%}
    {%- if relation is none -%}
        {%- if not before_init -%}
            {%- do problems.append(
                'table ' ~ table
                ~ ' is missing (run `inventory-allocation init-raw` to create it, empty)'
            ) -%}
        {%- endif -%}
        {{- return(problems) -}}
    {%- endif -%}
    {%- set present = {} -%}
    {%- for column in adapter.get_columns_in_relation(relation) -%}
        {%- do present.update({column.name | lower: column}) -%}
    {%- endfor -%}
    {%- for column in node.columns.values() -%}
        {%- set found = present.get(column.name) -%}
        {%- if found is none and inventory_allocation.is_required(column) -%}
            {%- do problems.append(
                'column ' ~ table ~ '.' ~ column.name ~ ' is missing and required (add it as '
                ~ column.data_type ~ ')'
            ) -%}
        {%- elif found is none and not before_init -%}
            {%- do problems.append(
                'column ' ~ table ~ '.' ~ column.name
                ~ ' is missing (run `inventory-allocation init-raw` to add it, empty)'
            ) -%}
        {%- elif found is not none
            and not inventory_allocation.type_matches(found, column.data_type) -%}
            {%- do problems.append(
                'column ' ~ table ~ '.' ~ column.name ~ ' has type ' ~ found.data_type
                ~ ' where the contract has ' ~ column.data_type ~ ' (cast it when loading)'
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(problems) -}}
{% endmacro %}

{# Whether a column can be read as the contract's type. Any id may be a number. #}
{% macro type_matches(column, contract_type) %}
    {%- set type = column.data_type | lower -%}
    {%- set is_number = column.is_number() or 'int' in type or 'float' in type
        or 'double' in type or 'decimal' in type or 'numeric' in type or 'real' in type -%}
    {%- set is_time = 'timestamp' in type or 'datetime' in type -%}
    {%- if contract_type == 'string' -%}
        {{- return(is_number or 'char' in type or 'text' in type or 'string' in type or 'uuid' in type) -}}
    {%- elif contract_type in ('integer', 'numeric') -%}
        {{- return(is_number) -}}
    {%- elif contract_type in ('timestamp', 'date') -%}
        {{- return(is_time or type == 'date') -}}
    {%- else -%}
        {{- return('bool' in type) -}}
    {%- endif -%}
{% endmacro %}
