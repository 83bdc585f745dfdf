-- One row per cutoff, level, class of demand, band of the horizon and model: its part.
with

fitted as (
    select * from {{ ref('int_demand__forecast_fitted') }}
),

list_models as (
    {% for model in weighed_forecast_models() %}
    select
        cutoff,
        level,
        demand_class,
        band,
        '{{ model }}' as model,
        horizon,
        {{ round_to_decimal('weight_' ~ model, 8) }} as weight,
        {{ round_to_decimal('trust', 8) }} as trust
    from fitted
    where weight_{{ model }} is not null
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
),

final as (
    select
        {{ cast_to('cutoff', 'date') }} as cutoff,
        {{ cast_to('level', 'string') }} as level,
        {{ cast_to('demand_class', 'string') }} as demand_class,
        {{ cast_to('band', 'integer') }} as band,
        {{ cast_to('model', 'string') }} as model,
        {{ cast_to('min(horizon)', 'integer') }} as first_horizon,
        {{ cast_to('max(horizon)', 'integer') }} as last_horizon,
        {{ cast_to(share_of('sum(weight)', 'count(*)'), 'numeric') }} as weight,
        {{ cast_to(share_of('sum(trust)', 'count(trust)'), 'numeric') }} as trust
    from list_models
    group by cutoff, level, demand_class, band, model
)

select * from final
