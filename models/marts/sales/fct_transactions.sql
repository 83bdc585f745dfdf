-- One row per cleaned order line.
-- depends_on: {{ ref('int_sales__fingerprint_days') }}, {{ ref('int_sales__list_changed_days') }}
-- depends_on: {{ ref('int_sales__refuse_transactions') }}
{{ config(large_table('ordered_date', ['sku', 'region_id'])) }}
{{ config(
    materialized='incremental',
    on_schema_change='fail',
    pre_hook="{{ delete_changed_days('ordered_date') }}"
) }}
with

transactions as (
    select * from {{ ref('int_sales__locate_transactions') }}
),

final as (
    select
        {{ cast_to('order_id', 'string') }} as order_id,
        {{ cast_to('order_line', 'integer') }} as order_line,
        {{ cast_to('customer_id', 'string') }} as customer_id,
        {{ cast_to('sku', 'string') }} as sku,
        {{ cast_to('region_id', 'string') }} as region_id,
        {{ cast_to('fc_id', 'string') }} as fc_id,
        {{ cast_to('quantity', 'integer') }} as quantity,
        {{ cast_to_decimal('unit_price') }} as unit_price,
        {{ cast_to_decimal('quantity * unit_price') }} as revenue,
        {{ cast_to_decimal('shipping_cost') }} as shipping_cost,
        ordered_at,
        promised_at,
        delivered_at,
        ordered_date,
        {{ period_start('ordered_date') }} as period_start,
        quantity < 0 as is_return,
        coalesce(delivered_at > promised_at, false) as is_late,
        {{ cast_to('day_fingerprint', 'integer') }} as day_fingerprint,
        {{ cast_to('accepted_fingerprint', 'integer') }} as accepted_fingerprint
    from transactions
)

select * from final
