-- One row per fit of a model: on what, with what, how good, and whether it is in force.
{{ config(meta={'segment_refit_on_drift': var('segment_refit_on_drift')}) }}
with

centers as (
    select * from {{ ref('int_customers__segment_centers_fitted') }}
),

segments as (
    select * from {{ ref('int_customers__segment_fitted') }}
),

archive as (
    select * from {{ ref('int_monitoring__archive_fits') }}
),

list_segment_fits as (
    select
        {{ dbt.concat([
            cast_to(cast_to('fitted_on', 'date'), 'string'),
            "'-'",
            'substring(settings, 1, 8)',
        ]) }} as version,
        settings,
        fitted_on,
        -- What was fitted before there were contests was in force.
        coalesce(is_accepted, true) as is_accepted,
        count(distinct segment_id) as segments,
        count(distinct position) as columns_used,
        max(data_hash) as data_hash,
        max(score) as score,
        max(champion_version) as champion_version,
        max(champion_score) as champion_score,
        max(verdict) as verdict
    from centers
    group by settings, fitted_on, is_accepted
),

find_segments_in_force as (
    select distinct version
    from segments
    where version is not null
),

find_last_fits as (
    select
        model_name,
        max(fitted_on) as fitted_on
    from archive
    group by model_name
),

list_fits as (
    select
        'segments' as model_name,
        list_segment_fits.version,
        list_segment_fits.fitted_on,
        case
            when find_segments_in_force.version is not null then 'in_force'
            when list_segment_fits.is_accepted then 'superseded'
            else 'rejected'
        end as state,
        {{ dbt.concat([
            "'segments '",
            cast_to('list_segment_fits.segments', 'string'),
            "', columns '",
            cast_to('list_segment_fits.columns_used', 'string'),
            "', settings '",
            'list_segment_fits.settings',
        ]) }} as parameters,
        list_segment_fits.segments as entities,
        list_segment_fits.data_hash,
        'explained_share' as metric,
        list_segment_fits.score,
        list_segment_fits.champion_version as compared_with,
        list_segment_fits.champion_score as compared_score,
        list_segment_fits.verdict
    from list_segment_fits
    left join find_segments_in_force
        on list_segment_fits.version = find_segments_in_force.version
    union all
    select
        archive.model_name,
        archive.version,
        {{ cast_to('archive.fitted_on', 'timestamp') }} as fitted_on,
        case
            when find_last_fits.fitted_on is not null then 'in_force'
            else 'superseded'
        end as state,
        archive.parameters,
        archive.entities,
        archive.data_hash,
        archive.metric,
        archive.score,
        archive.compared_with,
        archive.compared_score,
        'fitted on every build' as verdict
    from archive
    left join find_last_fits
        on
            archive.model_name = find_last_fits.model_name
            and archive.fitted_on = find_last_fits.fitted_on
),

final as (
    select
        {{ cast_to('model_name', 'string') }} as model_name,
        {{ cast_to('version', 'string') }} as version,
        {{ cast_to('fitted_on', 'date') }} as fitted_on,
        {{ cast_to('state', 'string') }} as state,
        {{ cast_to('parameters', 'string') }} as parameters,
        {{ cast_to('entities', 'integer') }} as entities,
        {{ cast_to('data_hash', 'string') }} as data_hash,
        {{ cast_to('metric', 'string') }} as metric,
        {{ cast_to('score', 'numeric') }} as score,
        {{ cast_to('compared_with', 'string') }} as compared_with,
        {{ cast_to('compared_score', 'numeric') }} as compared_score,
        {{ cast_to('verdict', 'string') }} as verdict
    from list_fits
)

select * from final
