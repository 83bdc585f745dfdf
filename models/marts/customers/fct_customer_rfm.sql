-- One row per customer with a purchase: recency, frequency, monetary and season.
with

features as (
    select *
    from {{ ref('int_customers__measure_features') }}
    where snapshots_back = 0
),

-- Equal values get equal scores: a score is the fifth of the ranking that a value falls in.
rank_customers as (
    select
        *,
        percent_rank() over (order by recency_days desc) as recency_rank,
        percent_rank() over (order by frequency) as frequency_rank,
        percent_rank() over (order by monetary) as monetary_rank
    from features
),

final as (
    select
        {{ cast_to('customer_id', 'string') }} as customer_id,
        first_purchase_date,
        last_purchase_date,
        {{ cast_to('recency_days', 'integer') }} as recency_days,
        {{ cast_to('frequency', 'integer') }} as frequency,
        {{ cast_to_decimal('monetary') }} as monetary,
        {{ share_of('sales', 'frequency') }} as mean_order_value,
        {{ cast_to('tenure_days', 'integer') }} as tenure_days,
        {{ cast_to('purchase_days - 1', 'integer') }} as repeat_purchase_days,
        {{ cast_to('last_purchase_age_days', 'integer') }} as last_purchase_age_days,
        interpurchase_days,
        interpurchase_variation,
        return_rate,
        {{ cast_to('category_count', 'integer') }} as category_count,
        {% for quarter in [1, 2, 3, 4] %}
        q{{ quarter }}_share,
        {% endfor %}
        season_strength,
        season_peak_day,
        {{ cast_to('least(1 + floor(5 * recency_rank), 5)', 'integer') }} as recency_score,
        {{ cast_to('least(1 + floor(5 * frequency_rank), 5)', 'integer') }} as frequency_score,
        {{ cast_to('least(1 + floor(5 * monetary_rank), 5)', 'integer') }} as monetary_score
    from rank_customers
)

select * from final
