-- One row per cutoff, modelled series and period known at it, for models of the warehouse itself.
{{ config(materialized='table', enabled=var('native_forecasts') | length > 0) }}
with

panel as (
    select * from {{ ref('int_demand__forecast_input') }}
),

cutoffs as (
    select distinct {{ cast_to('cutoff', 'date') }} as cutoff
    from {{ ref('int_demand__forecast_fitted') }}
),

-- The cutoff as text: it is a part of the series' name.
final as (
    select
        {{ cast_to('cutoffs.cutoff', 'string') }} as cutoff,
        panel.series_id,
        panel.period_start,
        {{ cast_to('panel.units', 'numeric') }} as units
    from panel
    inner join cutoffs
        on panel.period_start <= cutoffs.cutoff
    where not panel.is_stockout
)

select * from final
