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

-- Exact decimals from here on, so that sums don't depend on the order of the rows.
score_series as (
    select
        scored_model as model,
        cutoff,
        series_id,
        sku,
        period_start,
        training_units,
        {{ cast_to_decimal('forecast', 8) }} as forecast,
        {{ cast_to_decimal('actual', 8) }} as actual,
        {{ cast_to_decimal('abs(actual - forecast)', 8) }} as absolute_error,
        {{ cast_to_decimal('power(actual - forecast, 2)', 8) }} as squared_error,
        {{ cast_to_decimal('abs(actual - forecast) / nullif(actual, 0)', 8) }} as percentage_error,
        {{ cast_to_decimal('naive_error', 8) }} as naive_error,
        {{ cast_to_decimal('naive_squared_error', 8) }} as naive_squared_error,
        {{ cast_to_decimal('case when actual > 0 then noise_floor end', 8) }} as noise_floor,
        case when actual between q0_025 and q0_975 then 1 else 0 end as is_covered,
        {{ cast_to_decimal(
            'greatest(0.025 * (actual - q0_025), -0.975 * (actual - q0_025))'
            ~ ' + greatest(0.5 * (actual - q0_5), -0.5 * (actual - q0_5))'
            ~ ' + greatest(0.975 * (actual - q0_975), -0.025 * (actual - q0_975))', 8
        ) }} as pinball_sum
    from name_selected
    where not is_stockout
),

number_rows as (
    select
        *,
        row_number() over (
            partition by model, cutoff, series_id
            order by period_start
        ) as row_in_series
    from score_series
),

-- Each series counts once, in its first row.
count_series as (
    select
        *,
        case when row_in_series = 1 then training_units else 0 end as counted_units
    from number_rows
),

-- Series that make the first 80 % of the volume known at the cutoff.
rank_series as (
    select
        *,
        sum(counted_units) over (
            partition by model, cutoff
            order by training_units desc, {{ by_code_point('series_id') }} asc, period_start asc
            rows between unbounded preceding and current row
        ) - training_units as units_above,
        sum(counted_units) over (partition by model, cutoff) as all_units
    from count_series
),

score_periods as (
    select
        *,
        units_above < 0.8 * all_units as is_top
    from rank_series
),

score_model_series as (
    select
        model,
        'model_series' as level,
        cutoff,
        count(distinct series_id) as series,
        count(*) as periods,
        {{ share_of('sum(absolute_error)', 'sum(actual)') }} as wape,
        {{ share_of('sum(forecast - actual)', 'sum(actual)') }} as bias,
        {{ share_of(
            'sum(case when is_top then percentage_error end)',
            'count(case when is_top then percentage_error end)'
        ) }} as mape_top,
        {{ share_of(
            'sum(case when is_top then noise_floor end)',
            'count(case when is_top then noise_floor end)'
        ) }} as mape_top_floor,
        {{ share_of('sum(absolute_error)', 'sum(naive_error)') }} as mase,
        sqrt({{ share_of('sum(squared_error)', 'sum(naive_squared_error)') }}) as rmsse,
        {{ share_of('sum(is_covered)', 'count(*)') }} as coverage,
        {{ share_of('sum(pinball_sum)', 'sum(actual)') }} as pinball
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
        {{ share_of('sum(abs(actual - forecast))', 'sum(actual)') }} as wape,
        {{ share_of('sum(forecast - actual)', 'sum(actual)') }} as bias
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
