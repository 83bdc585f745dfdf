-- Forecasts by segment, SKU and region add up to those of SKU and centre, SKU, category and total.
with

forecasts as (
    select * from {{ ref('fct_demand_forecasts') }}
),

products as (
    select * from {{ ref('dim_products') }}
),

by_level as (
    select * from {{ ref('fct_demand_forecasts_by_level') }}
),

sum_forecasts as (
    {% for level, key in {
        'sku_fc': row_key(['forecasts.sku', 'forecasts.home_fc_id']),
        'sku': 'forecasts.sku',
        'category': 'products.category',
        'total': "'total'",
    }.items() %}
    select
        '{{ level }}' as level,
        {{ key }} as series_id,
        forecasts.period_start,
        sum(forecasts.mean) as mean
    from forecasts
    inner join products
        on forecasts.sku = products.sku
    group by 1, 2, 3
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    by_level.level,
    by_level.series_id,
    by_level.period_start,
    by_level.mean as mean_by_level,
    sum_forecasts.mean
from sum_forecasts
full outer join by_level
    on
        sum_forecasts.level = by_level.level
        and sum_forecasts.series_id = by_level.series_id
        and sum_forecasts.period_start = by_level.period_start
where
    abs(coalesce(sum_forecasts.mean, 0) - coalesce(by_level.mean, 0))
    > 0.000001 * (1 + abs(coalesce(by_level.mean, 0)))
