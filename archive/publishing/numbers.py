"""The numbers of stations and of places, as pages compare and add them up.

A station counts with the last number that it is reported with; its places with the sum of these, and with how many of their
stations have one. Planned numbers, those of each unit, members registered elsewhere, and those of a part (困难党员) are left out,
as well as a copy's other number and what is the sum of other numbers.
"""

import sqlite3

from archive.facts import AMOUNTS, LASTING

_TABLES = """
create table station_numbers (
    station_id integer not null,
    type text not null,
    at text not null, -- the date that is stated, else that of the report
    stated integer not null,
    value real not null, -- of amounts, the sum of those that are first reported then
    value_high real,
    inexact integer not null, -- 1: about, more than, less than, nearly, or a range
    fact_id integer not null,
    primary key (type, station_id, at)
) without rowid;
create table station_latest (
    station_id integer not null,
    type text not null,
    at text not null,
    stated integer not null,
    value real,
    value_high real,
    approx text not null,
    unit text not null,
    fact_id integer not null,
    inexact integer not null, -- 1: what makes up its total is
    total real, -- what it adds to the sum of a place; null: nothing
    primary key (station_id, type)
) without rowid;
create table place_numbers (
    place text not null,
    type text not null,
    stations integer not null, -- that are reported with it
    recent integer not null, -- of them, in the year of the last article or later
    inexact integer not null, -- of them, with a number that is
    total real,
    since text not null, -- of amounts, when the first and the last of those in the total were first reported
    until text not null,
    primary key (place, type)
) without rowid
"""
_LISTED = {
    name: ", ".join(f"'{type_}'" for type_ in types) for name, types in (("lasting", LASTING), ("amounts", AMOUNTS))
}
_COUNTED = """
create temp table counted as
select station_id, type, coalesce(as_of, reported_on) as at, as_of is not null as stated, value, value_high, approx, unit,
    approx != 'exact' or value_high is not null as inexact, qualifier_key, sources, fact_id
from statements
where station_id is not null and coalesce(as_of, reported_on) is not null and not variant and case
    when type in ({lasting}) then value is not null and not cumulative and qualifier in ('', 'registered')
    when type in ({amounts}) then value is not null and not cumulative
        and not instr(' ' || qualifier || ' ', ' planned ') and not instr(' ' || qualifier || ' ', ' each ')
    else 1 end
"""
# Of several statements for one date, the one that most articles make.
_NUMBERS_AT_DATES = """
insert into station_numbers
select station_id, type, at, stated, value, value_high, inexact, fact_id from (
    select *, row_number() over (partition by type, station_id, at order by stated desc, sources desc, fact_id desc) as place
    from counted where type in ({lasting}))
where place = 1
"""
_NUMBERS_OF_AMOUNTS = """
insert into station_numbers
select station_id, type, at, max(stated), sum(value), null, max(inexact), min(fact_id) from (
    select station_id, type, min(at) as at, stated, value, inexact, fact_id from counted where type in ({amounts})
    group by station_id, type, value, qualifier_key)
group by station_id, type, at
"""
_LATEST = """
insert into station_latest
select station_id, type, at, stated, value, value_high, approx, unit, fact_id, inexact, null from (
    select *, row_number() over (partition by station_id, type order by at desc, stated desc, sources desc, fact_id desc) as place
    from counted)
where place = 1
"""
_TOTALS = """
update station_latest set total = value where type in ({lasting})
"""
_TOTALS_OF_AMOUNTS = """
update station_latest set (total, inexact) = (
    select sum(value), max(inexact) from station_numbers n where n.type = station_latest.type and n.station_id = station_latest.station_id)
where type in ({amounts})
"""
_OF_PLACES = """
insert into place_numbers
select place, type, count(*), sum(substr(at, 1, 4) >= (select coalesce(substr(max(published), 1, 4), '') from article_dates)),
    sum(inexact), sum(total), min(at), max(at)
from station_places join station_latest using (station_id) group by place, type
"""
_DATED = """
update fact_dates set counts = 1 where id in (
    select fact_id from (
        select fact_id, row_number() over (partition by type, station_id, at order by stated desc, sources desc, fact_id desc) as place
        from counted)
    where place = 1)
"""
_TIMES_OF_AMOUNTS = """
update place_numbers set since = times.since, until = times.until from (
    select place, type, min(at) as since, max(at) as until from station_numbers cross join station_places using (station_id)
    where type in ({amounts}) group by place, type
) times where times.place = place_numbers.place and times.type = place_numbers.type
"""


def count_numbers(connection: sqlite3.Connection) -> None:
    """Add the numbers of stations and places to a snapshot that has `statements`, `station_places`, `article_dates` and `fact_dates`."""
    steps = (
        _COUNTED,
        _NUMBERS_AT_DATES,
        _NUMBERS_OF_AMOUNTS,
        _LATEST,
        _DATED,
        _TOTALS,
        _TOTALS_OF_AMOUNTS,
        _OF_PLACES,
        _TIMES_OF_AMOUNTS,
    )
    for statement in (*_TABLES.split(";\n"), *steps):
        connection.execute(statement.format(**_LISTED))
    connection.execute("drop table counted")
