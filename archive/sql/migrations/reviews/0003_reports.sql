-- What readers report as wrong: what they typed, and nothing about who they are. A report is deleted after a year.

create table reports (
    id integer primary key,
    kind text not null check (kind in ('fact', 'article')),
    key text not null,                  -- of the fact or the article
    wrong text not null check (wrong in ('number', 'subject', 'date', 'other')),
    words text not null,                -- what it should be, as typed
    at text not null,
    outcome text not null default '' check (outcome in ('', 'accepted', 'not_so', 'known')),
    closed_by text,
    closed_at text
);
create index reports_of on reports (kind, key);
create index reports_open on reports (id) where outcome = '';
