-- INVENTED. Online Retail II has no network, costs, volumes or stock; everything here is made up
-- by the rules below, except skus, product names and units sold. Runs after mapping.sql.

create or replace table fc_inputs as

select * from read_csv(
    getvariable('network_path') || '/fulfillment_centers.csv',
    columns = {
        'fc_id': 'varchar',
        'fc_name': 'varchar',
        'latitude': 'double',
        'longitude': 'double',
        'storage_capacity_m3': 'double',
        'capacity_share': 'double',
        'handling_cost_per_unit': 'double',
        'fixed_cost_per_period': 'double'
    }
);


create or replace table regions as

select * from read_csv(
    getvariable('network_path') || '/regions.csv',
    columns = {
        'region_id': 'varchar',
        'region_name': 'varchar',
        'latitude': 'double',
        'longitude': 'double',
        'home_fc_id': 'varchar',
        'sla_days': 'integer'
    }
)
order by region_id;


-- Great-circle distance between two points, in km.
create or replace macro distance_km(lat_1, lon_1, lat_2, lon_2) as
    2 * 6371 * asin(sqrt(
        pow(sin(radians(lat_2 - lat_1) / 2), 2)
        + cos(radians(lat_1)) * cos(radians(lat_2)) * pow(sin(radians(lon_2 - lon_1) / 2), 2)
    ));


-- Real: units over the last 12 weeks. Net of returns, or the order of 80,995 units that was
-- cancelled twelve minutes later would fill the centres.
create or replace table recent_units as

with

last_day as (
    select cast(max(ordered_at) as date) as last_date from transactions
),

final as (
    select
        transactions.sku,
        -- An integer: sums of it are the same in any order.
        cast(greatest(sum(transactions.quantity), 0) as bigint) as units_12_weeks,
    from transactions
    cross join last_day
    where cast(transactions.ordered_at as date) > last_day.last_date - 84
    group by transactions.sku
)

select * from final
order by sku;


create or replace table fulfillment_centers as

with

-- Room for 1.2 times the recent units of a week, so a peak week does not fit.
room as (
    select 1.2 * coalesce(sum(units_12_weeks), 0) / 12 as units from recent_units
),

final as (
    select
        fc_inputs.fc_id,
        fc_inputs.fc_name,
        fc_inputs.latitude,
        fc_inputs.longitude,
        fc_inputs.storage_capacity_m3,
        round(room.units * fc_inputs.capacity_share, 0) as outbound_capacity_units,
        round(room.units * fc_inputs.capacity_share, 0) as inbound_capacity_units,
        fc_inputs.handling_cost_per_unit,
        fc_inputs.fixed_cost_per_period,
    from fc_inputs
    cross join room
)

select * from final
order by fc_id;


create or replace table lanes as

with

measured as (
    select
        fulfillment_centers.fc_id,
        regions.region_id,
        distance_km(
            fulfillment_centers.latitude, fulfillment_centers.longitude,
            regions.latitude, regions.longitude
        ) as km,
    from fulfillment_centers
    cross join regions
),

final as (
    select
        fc_id,
        region_id,
        -- From 0.15 next door towards 0.90 far away: the median item sells for about 2 GBP.
        round(0.15 + 0.75 * km / (km + 1500), 4) as cost_per_unit,
        cast(null as double) as cost_per_kg,
        least(9, 1 + ceil(km / 500)) as transit_days,
        cast(null as double) as capacity_units,
        round(0.00002 * km, 5) as carbon_kg_per_unit,
    from measured
)

select * from final
order by fc_id, region_id;


create or replace table transfer_lanes as

with

measured as (
    select
        senders.fc_id as from_fc_id,
        receivers.fc_id as to_fc_id,
        distance_km(
            senders.latitude, senders.longitude, receivers.latitude, receivers.longitude
        ) as km,
    from fulfillment_centers as senders
    inner join fulfillment_centers as receivers
        on senders.fc_id <> receivers.fc_id
),

