{#
  Great-circle distance in kilometres, rounded to metres, by the haversine formula on a sphere of
  radius 6371.0088 km (mean Earth radius, IUGG).
#}
{% macro distance_km(latitude_1, longitude_1, latitude_2, longitude_2) -%}
    {%- set radians = 0.017453292519943295 -%}
    {%- set distance -%}
        2 * 6371.0088 * asin(sqrt(
            power(sin(({{ latitude_2 }} - {{ latitude_1 }}) * {{ radians }} / 2), 2)
            + cos({{ latitude_1 }} * {{ radians }}) * cos({{ latitude_2 }} * {{ radians }})
            * power(sin(({{ longitude_2 }} - {{ longitude_1 }}) * {{ radians }} / 2), 2)
        ))
    {%- endset -%}
    {{ inventory_allocation.round_to_decimal(distance, 3) }}
{%- endmacro %}
