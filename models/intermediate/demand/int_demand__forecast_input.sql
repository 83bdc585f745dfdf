-- One row per modelled series and period, from the first sale on.
with

history as (
    select * from {{ ref('fct_demand_history') }}
),

members as (
    select * from {{ ref('int_demand__assign_model_series') }}
),

final as (
    select
        members.series_id,
        members.model_level,
        history.sku,
        history.period_start,
        {{ cast_to('sum(history.units)', 'integer') }} as units,
        max(case when history.is_stockout then 1 else 0 end) = 1 as is_stockout
    from history
    inner join members
        on
            history.segment = members.segment
            and history.sku = members.sku
            and history.region_id = members.region_id
    group by members.series_id, members.model_level, history.sku, history.period_start
)

select * from final