final as (
    select
        from_fc_id,
        to_fc_id,
        round(0.02 + 0.00003 * km, 4) as cost_per_unit,
        round(60 + 0.9 * km, 0) as fixed_cost,
        cast(40 as double) as truck_capacity_m3,
        1 + ceil(km / 600) as transit_days,
        cast(null as double) as capacity_units,
    from measured
)

select * from final
order by from_fc_id, to_fc_id;


create or replace table products as

with

-- Real: the description seen most often on priced lines; the others hold notes such as 'damaged'.
names as (
    select
        stock_code as sku,
        description as product_name,
    from source_lines
    where price > 0 and description is not null
    group by stock_code, description
    qualify row_number() over (partition by sku order by count(*) desc, product_name) = 1
),

-- Real.
prices as (
    select
        sku,
        median(unit_price) filter (where unit_price > 0 and isfinite(unit_price)) as median_price,
    from transactions
    where sku is not null
    group by sku
),

-- Real: the quantity ordered most often, the smaller of equals.
usual_quantities as (
    select
        sku,
        quantity,
    from transactions
    where quantity > 0
    group by sku, quantity
    qualify row_number() over (partition by sku order by count(*) desc, quantity) = 1
),

packs as (
    select
        usual_quantities.sku,
        sizes.pack_size,
    from usual_quantities
    cross join (values (1), (4), (6), (12), (24)) as sizes (pack_size)
    qualify
        row_number() over (
            partition by usual_quantities.sku
            order by abs(usual_quantities.quantity - sizes.pack_size), sizes.pack_size
        ) = 1
),

final as (
    select
        prices.sku,
        names.product_name,
        cast(null as varchar) as category,
        round(0.55 * prices.median_price, 4) as unit_cost,
        -- Dearer items are larger: 0.5 litres plus half a litre a pound, at most 20 litres.
        round(least(0.0005 + 0.0005 * coalesce(prices.median_price, 0), 0.02), 6) as unit_volume_m3,
        cast(null as double) as unit_weight_kg,
        coalesce(packs.pack_size, 1) as pack_size,
        cast(null as integer) as shelf_life_days,
    from prices
    left join names
        on prices.sku = names.sku
    left join packs
        on prices.sku = packs.sku
)

select * from final
order by sku;


create or replace table inventory_snapshots as

with

last_day as (
    select cast(max(ordered_at) as date) as last_date from transactions
),

-- Five weeks of the recent units of a SKU.
totals as (
    select
        sku,
        cast(round(5 * units_12_weeks / 12, 0) as bigint) as units,
    from recent_units
    where sku is not null
),

-- Placed badly on purpose: a hash of the SKU ranks the centres, demand has no say.
ranked as (
    select
        totals.sku,
        totals.units,
        fulfillment_centers.fc_id,
        row_number() over (
            partition by totals.sku
            order by md5(totals.sku || '|' || fulfillment_centers.fc_id)
        ) as place,
    from totals
    cross join fulfillment_centers
),

-- 45, 25, 15, 10 and 5 percent by rank. Differences of rounded running sums add up exactly.
shared as (
    select
        ranked.sku,
        ranked.fc_id,
        ranked.units * shares.to_percent // 100 - ranked.units * shares.from_percent // 100
            as on_hand_units,
    from ranked
    inner join (
        values (1, 0, 45), (2, 45, 70), (3, 70, 85), (4, 85, 95), (5, 95, 100)
    ) as shares (place, from_percent, to_percent)
        on ranked.place = shares.place
),

final as (
    select
        last_day.last_date as snapshot_date,
        shared.fc_id,
        shared.sku,
        cast(shared.on_hand_units as double) as on_hand_units,
        cast(0 as double) as reserved_units,
    from shared
    cross join last_day
)

select * from final
order by snapshot_date, fc_id, sku;
