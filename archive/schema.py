"""The database schema, as migrations. A migration that has run anywhere is never edited: add another."""

from sqlite_utils import Database, Migrations

from archive import search, visits
from archive.facts import fact_types

migrations = Migrations("archive")


@migrations()
def first_tables(db: Database) -> None:
    """Outlets, runs, captures, articles with their revisions, stations, facts, reprints, and search."""
    for statement in _FIRST.split(";\n"):
        if statement.strip():
            db.execute(statement)


@migrations()
def what_reading_found(db: Database) -> None:
    """Where the date stands, blocks, links, images, what was cut, whose page it is, why it is on topic."""
    for column in ("dated_by", "provenance", "likely_original", "topic"):
        db.execute(f"alter table articles add column {column} text not null default ''")
    for column in ("blocks", "links", "images", "provenance_reasons"):
        db.execute(f"alter table articles add column {column} text not null default '[]'")
    db.execute("alter table articles add column cut text not null default '{}'")


@migrations()
def where_stations_are(db: Database) -> None:
    """The national division that a station certainly lies in: its code, and the names down to its town."""
    for column in ("division", "division_name"):
        db.execute(f"alter table stations add column {column} text not null default ''")
    db.execute("create index stations_division on stations (division)")


@migrations()
def which_facts_were_repaired(db: Database) -> None:
    """Whether damage within a fact's quote was repaired to read it."""
    db.execute("alter table facts add column repaired integer not null default 0")


@migrations()
def read_again_and_decided(db: Database) -> None:
    """Captures that repeat, versions that made each row, facts by revision, pages that are gone, clusters by their
    links, station names apart from stations. What was derived before is derived anew by `dangqun extract`."""
    for statement in _READ_AGAIN.split(";\n"):
        if statement.strip():
            db.execute(statement)


@migrations()
def search_sign_by_sign(db: Database) -> None:
    """Every letter is a token of its own, and a line's end ends a phrase."""
    search.rebuild(db.conn)


@migrations()
def when_pages_are_due(db: Database) -> None:
    """When each page was fetched and is to be looked at again; what monitors found after each run."""
    for statement in _DUE.split(";\n"):
        if statement.strip():
            db.execute(statement)
    visits.rebuild(db.conn)


@migrations()
def where_stories_stand(db: Database) -> None:
    """The bands of each article by its place among all: the first capture of its address. Which of them are linked is
    derived anew by `dangqun extract`."""
    for statement in _PLACES.split(";\n"):
        if statement.strip():
            db.execute(statement)


def refresh_fact_types(db: Database) -> None:
    """Bring the table of fact types in line with their declarations."""
    rows = [(number, t.id, f"{t.zh} {t.en}", t.zh, t.en, t.unit) for number, t in enumerate(fact_types().values())]
    with db.conn:
        db.conn.executemany(
            "insert into fact_types (position, id, label, zh, en, unit) values (?, ?, ?, ?, ?, ?)"
            " on conflict (id) do update set position = excluded.position, label = excluded.label,"
            " zh = excluded.zh, en = excluded.en, unit = excluded.unit",
            rows,
        )


_DUE = """
create table visits (
    url text primary key,
    outlet text not null,
    fetched_at text not null,
    unchanged integer not null,
    due text
) without rowid;
create index visits_due on visits (outlet, due) where due is not null;
create table findings (
    id integer primary key,
    run_id integer not null references runs (id),
    site text not null,
    expectation text not null,
    said text not null,
    found real,
    usual real
);
create index findings_site on findings (site, run_id);
create index findings_run on findings (run_id);
create index runs_site on runs (site, id);
"""

_PLACES = """
create table bands_by_place (
    hash integer not null,
    place integer not null,
    article_id integer not null references articles (id),
    primary key (hash, place)
) without rowid;
insert into bands_by_place
    select hash, (select min(id) from captures where captures.url = articles.url), article_id
    from bands join articles on articles.id = article_id
    order by hash;
drop table bands;
alter table bands_by_place rename to bands;
create index bands_article on bands (article_id);
"""

