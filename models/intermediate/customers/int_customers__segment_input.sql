-- One row per customer with a purchase: what makes segments, as known at as_of.
with

features as (
    select *
    from {{ ref('int_customers__measure_features') }}
    where snapshots_back = 0
),

customer_value as (
    select * from {{ ref('int_customers__value_fitted') }}
),

final as (
    select
        features.snapshot_date,
        features.customer_id,
        features.purchase_days,
        features.recency_days,
        features.frequency,
        features.monetary,
        features.tenure_days,
        features.interpurchase_days,
        features.interpurchase_variation,
        features.return_rate,
        features.category_count,
        features.q1_share,
        features.q2_share,
        features.q3_share,
        features.q4_share,
        features.season_strength,
        features.season_peak_day,
        customer_value.expected_value
    from features
    left join customer_value
        on features.customer_id = customer_value.customer_id
)

select * from final
