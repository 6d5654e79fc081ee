-- The tables of reviews.db as they were before they had a version; a file of that time has some of them already.

-- What people decided about facts. A row is never changed: a later one counts instead, one that is undone says when.
create table if not exists reviews (
    id integer primary key,
    evidence text not null,             -- the key of the fact
    said text not null,                 -- JSON: the fact as it was when it was reviewed, with its article's address
    decision text not null check (decision in ('confirm', 'reject', 'correct', 'note')),
    corrected text not null default '{}',       -- JSON: the right values
    note text not null default '',
    by text not null,
    at text not null,
    undone_at text
);
create index if not exists reviews_evidence on reviews (evidence, id);

-- Articles (by address) and names that are not to be published.
create table if not exists takedowns (
    id integer primary key,
    kind text not null check (kind in ('article', 'name')),
    value text not null,
    reason text not null,
    by text not null,
    at text not null,
    undone_at text
);

-- Which names (their keys) are one station, and which are not.
create table if not exists station_decisions (
    id integer primary key,
    kind text not null check (kind in ('same', 'different')),
    one_name text not null,
    other_name text not null,
    reason text not null,
    by text not null,
    at text not null,
    undone_at text
);

-- What somebody would rather look at later.
create table if not exists skips (
    evidence text not null,
    by text not null,
    at text not null,
    primary key (evidence, by)
) without rowid;

-- When each editor last looked at the desk, and the time before.
create table if not exists visits (
    by text primary key,
    at text not null,
    before text not null default ''
) without rowid;

-- Searches and stations that people follow.
create table if not exists follows (
    id integer primary key,
    by text not null,
    kind text not null,
    search text not null,               -- JSON
    channel text not null check (channel in ('webhook', 'email')),
    target text not null,
    at text not null,
    ended_at text
);

-- What was told of it: by address, key of a fact, or finding.
create table if not exists deliveries (
    follow_id integer not null references follows (id),
    what text not null,
    state text not null check (state in ('before', 'pending', 'sent', 'refused')),
    at text not null,
    primary key (follow_id, what)
) without rowid;
