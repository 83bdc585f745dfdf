-- Every row read is accepted or refused, for every input table.
{% set checked = {
    'lanes': 'int_network__check_lanes',
    'transfer_lanes': 'int_network__check_transfer_lanes',
    'suppliers': 'int_network__check_suppliers',
    'inventory_snapshots': 'int_stock__check_inventory_snapshots',
    'inbound_shipments': 'int_stock__check_inbound_shipments',
    'plan_overrides': 'int_allocation__check_plan_overrides',
} %}
{% set accepted_elsewhere = {
    'transactions': 'fct_transactions',
    'fulfillment_centers': 'dim_fulfillment_centers',
} %}
{% set tables = [
    'transactions', 'customers', 'products', 'fulfillment_centers', 'regions', 'lanes',
    'transfer_lanes', 'suppliers', 'inventory_snapshots', 'inbound_shipments', 'service_targets',
    'external_signals', 'experiments', 'plan_overrides'
] %}
with

counts as (
    {% for table in tables %}
    select
        '{{ table }}' as source_table,
        (select count(*) from {{ source('raw', table) }}) as read_rows,
        {% if table in accepted_elsewhere %}
        (select count(*) from {{ ref(accepted_elsewhere[table]) }}) as accepted_rows,
        {% elif table in checked %}
        (
            select count(*)
            from {{ ref(checked[table]) }}
            where final_rejection_reason is null
        ) as accepted_rows,
        {% else %}
        (
            select count(*)
            from {{ ref('stg_raw__' ~ table) }}
            where rejection_reason is null
        ) as accepted_rows,
        {% endif %}
        (
            select count(*)
            from {{ ref('fct_rejected_rows') }}
            where source_table = '{{ table }}'
        ) as rejected_rows
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select *
from counts
where read_rows <> accepted_rows + rejected_rows
