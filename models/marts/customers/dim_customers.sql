-- One row per customer: those of the customers table, and those only transactions know.
with

customers as (
    select *
    from {{ ref('stg_raw__customers') }}
    where rejection_reason is null
),

transactions as (
    select *
    from {{ ref('fct_transactions') }}
    where customer_id is not null
),

summarize_buyers as (
    select
        customer_id,
        min(ordered_at) as first_ordered_at,
        min(region_id) as first_region_id
    from transactions
    group by customer_id
),

final as (
    select
        coalesce(customers.customer_id, summarize_buyers.customer_id) as customer_id,
        coalesce(customers.region_id, summarize_buyers.first_region_id) as region_id,
        coalesce(customers.signed_up_at, summarize_buyers.first_ordered_at) as signed_up_at,
        customers.acquisition_channel,
        customers.customer_id is null as is_inferred
    from customers
    full outer join summarize_buyers
        on customers.customer_id = summarize_buyers.customer_id
)

select * from final
