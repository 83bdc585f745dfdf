-- One row per segment, SKU, region and period ahead: mean and quantiles of demand, in units.
{{ config(large_table('period_start', ['sku', 'region_id'])) }}
with

fitted as (
    select * from {{ ref('int_demand__share_fitted') }}
),

regions as (
    select * from {{ ref('dim_regions') }}
),

calendar as (
    select as_of from {{ ref('int_calendar__determine_as_of') }}
),

final as (
    select
        {{ cast_to('fitted.segment', 'string') }} as segment,
        {{ cast_to('fitted.sku', 'string') }} as sku,
        {{ cast_to('fitted.region_id', 'string') }} as region_id,
        {{ cast_to('fitted.period_start', 'date') }} as period_start,
        {{ cast_to('fitted.mean', 'numeric') }} as mean,
        {% for quantile in ['q0_025', 'q0_05', 'q0_25', 'q0_5', 'q0_75', 'q0_95', 'q0_975'] %}
        {{ cast_to('fitted.' ~ quantile, 'numeric') }} as {{ quantile }},
        {% endfor %}
        {{ cast_to("'ensemble'", 'string') }} as model,
        {{ cast_to('fitted.basis', 'string') }} as basis,
        {{ cast_to('regions.home_fc_id', 'string') }} as home_fc_id,
        calendar.as_of
    from fitted
    cross join calendar
    left join regions
        on fitted.region_id = regions.region_id
)

select * from final
