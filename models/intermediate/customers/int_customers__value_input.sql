-- One row per customer with a purchase: the counts that BG/NBD and Gamma-Gamma are fitted on, now
-- and at the snapshot before, with the purchase days that followed it.
with

features as (
    select *
    from {{ ref('int_customers__measure_features') }}
    where snapshots_back = 0
),

features_before as (
    select *
    from {{ ref('int_customers__measure_features') }}
    where snapshots_back = 1
),

final as (
    select
        features.customer_id,
        features.purchase_days - 1 as repeat_purchase_days,
        features.last_purchase_age_days,
        features.tenure_days,
        {{ share_of('features.repeat_sales', 'features.purchase_days - 1') }} as mean_repeat_value,
        features_before.purchase_days - 1 as holdout_repeat_purchase_days,
        features_before.last_purchase_age_days as holdout_last_purchase_age_days,
        features_before.tenure_days as holdout_tenure_days,
        features_before.next_purchase_days as holdout_purchases,
        {{ var('segment_outcome_days') }} as holdout_days
    from features
    left join features_before
        on features.customer_id = features_before.customer_id
)

select * from final
