-- One row: the vars that segments are fitted with.
with

final as (
    select
        '{{ var("segment_features") | join(",") }}' as features,
        cast({{ var('segment_count') or 'null' }} as {{ dbt.type_int() }}) as segment_count,
        {{ var('segment_min_customers') }} as min_customers,
        {{ var('segment_min_purchase_days') }} as min_purchase_days,
        {{ var('segment_refit_days') }} as refit_days,
        {{ var('segment_bootstraps') }} as bootstraps,
        {{ var('segment_permutations') }} as permutations,
        {{ var('seed') }} as seed
)

select * from final
