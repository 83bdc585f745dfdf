-- One row per refused order line, with the reason.
-- depends_on: {{ ref('int_sales__fingerprint_days') }}
{{ config(
    materialized='incremental',
    on_schema_change='fail',
    pre_hook="{{ delete_changed_days('order_day') }}"
) }}
with

changed_days as (
    select *
    from {{ ref('int_sales__list_changed_days') }}
    where is_built_again
),

transactions as (
    select *
    from {{ ref('stg_raw__transactions') }}
    where
        rejection_reason is not null
        and {{ is_day_read_again('order_day') }}
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
        order_id,
        order_line,
        ordered_at,
        order_day,
        row_key,
        raw_row,
        rejection_reason
    from transactions
    union all
    select
        order_id,
        order_line,
        ordered_at,
        order_day,
        row_key,
        raw_row,
        final_rejection_reason as rejection_reason
    from repeats
),

final as (
    select
        unite.*,
        row_number() over (
            partition by unite.order_day, unite.row_key
            order by unite.rejection_reason, unite.raw_row
        ) as occurrence,
        changed_days.day_fingerprint
    from unite
    inner join changed_days
        on unite.order_day = changed_days.order_day
)

select * from final
