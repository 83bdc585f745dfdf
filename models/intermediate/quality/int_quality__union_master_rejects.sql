-- One row per refused row of the tables that refer to no other.
with

{% for table in [
    'customers', 'products', 'fulfillment_centers', 'regions', 'service_targets', 'experiments'
] -%}
{{ table }} as (
    {{ select_rejected(ref('stg_raw__' ~ table), table) }}
),

{% endfor -%}

final as (
    select * from customers
    union all
    select * from products
    union all
    select * from fulfillment_centers
    union all
    select * from regions
    union all
    select * from service_targets
    union all
    select * from experiments
)

select * from final
