-- One row per earlier snapshot and customer: what was known then, and what the customer did next;
-- for 50,000 customers at most, chosen by a hash of their id.
with

features as (
    select *
    from {{ ref('int_customers__measure_features') }}
    where snapshots_back > 0
),

list_customers as (
    select distinct customer_id
    from features
),

rank_customers as (
    select
        customer_id,
        row_number() over (order by {{ dbt.hash('customer_id') }}, customer_id) as sample_rank
    from list_customers
),

final as (
    select
        features.snapshots_back,
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
        {{ cast_to('null', 'numeric') }} as expected_value,
        features.next_spend,
        features.next_purchase_days
    from features
    inner join rank_customers
        on features.customer_id = rank_customers.customer_id
    where rank_customers.sample_rank <= 50000
)

select * from final
