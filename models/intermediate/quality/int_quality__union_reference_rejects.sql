-- One row per refused row of the tables that refer to centres, regions or SKUs.
with

{% for domain, table in [
    ('network', 'lanes'), ('network', 'transfer_lanes'), ('network', 'suppliers'),
    ('stock', 'inventory_snapshots'), ('stock', 'inbound_shipments'),
    ('allocation', 'plan_overrides')
] -%}
{{ table }} as (
    {{ select_rejected(
        ref('int_' ~ domain ~ '__check_' ~ table), table, reason='final_rejection_reason'
    ) }}
),

{% endfor -%}

final as (
    select * from lanes
    union all
    select * from transfer_lanes
    union all
    select * from suppliers
    union all
    select * from inventory_snapshots
    union all
    select * from inbound_shipments
    union all
    select * from plan_overrides
)

select * from final
