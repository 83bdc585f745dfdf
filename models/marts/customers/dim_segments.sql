-- One row per segment: its size, its share of revenue, its centre in business units.
with

segments as (
    select * from {{ ref('dim_customer_segments') }}
),

rfm as (
    select * from {{ ref('fct_customer_rfm') }}
),

summarize_segments as (
    select
        segments.segment_id,
        segments.segment,
        count(*) as customers,
        sum(rfm.monetary) as revenue,
        avg(rfm.recency_days) as mean_recency_days,
        avg(rfm.frequency) as mean_frequency,
        avg(rfm.monetary) as mean_monetary
    from segments
    inner join rfm
        on segments.customer_id = rfm.customer_id
    group by segments.segment_id, segments.segment
),

final as (
    select
        {{ cast_to('segment_id', 'integer') }} as segment_id,
        {{ cast_to('segment', 'string') }} as segment,
        {{ cast_to('customers', 'integer') }} as customers,
        {{ cast_to_decimal('revenue') }} as revenue,
        {{ cast_to('revenue', 'numeric') }}
        / nullif({{ cast_to('sum(revenue) over ()', 'numeric') }}, 0) as revenue_share,
        {{ cast_to('mean_recency_days', 'numeric') }} as mean_recency_days,
        {{ cast_to('mean_frequency', 'numeric') }} as mean_frequency,
        {{ cast_to('mean_monetary', 'numeric') }} as mean_monetary
    from summarize_segments
)

select * from final
