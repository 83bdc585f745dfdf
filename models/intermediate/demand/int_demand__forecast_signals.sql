-- One row per signal, day, value and modelled series; the series is null where it is for all.
with

signals as (
    select
        signal_name,
        signal_date,
        sku,
        region_id,
        value,
        is_known_ahead
    from {{ ref('stg_raw__external_signals') }}
    where rejection_reason is null
),

history as (
    select * from {{ ref('fct_demand_history') }}
),

members as (
    select distinct
        series_id,
        sku,
        region_id
    from {{ ref('int_demand__assign_model_series') }}
),

-- One join per kind: with an or in its condition a join compares every row with every other.
find_series as (
    select
        signals.*,
        {{ cast_to('null', 'string') }} as series_id
    from signals
    where signals.sku is null and signals.region_id is null
    union all
    select
        signals.*,
        members.series_id
    from signals
    inner join members on signals.sku = members.sku
    where signals.region_id is null
    union all
    select
        signals.*,
        members.series_id
    from signals
    inner join members on signals.region_id = members.region_id
    where signals.sku is null
    union all
    select
        signals.*,
        members.series_id
    from signals
    inner join members
        on
            signals.sku = members.sku
            and signals.region_id = members.region_id
),

average_prices as (
    select
        sku,
        period_start,
        {{ cast_to('sum(revenue)', 'numeric') }} / {{ cast_to('sum(units)', 'numeric') }} as price
    from history
    group by sku, period_start
    having sum(units) > 0 and sum(revenue) > 0
),

list_members as (
    select distinct
        series_id,
        sku
    from members
),

final as (
    select distinct
        {{ cast_to('signal_name', 'string') }} as signal_name,
        signal_date as period_start,
        {{ cast_to('series_id', 'string') }} as series_id,
        {{ cast_to('value', 'numeric') }} as value,
        is_known_ahead
    from find_series
    union all
    select
        {{ cast_to("'average price'", 'string') }} as signal_name,
        average_prices.period_start,
        list_members.series_id,
        average_prices.price as value,
        false as is_known_ahead
    from average_prices
    inner join list_members
        on average_prices.sku = list_members.sku
)

select * from final
