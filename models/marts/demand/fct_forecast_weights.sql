-- One row per cutoff, level, class of demand, band of the horizon and model: its part.
with

fitted as (
    select * from {{ ref('int_demand__forecast_fitted') }}
),

bound_horizon as (
    select max(horizon) as last_horizon from fitted
),

-- The first, middle and last third of the horizon, as the engine cuts it.
cut_horizon as (
    select
        fitted.*,
        1 + {{ cast_to('floor((fitted.horizon - 1) * 3 / bound_horizon.last_horizon)', 'integer') }}
            as band
    from fitted
    cross join bound_horizon
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
        {{ cast_to_decimal('weight_' ~ model, 8) }} as weight,
        {{ cast_to_decimal('trust', 8) }} as trust
    from cut_horizon
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
