-- One row per segment, SKU, region and period, from the first sale on; zeros are rows.
{{ config(large_table('period_start', ['sku', 'region_id'])) }}
with

sales as (
    select * from {{ ref('int_demand__aggregate_sales') }}
),

stockouts as (
    select * from {{ ref('int_demand__flag_stockouts') }}
),

calendar as (
    select * from {{ ref('int_calendar__determine_as_of') }}
),

bound_sales as (
    select
        sales.segment,
        sales.sku,
        sales.region_id,
        min(sales.period_start) as first_period_start,
        max(sales.period_start) as last_sold_period_start,
        max(calendar.last_complete_period_start) as last_period_start
    from sales
    cross join calendar
    where
        sales.units > 0
        and sales.period_start <= calendar.last_complete_period_start
    group by sales.segment, sales.sku, sales.region_id
),

-- A silent series ends.
bound_series as (
    select
        segment,
        sku,
        region_id,
        first_period_start,
        least(
            last_period_start,
            {{ add_periods('last_sold_period_start', var('retire_after_periods')) }}
        ) as last_period_start
    from bound_sales
),

bound_spine as (
    select
        min(first_period_start) as first_period_start,
        max(last_period_start) as last_period_start
    from bound_series
),

list_periods as (
    {{ period_spine(
        '(select first_period_start from bound_spine)',
        '(select last_period_start from bound_spine)'
    ) }}
),

fill_periods as (
    select
        bound_series.segment,
        bound_series.sku,
        bound_series.region_id,
        list_periods.period_start
    from bound_series
    inner join list_periods
        on
            bound_series.first_period_start <= list_periods.period_start
            and bound_series.last_period_start >= list_periods.period_start
),

final as (
    select
        {{ cast_to('fill_periods.segment', 'string') }} as segment,
        {{ cast_to('fill_periods.sku', 'string') }} as sku,
        {{ cast_to('fill_periods.region_id', 'string') }} as region_id,
        fill_periods.period_start,
        {{ cast_to('coalesce(sales.units, 0)', 'integer') }} as units,
        {{ cast_to('coalesce(sales.returned_units, 0)', 'integer') }} as returned_units,
        {{ cast_to_decimal('coalesce(sales.revenue, 0)') }} as revenue,
        stockouts.sku is not null as is_stockout
    from fill_periods
    left join sales
        on
            fill_periods.segment = sales.segment
            and fill_periods.sku = sales.sku
            and fill_periods.region_id = sales.region_id
            and fill_periods.period_start = sales.period_start
    left join stockouts
        on
            fill_periods.sku = stockouts.sku
            and fill_periods.region_id = stockouts.region_id
            and fill_periods.period_start = stockouts.period_start
)

select * from final
