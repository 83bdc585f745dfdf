-- One row per segment, SKU and region: the series that models it, and its share of that.
with

history as (
    select * from {{ ref('fct_demand_history') }}
),

regions as (
    select * from {{ ref('dim_regions') }}
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
        max(regions.home_fc_id) as fc_id,
        sum(case when history.units > 0 then 1 else 0 end) as nonzero_periods,
        sum(
            case
                when history.period_start > calendar.share_window_start then history.units
                else 0
            end
        ) as recent_units,
        max(history.period_start) = max(calendar.last_complete_period_start) as is_active
    from history
    cross join calendar
    left join regions
        on history.region_id = regions.region_id
    group by history.segment, history.sku, history.region_id
),

-- What is too thin to model is pooled by SKU and region; where that is too thin, by SKU and centre.
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
            else 'sku_fc'
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
            else {{ row_key(['model_level', 'sku', 'fc_id']) }}
        end as series_id
    from choose_level
),

sum_pools as (
    select
        *,
        sum(case when is_active then recent_units else 0 end)
            over (partition by series_id) as pool_units,
        sum(case when is_active then 1 else 0 end)
            over (partition by series_id) as pool_members
    from name_model_series
),

-- One unit spread evenly is added, so that an active series without a recent sale keeps a small
-- share. Those that ended have none: they stay in the history of their pool.
share_out as (
    select
        *,
        (
            {{ cast_to('recent_units', 'numeric') }}
            + 1 / nullif({{ cast_to('pool_members', 'numeric') }}, 0)
        )
        / (1 + {{ cast_to('pool_units', 'numeric') }}) as active_share
    from sum_pools
),

final as (
    select
        segment,
        sku,
        region_id,
        fc_id,
        model_level,
        series_id,
        is_active,
        case when is_active then active_share else 0 end as share
    from share_out
)

select * from final
