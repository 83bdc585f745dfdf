-- One row per segment, SKU, region and period ahead: the forecast of its pool, and its share.
with

fitted as (
    select *
    from {{ ref('int_demand__forecast_fitted') }}
    where is_forecast
),

members as (
    select * from {{ ref('int_demand__assign_model_series') }}
),

final as (
    select
        members.segment,
        members.sku,
        members.region_id,
        fitted.period_start,
        members.share,
        fitted.basis,
        fitted.mean,
        {% for quantile in ['q0_025', 'q0_05', 'q0_25', 'q0_5', 'q0_75', 'q0_95'] %}
        fitted.{{ quantile }},
        {% endfor %}
        fitted.q0_975
    from fitted
    inner join members
        on fitted.series_id = members.series_id
    where fitted.level = 'series' and members.is_active
)

select * from final
