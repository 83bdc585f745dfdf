-- One row per modelled series and period, from the first sale on, with what the series adds up to.
with

history as (
    select * from {{ ref('fct_demand_history') }}
),

members as (
    select * from {{ ref('int_demand__assign_model_series') }}
),

products as (
    select * from {{ ref('dim_products') }}
),

sum_members as (
    select
        members.series_id,
        members.model_level,
        members.fc_id,
        history.sku,
        history.period_start,
        -- What a pool has members of several of is not its own.
        min(case when members.model_level = 'segment_sku_region' then members.segment end)
            as segment,
        min(case when members.model_level <> 'sku_fc' then members.region_id end) as region_id,
        {{ cast_to('sum(history.units)', 'integer') }} as units,
        max(case when history.is_stockout then 1 else 0 end) = 1 as is_stockout
    from history
    inner join members
        on
            history.segment = members.segment
            and history.sku = members.sku
            and history.region_id = members.region_id
    group by
        members.series_id,
        members.model_level,
        members.fc_id,
        history.sku,
        history.period_start
),

calendar as (
    select last_complete_period_start from {{ ref('int_calendar__determine_as_of') }}
),

bound_series as (
    select
        series_id,
        model_level,
        sku,
        fc_id,
        min(segment) as segment,
        min(region_id) as region_id,
        min(period_start) as first_period_start
    from sum_members
    group by series_id, model_level, sku, fc_id
),

list_periods as (
    {{ period_spine(
        '(select min(first_period_start) from bound_series)',
        '(select last_complete_period_start from calendar)'
    ) }}
),

-- Series that ended go on with zeros: what is known of the past must not depend on who lived on.
fill_periods as (
    select
        bound_series.*,
        list_periods.period_start
    from bound_series
    inner join list_periods
        on bound_series.first_period_start <= list_periods.period_start
),

final as (
    select
        fill_periods.series_id,
        fill_periods.model_level,
        {{ row_key(['fill_periods.sku', 'fill_periods.fc_id']) }} as sku_fc,
        fill_periods.sku,
        fill_periods.fc_id,
        fill_periods.segment,
        fill_periods.region_id,
        products.category,
        fill_periods.period_start,
        coalesce(sum_members.units, 0) as units,
        coalesce(sum_members.is_stockout, false) as is_stockout
    from fill_periods
    left join sum_members
        on
            fill_periods.series_id = sum_members.series_id
            and fill_periods.period_start = sum_members.period_start
    left join products
        on fill_periods.sku = products.sku
)

select * from final
