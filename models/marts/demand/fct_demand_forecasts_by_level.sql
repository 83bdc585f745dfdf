-- One row per level, sum of series and period ahead: mean and quantiles of demand, in units.
with

fitted as (
    select *
    from {{ ref('int_demand__forecast_fitted') }}
    where is_forecast
),

panel as (
    select * from {{ ref('int_demand__forecast_input') }}
),

-- What the names of the levels stand for.
list_nodes as (
    select distinct
        'sku_fc' as level,
        sku_fc as series_id,
        sku,
        fc_id,
        category
    from panel
    union all
    select distinct
        'sku' as level,
        sku as series_id,
        sku,
        {{ cast_to('null', 'string') }} as fc_id,
        category
    from panel
    union all
    select distinct
        'category' as level,
        category as series_id,
        {{ cast_to('null', 'string') }} as sku,
        {{ cast_to('null', 'string') }} as fc_id,
        category
    from panel
),

final as (
    select
        {{ cast_to('fitted.level', 'string') }} as level,
        {{ cast_to('fitted.series_id', 'string') }} as series_id,
        {{ cast_to('list_nodes.sku', 'string') }} as sku,
        {{ cast_to('list_nodes.fc_id', 'string') }} as fc_id,
        {{ cast_to('list_nodes.category', 'string') }} as category,
        {{ cast_to('fitted.period_start', 'date') }} as period_start,
        {{ cast_to('fitted.horizon', 'integer') }} as horizon,
        {% for measure in [
            'mean', 'q0_025', 'q0_05', 'q0_25', 'q0_5', 'q0_75', 'q0_95', 'q0_975'
        ] %}
        {{ cast_to('fitted.' ~ measure, 'numeric') }} as {{ measure }},
        {{ cast_to('fitted.lead_time_' ~ measure, 'numeric') }} as lead_time_{{ measure }},
        {% endfor %}
        {{ cast_to('fitted.unreconciled', 'numeric') }} as own_mean,
        {{ cast_to('fitted.trust', 'numeric') }} as trust
    from fitted
    left join list_nodes
        on
            fitted.level = list_nodes.level
            and fitted.series_id = list_nodes.series_id
    where fitted.level <> 'series'
)

select * from final
