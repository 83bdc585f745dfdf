-- One row per centre and SKU with a supplier: demand that only orders of this plan can cover.
with

suppliers as (
    select * from {{ ref('int_allocation__suppliers') }}
),

calendar as (
    select * from {{ ref('int_calendar__determine_as_of') }}
),

forecasts as (
    select * from {{ ref('fct_demand_forecasts') }}
),

inbound as (
    select *
    from {{ ref('int_stock__check_inbound_shipments') }}
    where final_rejection_reason is null
),

-- An order of the next plan arrives after the shortest lead time.
find_lead_periods as (
    select
        fc_id,
        sku,
        min(lead_periods) as cover_periods
    from suppliers
    group by fc_id, sku
),

count_forecast_periods as (
    select
        forecasts.home_fc_id as fc_id,
        forecasts.sku,
        {{ periods_between('calendar.horizon_start', 'forecasts.period_start') }}
        - {{ var('plan_periods') }} as periods_after,
        {{ round_to_decimal('forecasts.mean', 6) }} as units,
        {{ round_to_decimal('(forecasts.q0_975 - forecasts.q0_025) / 3.92', 6) }} as deviation
    from forecasts
    cross join calendar
),

-- Forecasts of a SKU for the same period err together, those of other periods don't.
sum_periods as (
    select
        fc_id,
        sku,
        periods_after,
        sum(units) as units,
        sum(deviation) as deviation
    from count_forecast_periods
    where periods_after >= 0
    group by fc_id, sku, periods_after
),

sum_demand as (
    select
        find_lead_periods.fc_id,
        find_lead_periods.sku,
        sum(sum_periods.units) as cover_units,
        sum(sum_periods.deviation * sum_periods.deviation) as cover_variance
    from find_lead_periods
    inner join sum_periods
        on
            find_lead_periods.fc_id = sum_periods.fc_id
            and find_lead_periods.sku = sum_periods.sku
            and find_lead_periods.cover_periods > sum_periods.periods_after
    group by find_lead_periods.fc_id, find_lead_periods.sku
),

count_inbound_periods as (
    select
        inbound.fc_id,
        inbound.sku,
        inbound.quantity,
        {{ periods_between('calendar.horizon_start', period_start('inbound.expected_date')) }}
        - {{ var('plan_periods') }} as periods_after
    from inbound
    cross join calendar
),

sum_inbound as (
    select
        find_lead_periods.fc_id,
        find_lead_periods.sku,
        sum(count_inbound_periods.quantity) as units
    from find_lead_periods
    inner join count_inbound_periods
        on
            find_lead_periods.fc_id = count_inbound_periods.fc_id
            and find_lead_periods.sku = count_inbound_periods.sku
            and count_inbound_periods.periods_after >= 0
            and find_lead_periods.cover_periods > count_inbound_periods.periods_after
    group by find_lead_periods.fc_id, find_lead_periods.sku
),

final as (
    select
        sum_demand.fc_id,
        sum_demand.sku,
        {{ cast_to('sum_demand.cover_units', 'numeric') }} as cover_units,
        sqrt({{ cast_to('sum_demand.cover_variance', 'numeric') }}) as cover_deviation,
        coalesce({{ cast_to('sum_inbound.units', 'numeric') }}, 0) as later_inbound_units
    from sum_demand
    left join sum_inbound
        on
            sum_demand.fc_id = sum_inbound.fc_id
            and sum_demand.sku = sum_inbound.sku
)

select * from final
