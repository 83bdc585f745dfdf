-- One row per refused order line, with the reason.
with

transactions as (
    select *
    from {{ ref('stg_raw__transactions') }}
    where rejection_reason is not null
),

repeats as (
    select *
    from {{ ref('int_sales__find_repeats') }}
    where
        rejection_reason is null
        and final_rejection_reason is not null
),

unite as (
    select
        ordered_at,
        row_key,
        raw_row,
        rejection_reason
    from transactions
    union all
    select
        ordered_at,
        row_key,
        raw_row,
        final_rejection_reason as rejection_reason
    from repeats
),

final as (
    select
        *,
        row_number() over (partition by row_key order by rejection_reason, raw_row) as occurrence
    from unite
)

select * from final
