-- What stations were published under which keys, and the keys of what was taken down: the captures do not tell it.

-- Each name (its key) that a station had when it was published under a key.
create table station_names (
    key text not null,
    name text not null,
    primary key (key, name)
) without rowid;

-- The keys of articles, stations and facts that were published and then taken down.
create table taken_down (
    kind text not null check (kind in ('article', 'station', 'fact')),
    key text not null,
    primary key (kind, key)
) without rowid;
