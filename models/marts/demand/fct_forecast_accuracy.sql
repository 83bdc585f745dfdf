-- One row per model, level and cutoff: accuracy over the horizon, stock-outs left out.
with

backtests as (
    select * from {{ ref('fct_forecast_backtests') }}
),

-- The models that won the backtest, as they are used, are scored beside the others.
name_selected as (
    select
        'selected' as scored_model,
        backtests.*
    from backtests
    where backtests.is_selected
    union all
    select
        backtests.model as scored_model,
        backtests.*
    from backtests
),

score_series as (
    select
        scored_model as model,
        cutoff,
        series_id,
        sku,
        period_start,
        forecast,
        actual,
        naive_error,
        naive_squared_error,
        training_units,
        noise_floor,
        case when actual between q0_025 and q0_975 then 1e0 else 0e0 end as is_covered,
        greatest(0.025 * (actual - q0_025), -0.975 * (actual - q0_025))
        + greatest(0.5 * (actual - q0_5), -0.5 * (actual - q0_5))
        + greatest(0.975 * (actual - q0_975), -0.025 * (actual - q0_975)) as pinball_sum
    from name_selected
    where not is_stockout
),

list_series as (
    select distinct
        model,
        cutoff,
        series_id,
        training_units
    from score_series
),

-- Series that make the first 80 % of the volume known at the cutoff.
rank_series as (
    select
        model,
        cutoff,
        series_id,
        sum(training_units) over (
            partition by model, cutoff
            order by training_units desc, series_id asc
            rows between unbounded preceding and current row
        ) - training_units as units_above,
        sum(training_units) over (partition by model, cutoff) as all_units
    from list_series
),

score_periods as (
    select
        score_series.*,
        rank_series.units_above < 0.8 * rank_series.all_units as is_top
    from score_series
    inner join rank_series
        on
            score_series.model = rank_series.model
            and score_series.cutoff = rank_series.cutoff
            and score_series.series_id = rank_series.series_id
),

score_model_series as (
    select
        model,
        'model_series' as level,
        cutoff,
        count(distinct series_id) as series,
        count(*) as periods,
        sum(abs(actual - forecast)) / nullif(sum(actual), 0) as wape,
        sum(forecast - actual) / nullif(sum(actual), 0) as bias,
        avg(case when is_top and actual > 0 then abs(actual - forecast) / actual end) as mape_top,
        avg(case when is_top and actual > 0 then noise_floor end) as mape_top_floor,
        sum(abs(actual - forecast)) / nullif(sum(naive_error), 0) as mase,
        sqrt(
            sum(power(actual - forecast, 2)) / nullif(sum(naive_squared_error), 0)
        ) as rmsse,
        avg(is_covered) as coverage,
        sum(pinball_sum) / nullif(sum(actual), 0) as pinball
    from score_periods
    group by model, cutoff
),

sum_to_levels as (
    select
        model,
        cutoff,
        'sku' as level,
        sku as series_id,
        period_start,
        sum(actual) as actual,
        sum(forecast) as forecast
    from score_series
    group by model, cutoff, sku, period_start
    union all
    select
        model,
        cutoff,
        'total' as level,
        'total' as series_id,
        period_start,
        sum(actual) as actual,
        sum(forecast) as forecast
    from score_series
    group by model, cutoff, period_start
),

score_levels as (
    select
        model,
        level,
        cutoff,
        count(distinct series_id) as series,
        count(*) as periods,
        sum(abs(actual - forecast)) / nullif(sum(actual), 0) as wape,
        sum(forecast - actual) / nullif(sum(actual), 0) as bias
    from sum_to_levels
    group by model, level, cutoff
),

final as (
    select * from score_model_series
    union all
    select
        model,
        level,
        cutoff,
        series,
        periods,
        wape,
        bias,
        null as mape_top,
        null as mape_top_floor,
        null as mase,
        null as rmsse,
        null as coverage,
        null as pinball
    from score_levels
)

select
    {{ cast_to('model', 'string') }} as model,
    {{ cast_to('level', 'string') }} as level,
    {{ cast_to('cutoff', 'date') }} as cutoff,
    {{ cast_to('series', 'integer') }} as series,
    {{ cast_to('periods', 'integer') }} as periods,
    {% for measure in [
        'wape', 'bias', 'mape_top', 'mape_top_floor', 'mase', 'rmsse', 'coverage'
    ] %}
    {{ cast_to(measure, 'numeric') }} as {{ measure }},
    {% endfor %}
    {{ cast_to('pinball', 'numeric') }} as pinball
from final
