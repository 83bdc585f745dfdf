-- One row per earlier snapshot and customer of the sample: what was known then, and what the
-- customer did next.
with

features as (
    select *
    from {{ ref('int_customers__measure_features') }}
    where snapshots_back > 0
),

final as (
    select
        snapshots_back,
        snapshot_date,
        customer_id,
        purchase_days,
        recency_days,
        frequency,
        monetary,
        tenure_days,
        interpurchase_days,
        interpurchase_variation,
        return_rate,
        category_count,
        q1_share,
        q2_share,
        q3_share,
        q4_share,
        season_strength,
        season_peak_day,
        {{ cast_to('null', 'numeric') }} as expected_value,
        next_spend,
        next_purchase_days
    from features
)

select * from final
