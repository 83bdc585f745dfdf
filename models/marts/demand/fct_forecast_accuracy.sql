-- One row per model, level, class of demand and cutoff: accuracy over the horizon.
with

backtests as (
    select * from {{ ref('fct_forecast_backtests') }}
),

-- Series that make the first 80 % of the volume known at the cutoff.
rank_series as (
    select
        cutoff,
        series_id,
        training_units,
        sum(training_units) over (
            partition by cutoff
            order by training_units desc, {{ by_code_point('series_id') }} asc
            rows between unbounded preceding and current row
        ) - training_units as units_above,
        sum(training_units) over (partition by cutoff) as all_units
    from backtests
    where model = 'ensemble' and horizon = 1
),

-- Exact decimals from here on, so that sums don't depend on the order of the rows. What was out of
-- stock is left out.
score_periods as (
    select
        backtests.model,
        backtests.cutoff,
        backtests.series_id,
        backtests.sku,
        backtests.demand_class,
        backtests.period_start,
        rank_series.units_above < 0.8 * rank_series.all_units and backtests.actual > 0 as is_top,
        {{ round_to_decimal('backtests.forecast', 8) }} as forecast,
        {{ round_to_decimal('backtests.actual', 8) }} as actual,
        {{ round_to_decimal('abs(backtests.actual - backtests.forecast)', 8) }} as absolute_error,
        {{ round_to_decimal('power(backtests.actual - backtests.forecast, 2)', 8) }}
            as squared_error,
        {{ round_to_decimal(
            'abs(backtests.actual - backtests.forecast) / nullif(backtests.actual, 0)', 8
        ) }} as percentage_error,
        {{ round_to_decimal('backtests.naive_error', 8) }} as naive_error,
        {{ round_to_decimal('backtests.naive_squared_error', 8) }} as naive_squared_error,
        {{ round_to_decimal('backtests.noise_floor', 8) }} as noise_floor,
        case
            when backtests.q0_025 is null then null
            when backtests.actual between backtests.q0_025 and backtests.q0_975 then 1
            else 0
        end as is_covered,
        {{ round_to_decimal(
            'greatest(0.025 * (actual - q0_025), -0.975 * (actual - q0_025))'
            ~ ' + greatest(0.5 * (actual - q0_5), -0.5 * (actual - q0_5))'
            ~ ' + greatest(0.975 * (actual - q0_975), -0.025 * (actual - q0_975))', 8
        ) }} as pinball_sum,
        case when backtests.q0_025 is not null then backtests.actual end as interval_actual
    from backtests
    inner join rank_series
        on
            backtests.cutoff = rank_series.cutoff
            and backtests.series_id = rank_series.series_id
    where not backtests.is_stockout
),

choose_class as (
    select
        'all' as scored_class,
        score_periods.*
    from score_periods
    union all
    select
        demand_class as scored_class,
        score_periods.*
    from score_periods
),

score_model_series as (
    select
        model,
        'model_series' as level,
        scored_class as demand_class,
        cutoff,
        count(distinct series_id) as series,
        count(*) as periods,
        {{ share_of('sum(absolute_error)', 'sum(actual)') }} as wape,
        {{ share_of('sum(forecast - actual)', 'sum(actual)') }} as bias,
        {{ share_of(
            'sum(case when is_top then percentage_error end)',
            'sum(case when is_top then 1 end)'
        ) }} as mape_top,
        {{ share_of(
            'sum(case when is_top then noise_floor end)',
            'sum(case when is_top then 1 end)'
        ) }} as mape_top_floor,
        {{ share_of('sum(absolute_error)', 'sum(naive_error)') }} as mase,
        sqrt({{ share_of('sum(squared_error)', 'sum(naive_squared_error)') }}) as rmsse,
        {{ share_of('sum(is_covered)', 'count(is_covered)') }} as coverage,
        {{ share_of('sum(pinball_sum)', 'sum(interval_actual)') }} as pinball
    from choose_class
    group by model, scored_class, cutoff
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
    from score_periods
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
    from score_periods
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
        'all' as demand_class,
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
    {{ cast_to('demand_class', 'string') }} as demand_class,
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
