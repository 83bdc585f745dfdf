-- One row per customer, as it came, typed and flagged.
{{ after_sample_seed('customers') }}
with

source as (
    select * from {{ source('raw', 'customers') }}
),

renamed as (
    select
        -- ids and text
        {{ pseudonym(clean_text('customer_id')) }} as customer_id,
        {{ clean_text('region_id') }} as region_id,
        {{ clean_text('acquisition_channel') }} as acquisition_channel,

        -- dates and timestamps
        {{ cast_to('signed_up_at', 'timestamp') }} as signed_up_at
    from source
),

keyed as (
    select
        *,
        {{ row_key(['customer_id']) }} as row_key,
        {{ row_as_json(
            strings=['customer_id', 'region_id', 'acquisition_channel'],
            timestamps=['signed_up_at']
        ) }} as raw_row
    from renamed
),

final as (
    select
        *,
        {{ rejection_reason(
            key=['customer_id'],
            conditions=[
                (
                    'too_old',
                    "cast(signed_up_at as date) < cast('" ~ var('earliest_date') ~ "' as date)"
                ),
            ]
        ) }} as rejection_reason
    from keyed
)

select * from final
