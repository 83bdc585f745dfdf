-- One row per segment, SKU, region and period ahead: the forecast of its pool, and its share.
{%- set year = periods_per_year() | int %}
{%- set around = {'day': 14, 'week': 2, 'month': 1}[var('period')] %}
with

fitted as (
    select *
    from {{ ref('int_demand__forecast_fitted') }}
    where is_forecast and level = 'series'
),

members as (
    select *
    from {{ ref('int_demand__assign_model_series') }}
    where is_active
),

history as (
    select * from {{ ref('fct_demand_history') }}
),

list_periods as (
    select distinct period_start
    from fitted
),

-- Some segments buy in one season only: what each bought about a year before a period ahead.
recall_season as (
    select
        list_periods.period_start,
        history.segment,
        sum(
            case
                when
                    history.period_start
                    between {{ add_periods('list_periods.period_start', -year - around) }}
                    and {{ add_periods('list_periods.period_start', -year + around) }}
                    then history.units
                else 0
            end
        ) as season_units,
        sum(history.units) as year_units
    from list_periods
    inner join history
        on
            history.period_start
            between {{ add_periods('list_periods.period_start', -year - year // 2) }}
            and {{ add_periods('list_periods.period_start', -year + year // 2) }}
    group by list_periods.period_start, history.segment
),

sum_segments as (
    select
        *,
        sum(season_units) over (partition by period_start) as all_season_units,
        sum(year_units) over (partition by period_start) as all_year_units
    from recall_season
),

-- Its part of all sales in that season beside its part in the year; one unit more is shared out as
-- in the year, so that a season of few sales says little.
measure_season as (
    select
        period_start,
        segment,
        (
            1
            + {{ cast_to('season_units', 'numeric') }}
            * all_year_units / nullif(year_units, 0)
        )
        / (1 + all_season_units) as season_factor
    from sum_segments
),

weigh_members as (
    select
        members.segment,
        members.sku,
        members.region_id,
        fitted.series_id,
        fitted.period_start,
        -- Nobody's part is taken to be nothing.
        {{ round_to_decimal(
            'members.share * greatest(coalesce(measure_season.season_factor, 1), 0.001)', 9
        ) }} as weight,
        fitted.basis,
        fitted.mean,
        {% for quantile in ['q0_025', 'q0_05', 'q0_25', 'q0_5', 'q0_75', 'q0_95'] %}
        fitted.{{ quantile }},
        {% endfor %}
        fitted.q0_975
    from fitted
    inner join members
        on fitted.series_id = members.series_id
    left join measure_season
        on
            fitted.period_start = measure_season.period_start
            and members.segment = measure_season.segment
),

sum_weights as (
    select
        *,
        sum(weight) over (partition by series_id, period_start) as pool_weight
    from weigh_members
),

final as (
    select
        segment,
        sku,
        region_id,
        period_start,
        {{ cast_to('weight', 'numeric') }} / {{ cast_to('pool_weight', 'numeric') }} as share,
        basis,
        mean,
        {% for quantile in ['q0_025', 'q0_05', 'q0_25', 'q0_5', 'q0_75', 'q0_95'] %}
        {{ quantile }},
        {% endfor %}
        q0_975
    from sum_weights
)

select * from final
