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
        and {{ is_day_read_again('ordered_at') }}
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
        {{ order_line_as_json() }} as raw_row,
        rejection_reason
    from transactions
    union all
    select
        order_id,
        order_line,
        ordered_at,
        order_day,
        raw_row,
        final_rejection_reason as rejection_reason
    from repeats
),

write_keys as (
    select
        *,
        {{ row_key(['order_id', 'order_line']) }} as row_key
    from unite
),

final as (
    select
        write_keys.*,
        row_number() over (
            partition by write_keys.order_day, write_keys.row_key
            order by write_keys.rejection_reason, write_keys.raw_row
        ) as occurrence,
        changed_days.day_fingerprint
    from write_keys
    inner join changed_days
        on write_keys.order_day = changed_days.order_day
)

select * from final
