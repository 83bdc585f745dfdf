-- One row per customer with a purchase: what the customer is expected to buy next.
with

fitted as (
    select * from {{ ref('int_customers__value_fitted') }}
),

final as (
    select
        {{ cast_to('customer_id', 'string') }} as customer_id,
        {{ cast_to(var('customer_value_days'), 'integer') }} as horizon_days,
        {{ cast_to('probability_alive', 'numeric') }} as probability_alive,
        {{ cast_to('expected_purchases', 'numeric') }} as expected_purchases,
        {{ cast_to('expected_purchase_value', 'numeric') }} as expected_purchase_value,
        {{ cast_to('expected_value', 'numeric') }} as expected_value
    from fitted
)

select * from final