_READ_AGAIN = """
create table warc_files (
    name text primary key,
    size integer not null
) without rowid;
delete from facts;
delete from facts_search;
delete from reprints;
delete from stations;
delete from stations_search;
alter table captures add column role text not null default '';
update captures set role = kind where kind in ('sitemap', 'robots', 'redirect') or (kind = 'list' and reason is null);
alter table captures add column any_topic integer not null default 0;
alter table captures add column repeats integer references captures (id);
alter table captures add column reader_version text not null default '';
alter table captures add column extractor_version text not null default '';
alter table articles add column gone_at text;
create table facts_said (
    fact_id integer not null references facts (id) on delete cascade,
    revision integer not null,
    start integer not null,
    "end" integer not null,
    primary key (fact_id, revision)
) without rowid;
alter table facts add column station_name_id integer references station_names (id);
create table station_names (
    id integer primary key,
    key text not null unique,
    name text not null,
    place text not null,
    division text not null,
    tail text not null,
    station_id integer references stations (id)
);
create index station_names_tail on station_names (tail);
create index station_names_station on station_names (station_id);
create index facts_station_name on facts (station_name_id);
drop table shingles;
create table bands (
    hash integer not null,
    article_id integer not null references articles (id),
    primary key (hash, article_id)
) without rowid;
create index bands_article on bands (article_id);
create table likenesses (
    article_id integer not null references articles (id),
    other_id integer not null references articles (id),
    likeness real not null,
    primary key (article_id, other_id)
) without rowid;
create index likenesses_other on likenesses (other_id);
alter table reprints add column reasons text not null default '[]';
create view statements as
    select facts.station_id, facts.type, facts.subject, facts.value, facts.value_high, facts.unit, facts.approx,
        facts.qualifier, facts.date, facts.as_of, coalesce(reprints.original_id, facts.article_id) as story,
        count(distinct facts.article_id) as sources, min(facts.id) as fact_id
    from facts left join reprints on reprints.article_id = facts.article_id
    where facts.current
    group by facts.station_id, facts.type, case when facts.station_id is null then facts.subject end, facts.value,
        facts.value_high, facts.qualifier, facts.date, story;
create view station_history as
    select station_id, type, qualifier, as_of, value, value_high, approx, unit, count(*) as stories,
        sum(sources) as sources, min(fact_id) as fact_id
    from statements where station_id is not null and value is not null and as_of is not null
    group by station_id, type, qualifier, as_of, value, value_high;
create view fact_changes as
    select facts.article_id, revisions.number as revision, 'appeared' as change, facts.id as fact_id, facts.type,
        facts.subject, facts.value, facts.date, facts.quote
    from revisions join facts on facts.article_id = revisions.article_id
    join facts_said on facts_said.fact_id = facts.id and facts_said.revision = revisions.number
    where revisions.number > 1 and not exists (
        select 1 from facts_said b where b.fact_id = facts.id and b.revision = revisions.number - 1)
    union all
    select facts.article_id, revisions.number, 'vanished', facts.id, facts.type, facts.subject, facts.value, facts.date,
        facts.quote
    from revisions join facts on facts.article_id = revisions.article_id
    join facts_said on facts_said.fact_id = facts.id and facts_said.revision = revisions.number - 1
    where not exists (select 1 from facts_said b where b.fact_id = facts.id and b.revision = revisions.number);
create view contradictions as
    select a.station_id, a.type, a.qualifier, a.as_of, a.value as one_value, b.value as other_value,
        a.fact_id as one_fact, b.fact_id as other_fact
    from station_history a join station_history b using (station_id, type, qualifier, as_of)
    where a.value < b.value and a.type in ('party_members', 'households', 'residents', 'buildings', 'floor_area',
        'site_area', 'party_branches', 'party_groups', 'grids', 'estates', 'communities')
"""

_FIRST = """
create table outlets (
    id integer primary key,
    name text not null unique,
    host text not null default ''
);
create table runs (
    id integer primary key,
    command text not null,
    site text not null,
    started text not null,
    finished text,
    outcome text,
    stats text not null default '{}'
);
create table captures (
    id integer primary key,
    url text not null,
    fetched_at text not null,
    status integer not null,
    content_type text not null,
    digest text not null,
    warc_file text not null,
    warc_offset integer not null,
    warc_length integer not null,
    outlet_id integer references outlets (id),
    run_id integer references runs (id),
    source text not null default '',
    kind text,
    reason text,
    unique (warc_file, warc_offset)
);
create index captures_url on captures (url, id);
create index captures_unread on captures (id) where kind is null;
create index captures_kind on captures (kind, id);
create table articles (
    id integer primary key,
    url text not null unique,
    outlet_id integer not null references outlets (id),
    title text not null,
    published text,
    source text not null,
    authors text not null,
    editor text not null,
    text text not null,
    revision integer not null,
    capture_id integer not null references captures (id),
    encoding text not null,
    method text not null,
    reader_version text not null,
    extractor_version text not null
);
create index articles_published on articles (published desc, id desc);
create index articles_outlet on articles (outlet_id, published desc);
create index articles_capture on articles (capture_id);
create table revisions (
    id integer primary key,
    article_id integer not null references articles (id),
    number integer not null,
    capture_id integer not null unique references captures (id),
    title text not null,
    published text,
    text text not null,
    unique (article_id, number)
);
create table stations (
    id integer primary key,
    name text not null,
    place text not null,
    key text not null unique
);
create index stations_name on stations (name);
create table fact_types (
    id text primary key,
    label text not null,
    zh text not null,
    en text not null,
    unit text not null,
    position integer not null
);
create table facts (
    id integer primary key,
    type text not null references fact_types (id),
    subject text not null,
    value real,
    value_high real,
    unit text not null,
    approx text not null,
    qualifier text not null,
    date text not null,
    as_of text,
    quote text not null,
    article_id integer not null references articles (id),
    station_id integer references stations (id),
    start integer not null,
    "end" integer not null,
    revision integer not null,
    current integer not null,
    donor text not null,
    recipient text not null,
    evidence text not null unique
);
create index facts_article on facts (article_id, start);
create index facts_station on facts (station_id, type, as_of);
create index facts_type on facts (type, value desc);
create index facts_current on facts (current, id desc);
create table reprints (
    article_id integer primary key references articles (id),
    original_id integer not null references articles (id),
    likeness real not null
);
create index reprints_original on reprints (original_id);
create table shingles (
    hash integer not null,
    article_id integer not null references articles (id),
    primary key (hash, article_id)
) without rowid;
create index shingles_article on shingles (article_id);
create virtual table articles_search using fts5 (title, text, tokenize = "unicode61 remove_diacritics 0");
create virtual table facts_search using fts5 (text, tokenize = "unicode61 remove_diacritics 0");
create virtual table stations_search using fts5 (text, tokenize = "unicode61 remove_diacritics 0");
"""
