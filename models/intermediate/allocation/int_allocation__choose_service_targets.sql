-- One row per segment and category with a target: the most specific one.
with

targets as (
    select *
    from {{ ref('stg_raw__service_targets') }}
    where rejection_reason is null
),

categories as (
    select distinct category from {{ ref('dim_products') }}
),

rank_targets as (
    select
        targets.segment,
        categories.category,
        targets.target_service_level,
        targets.unmet_cost_per_unit,
        row_number() over (
            partition by targets.segment, categories.category
            order by case when targets.category is null then 1 else 0 end
        ) as specificity_rank
    from targets
    inner join categories
        on coalesce(targets.category, categories.category) = categories.category
),

final as (
    select
        segment,
        category,
        target_service_level,
        unmet_cost_per_unit
    from rank_targets
    where specificity_rank = 1
)

select * from final
