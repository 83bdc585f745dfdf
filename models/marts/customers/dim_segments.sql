-- One row per segment: its size, its share of revenue, its centre in business units.
{% set means = {
    'recency_days': 'recency_days',
    'frequency': 'frequency',
    'tenure_days': 'tenure_days',
    'category_count': 'category_count',
    'order_value': 'mean_order_value',
    'interpurchase_days': 'interpurchase_days',
    'interpurchase_variation': 'interpurchase_variation',
    'return_rate': 'return_rate',
    'season_strength': 'season_strength',
    'q1_share': 'q1_share',
    'q2_share': 'q2_share',
    'q3_share': 'q3_share',
    'q4_share': 'q4_share',
} %}
with

segments as (
    select * from {{ ref('dim_customer_segments') }}
),

rfm as (
    select * from {{ ref('fct_customer_rfm') }}
),

customer_value as (
    select * from {{ ref('fct_customer_value') }}
),

-- Decimals add up to the same in any order; doubles don't.
summarize_segments as (
    select
        segments.segment_id,
        segments.segment,
        max(segments.fitted_at) as fitted_at,
        count(*) as customers,
        sum(rfm.monetary) as revenue,
        avg(rfm.monetary) as mean_monetary,
        {% for name, column in means.items() %}
        avg({{ round_to_decimal('rfm.' ~ column, 6) }}) as mean_{{ name }},
        {% endfor %}
        avg({{ round_to_decimal('customer_value.probability_alive', 6) }})
            as mean_probability_alive,
        sum({{ round_to_decimal('customer_value.expected_value', 4) }}) as expected_value
    from segments
    inner join rfm
        on segments.customer_id = rfm.customer_id
    left join customer_value
        on segments.customer_id = customer_value.customer_id
    group by segments.segment_id, segments.segment
),

final as (
    select
        {{ cast_to('segment_id', 'integer') }} as segment_id,
        {{ cast_to('segment', 'string') }} as segment,
        fitted_at,
        {{ cast_to('customers', 'integer') }} as customers,
        {{ share_of('customers', 'sum(customers) over ()') }} as customer_share,
        {{ cast_to_decimal('revenue') }} as revenue,
        {{ share_of('revenue', 'sum(revenue) over ()') }} as revenue_share,
        {{ cast_to('mean_monetary', 'numeric') }} as mean_monetary,
        {% for name in means %}
        {{ cast_to('mean_' ~ name, 'numeric') }} as mean_{{ name }},
        {% endfor %}
        {{ cast_to('mean_probability_alive', 'numeric') }} as mean_probability_alive,
        {{ cast_to(var('customer_value_days'), 'integer') }} as horizon_days,
        {{ cast_to_decimal('expected_value') }} as expected_value
    from summarize_segments
)

select * from final
