-- One row per level, sum of series and complete period: what was forecast before it, and what came.
-- A SKU and centre that ran out in a period is left out of it, and of the sums.
with

forecasts as (
    select * from {{ ref('int_monitoring__archive_forecasts') }}
),

panel as (
    select * from {{ ref('int_demand__forecast_input') }}
),

sum_actuals as (
    select
        sku_fc,
        period_start,
        sum(units) as actual,
        max(case when is_stockout then 1 else 0 end) as has_stockout
    from panel
    group by sku_fc, period_start
),

compare_series as (
    select
        forecasts.*,
        sum_actuals.actual
    from forecasts
    inner join sum_actuals
        on
            forecasts.series_id = sum_actuals.sku_fc
            and forecasts.period_start = sum_actuals.period_start
    where
        forecasts.level = 'sku_fc'
        and sum_actuals.has_stockout = 0
),

sum_series as (
    select
        'category' as level,
        category as series_id,
        period_start,
        sum(actual) as actual,
        sum({{ cast_to_decimal('mean', 6) }}) as mean
    from compare_series
    group by category, period_start
    union all
    select
        'total' as level,
        'total' as series_id,
        period_start,
        sum(actual) as actual,
        sum({{ cast_to_decimal('mean', 6) }}) as mean
    from compare_series
    group by period_start
),

-- The interval of the whole sum, by the part of it that can be compared.
scale_sums as (
    select
        forecasts.level,
        forecasts.series_id,
        forecasts.period_start,
        sum_series.actual,
        {{ cast_to('sum_series.mean', 'numeric') }} as mean,
        forecasts.q0_025 * {{ cast_to('sum_series.mean', 'numeric') }} / forecasts.mean as q0_025,
        forecasts.q0_975 * {{ cast_to('sum_series.mean', 'numeric') }} / forecasts.mean as q0_975
    from forecasts
    inner join sum_series
        on
            forecasts.level = sum_series.level
            and (
                forecasts.series_id = sum_series.series_id
                or forecasts.level = 'total'
            )
            and forecasts.period_start = sum_series.period_start
    where forecasts.mean > 0
),

unite as (
    select
        level,
        series_id,
        period_start,
        actual,
        mean,
        q0_025,
        q0_975
    from compare_series
    union all
    select
        level,
        series_id,
        period_start,
        actual,
        mean,
        q0_025,
        q0_975
    from scale_sums
),

final as (
    select
        level,
        series_id,
        period_start,
        {{ cast_to('actual', 'numeric') }} as actual,
        {{ cast_to('mean', 'numeric') }} as mean,
        {{ cast_to('q0_025', 'numeric') }} as q0_025,
        {{ cast_to('q0_975', 'numeric') }} as q0_975
    from unite
)

select * from final
