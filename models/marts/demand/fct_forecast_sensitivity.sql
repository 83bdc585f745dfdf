-- One row per scenario: what forecasts of the newest periods depend on.
with

fitted as (
    select * from {{ ref('int_demand__sensitivity_fitted') }}
),

final as (
    select
        {{ cast_to('kind', 'string') }} as kind,
        {{ cast_to('scenario', 'string') }} as scenario,
        {% for measure in ['wape', 'bias', 'rmsse', 'coverage'] %}
        {{ cast_to(measure, 'numeric') }} as {{ measure }},
        {{ cast_to(measure ~ '_change', 'numeric') }} as {{ measure }}_change
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from fitted
)

select * from final
