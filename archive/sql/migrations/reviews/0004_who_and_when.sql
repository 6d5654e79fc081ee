-- Who undid a decision; when something left what is published; and how many reports one sender has sent in this hour.

alter table reviews add column undone_by text;
alter table takedowns add column undone_by text;
alter table station_decisions add column undone_by text;

alter table taken_down add column at text not null default '';  -- UTC; '' where an earlier version took it down

create table report_counts (
    hour text not null,                 -- UTC, 2024-05-06T07
    sender text not null,               -- a digest of the hour and the address, which is not kept
    reports integer not null,
    primary key (hour, sender)
) without rowid;
