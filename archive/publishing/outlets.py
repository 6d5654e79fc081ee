"""What the pages of outlets show: their articles by month, the stations and the place that they write about, who fetches them."""

import sqlite3

_TABLES = """
create table outlet_months (
    outlet_id integer not null,
    month text not null, -- of publication, in Beijing; empty where an article states none
    originals integer not null,
    reprints integer not null,
    fetches integer not null, -- in the month, of any page
    primary key (outlet_id, month)
) without rowid;
create table outlet_stations (
    outlet_id integer not null,
    station_id integer not null,
    articles integer not null,
    primary key (outlet_id, station_id)
) without rowid;
create index outlet_stations_articles on outlet_stations (outlet_id, articles desc);
create table outlet_sites (
    outlet_id integer not null,
    site text not null,
    fetches integer not null,
    primary key (outlet_id, site)
) without rowid;
alter table outlets add column place text not null default ''
"""
_MONTHS = """
insert into outlet_months
select outlet_id, month, sum(originals), sum(reprints), sum(fetches) from (
    select outlet_id, substr(published, 1, 7) as month, count(*) - sum(reprint) as originals, sum(reprint) as reprints, 0 as fetches
    from article_dates group by 1, 2
    union all select outlet_id, strftime('%Y-%m', fetched_at, '+8 hours'), 0, 0, count(*) from captures
    where outlet_id is not null group by 1, 2)
where month is not null group by outlet_id, month
"""
_STATIONS = """
insert into outlet_stations
select outlet_id, station_id, count(*) from (
    select distinct station_id, article_id from fact_dates where station_id is not null
) join article_dates on article_dates.id = article_id group by outlet_id, station_id
"""
_SITES = """
insert into outlet_sites
select outlet_id, site, sum(fetches) from (
    select outlet_id, run_id, count(*) as fetches from captures where outlet_id is not null and run_id is not null group by 1, 2
) join runs on runs.id = run_id where command = 'crawl' and site != '' group by outlet_id, site
"""
# The smallest place that most of the articles about any place are about.
_PLACES = """
update outlets set place = found.place from (
    select outlet_id, place, row_number() over (partition by outlet_id order by level desc, number desc) as nearest
    from (select outlet_id, place, count(*) as number from article_places join article_dates on article_dates.id = article_id group by 1, 2)
    join (
        select outlet_id, count(distinct article_id) as placed from article_places join article_dates on article_dates.id = article_id
        group by 1
    ) using (outlet_id) join places on places.key = place
    where number > placed / 2
) found where found.outlet_id = outlets.id and nearest = 1
"""


def count_outlets(connection: sqlite3.Connection) -> None:
    """Add the numbers of outlets to a snapshot that has `article_dates`, `fact_dates`, `article_places` and `places`."""
    for statement in (*_TABLES.split(";\n"), _MONTHS, _STATIONS, _SITES, _PLACES):
        connection.execute(statement)
