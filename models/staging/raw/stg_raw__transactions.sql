-- One row per order line, as it came, typed and flagged; repeats are found a step later.
{{ after_sample_seed('transactions') }}
with

source as (
    select * from {{ source('raw', 'transactions') }}
),

renamed as (
    select
        -- ids
        {{ clean_text('order_id') }} as order_id,
        {{ cast_to('order_line', 'integer') }} as order_line,
        {{ pseudonym(clean_text('customer_id')) }} as customer_id,
        {{ clean_text('sku') }} as sku,
        {{ clean_text('region_id') }} as region_id,
        {{ clean_text('fc_id') }} as fc_id,

        -- numerics
        {{ cast_to('quantity', 'numeric') }} as quantity,
        {{ cast_to('unit_price', 'numeric') }} as unit_price,
        {{ cast_to('shipping_cost', 'numeric') }} as shipping_cost,

        -- timestamps
        {{ cast_to('ordered_at', 'timestamp') }} as ordered_at,
        {{ cast_to('promised_at', 'timestamp') }} as promised_at,
        {{ cast_to('delivered_at', 'timestamp') }} as delivered_at
    from source
),

-- Not from `renamed`: a CTE that is read twice is a copy of all rows.
as_of as (
    select
        max(cast({{ "'" ~ var('as_of') ~ "'" if var('as_of') else 'ordered_at' }} as date)) as as_of
    from (
        select {{ cast_to('ordered_at', 'timestamp') }} as ordered_at
        from {{ source('raw', 'transactions') }}
    ) as order_times
    where cast(ordered_at as date) <= current_date
),

keyed as (
    select
        renamed.*,
        as_of.as_of
    from renamed
    cross join as_of
),

flagged as (
    select
        *,
        {{ rejection_reason(
            key=['order_id', 'order_line'],
            required=['ordered_at', 'sku', 'quantity', 'unit_price'],
            finite=['quantity', 'unit_price', 'shipping_cost'],
            conditions=[
                ('negative_price', 'unit_price < 0'),
                ('absurd_quantity', 'abs(quantity) > ' ~ var('max_line_units')),
                ('absurd_quantity', 'quantity <> round(quantity)'),
                ('future_date', 'cast(ordered_at as date) > ' ~ dbt.dateadd('day', 1, 'as_of')),
                (
                    'too_old',
                    "cast(ordered_at as date) < cast('" ~ var('earliest_date') ~ "' as date)"
                ),
                ('out_of_range', 'unit_price >= 1e12'),
                ('out_of_range', 'shipping_cost < 0 or shipping_cost >= 1e12'),
            ],
            finds_repeats=false
        ) }} as rejection_reason
    from keyed
),

final as (
    select
        order_id,
        order_line,
        customer_id,
        sku,
        region_id,
        fc_id,
        quantity,
        unit_price,
        shipping_cost,
        ordered_at,
        promised_at,
        delivered_at,
        {{ order_day('ordered_at') }} as order_day,
        as_of,
        rejection_reason
    from flagged
)

select * from final
