-- One row per customer with a purchase: the features that make segments.
with

rfm as (
    select * from {{ ref('fct_customer_rfm') }}
),

final as (
    select
        customer_id,
        recency_days,
        frequency,
        monetary,
        tenure_days,
        q1_share,
        q2_share,
        q3_share,
        q4_share
    from rfm
)

select * from final
