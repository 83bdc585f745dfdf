-- One row per active segment, SKU and region: the series that models it, and its share of that.
with

history as (
    select * from {{ ref('fct_demand_history') }}
),

calendar as (
    select
        last_complete_period_start,
        {{ add_periods('last_complete_period_start', '-' ~ var('share_periods')) }}
            as share_window_start
    from {{ ref('int_calendar__determine_as_of') }}
),

summarize_series as (
    select
        history.segment,
        history.sku,
        history.region_id,
        sum(case when history.units > 0 then 1 else 0 end) as nonzero_periods,
        sum(
            case
                when history.period_start > calendar.share_window_start then history.units
                else 0
            end
        ) as recent_units
    from history
    cross join calendar
    group by history.segment, history.sku, history.region_id
    having max(history.period_start) = max(calendar.last_complete_period_start)
),

-- What is too thin to model is pooled by SKU and region; where that is too thin, by SKU.
find_thin_series as (
    select *
    from summarize_series
    where nonzero_periods < {{ var('model_min_nonzero_periods') }}
),

summarize_region_pools as (
    select
        history.sku,
        history.region_id,
        count(distinct case when history.units > 0 then history.period_start end)
            as nonzero_periods
    from history
    inner join find_thin_series
        on
            history.segment = find_thin_series.segment
            and history.sku = find_thin_series.sku
            and history.region_id = find_thin_series.region_id
    group by history.sku, history.region_id
),

choose_level as (
    select
        summarize_series.*,
        case
            when summarize_series.nonzero_periods >= {{ var('model_min_nonzero_periods') }}
                then 'segment_sku_region'
            when summarize_region_pools.nonzero_periods >= {{ var('model_min_nonzero_periods') }}
                then 'sku_region'
            else 'sku'
        end as model_level
    from summarize_series
    left join summarize_region_pools
        on
            summarize_series.sku = summarize_region_pools.sku
            and summarize_series.region_id = summarize_region_pools.region_id
),

name_model_series as (
    select
        *,
        case model_level
            when 'segment_sku_region'
                then {{ row_key(['model_level', 'sku', 'region_id', 'segment']) }}
            when 'sku_region' then {{ row_key(['model_level', 'sku', 'region_id']) }}
            else {{ row_key(['model_level', 'sku']) }}
        end as series_id
    from choose_level
),

-- One unit spread evenly is added, so that a series without a recent sale keeps a small share.
final as (
    select
        segment,
        sku,
        region_id,
        model_level,
        series_id,
        (
            {{ cast_to('recent_units', 'numeric') }}
            + 1 / {{ cast_to('count(*) over (partition by series_id)', 'numeric') }}
        )
        / (1 + {{ cast_to('sum(recent_units) over (partition by series_id)', 'numeric') }})
            as share
    from name_model_series
)

select * from final
