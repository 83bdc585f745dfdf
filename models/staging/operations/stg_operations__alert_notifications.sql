-- One row per alert, or end of one, that people were told of.
with

source as (
    select * from {{ source('operations', 'alert_notifications') }}
),

final as (
    select
        alert_id,
        event,
        severity,
        loaded_at
    from source
)

select * from final
