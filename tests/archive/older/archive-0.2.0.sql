-- The tables of archive.db as version 0.2.0 left them after its migrations.
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE TABLE outlets (
    id integer primary key,
    name text not null unique,
    host text not null default ''
);
CREATE TABLE runs (
    id integer primary key,
    command text not null,
    site text not null,
    started text not null,
    finished text,
    outcome text,
    stats text not null default '{}'
);
CREATE TABLE captures (
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
    reason text, role text not null default '', any_topic integer not null default 0, repeats integer references captures (id), reader_version text not null default '', extractor_version text not null default '',
    unique (warc_file, warc_offset)
);
CREATE INDEX captures_url on captures (url, id);
CREATE INDEX captures_unread on captures (id) where kind is null;
CREATE INDEX captures_kind on captures (kind, id);
CREATE TABLE articles (
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
, dated_by text not null default '', provenance text not null default '', likely_original text not null default '', topic text not null default '', blocks text not null default '[]', links text not null default '[]', images text not null default '[]', provenance_reasons text not null default '[]', cut text not null default '{}', gone_at text);
CREATE INDEX articles_published on articles (published desc, id desc);
CREATE INDEX articles_outlet on articles (outlet_id, published desc);
CREATE INDEX articles_capture on articles (capture_id);
CREATE TABLE revisions (
    id integer primary key,
    article_id integer not null references articles (id),
    number integer not null,
    capture_id integer not null unique references captures (id),
    title text not null,
    published text,
    text text not null,
    unique (article_id, number)
);
CREATE TABLE stations (
    id integer primary key,
    name text not null,
    place text not null,
    key text not null unique
, division text not null default '', division_name text not null default '');
CREATE INDEX stations_name on stations (name);
CREATE TABLE fact_types (
    id text primary key,
    label text not null,
    zh text not null,
    en text not null,
    unit text not null,
    position integer not null
);
CREATE TABLE facts (
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
, repaired integer not null default 0, station_name_id integer references station_names (id));
CREATE INDEX facts_article on facts (article_id, start);
CREATE INDEX facts_station on facts (station_id, type, as_of);
CREATE INDEX facts_type on facts (type, value desc);
CREATE INDEX facts_current on facts (current, id desc);
CREATE TABLE reprints (
    article_id integer primary key references articles (id),
    original_id integer not null references articles (id),
    likeness real not null
, reasons text not null default '[]');
CREATE INDEX reprints_original on reprints (original_id);
CREATE VIRTUAL TABLE articles_search using fts5 (title, text, tokenize = "unicode61 remove_diacritics 0");
CREATE VIRTUAL TABLE facts_search using fts5 (text, tokenize = "unicode61 remove_diacritics 0");
CREATE VIRTUAL TABLE stations_search using fts5 (text, tokenize = "unicode61 remove_diacritics 0");
CREATE INDEX stations_division on stations (division);
CREATE TABLE warc_files (
    name text primary key,
    size integer not null
) without rowid;
CREATE TABLE facts_said (
    fact_id integer not null references facts (id) on delete cascade,
    revision integer not null,
    start integer not null,
    "end" integer not null,
    primary key (fact_id, revision)
) without rowid;
CREATE TABLE station_names (
    id integer primary key,
    key text not null unique,
    name text not null,
    place text not null,
    division text not null,
    tail text not null,
    station_id integer references stations (id)
);
CREATE INDEX station_names_tail on station_names (tail);
CREATE INDEX station_names_station on station_names (station_id);
CREATE INDEX facts_station_name on facts (station_name_id);
CREATE TABLE likenesses (
    article_id integer not null references articles (id),
    other_id integer not null references articles (id),
    likeness real not null,
    primary key (article_id, other_id)
) without rowid;
CREATE INDEX likenesses_other on likenesses (other_id);
CREATE VIEW statements as
    select facts.station_id, facts.type, facts.subject, facts.value, facts.value_high, facts.unit, facts.approx,
        facts.qualifier, facts.date, facts.as_of, coalesce(reprints.original_id, facts.article_id) as story,
        count(distinct facts.article_id) as sources, min(facts.id) as fact_id
    from facts left join reprints on reprints.article_id = facts.article_id
    where facts.current
    group by facts.station_id, facts.type, case when facts.station_id is null then facts.subject end, facts.value,
        facts.value_high, facts.qualifier, facts.date, story;
CREATE VIEW station_history as
    select station_id, type, qualifier, as_of, value, value_high, approx, unit, count(*) as stories,
        sum(sources) as sources, min(fact_id) as fact_id
    from statements where station_id is not null and value is not null and as_of is not null
    group by station_id, type, qualifier, as_of, value, value_high;
CREATE VIEW fact_changes as
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
CREATE VIEW contradictions as
    select a.station_id, a.type, a.qualifier, a.as_of, a.value as one_value, b.value as other_value,
        a.fact_id as one_fact, b.fact_id as other_fact
    from station_history a join station_history b using (station_id, type, qualifier, as_of)
    where a.value < b.value and a.type in ('party_members', 'households', 'residents', 'buildings', 'floor_area',
        'site_area', 'party_branches', 'party_groups', 'grids', 'estates', 'communities');
CREATE TABLE visits (
    url text primary key,
    outlet text not null,
    fetched_at text not null,
    unchanged integer not null,
    due text
) without rowid;
CREATE INDEX visits_due on visits (outlet, due) where due is not null;
CREATE TABLE findings (
    id integer primary key,
    run_id integer not null references runs (id),
    site text not null,
    expectation text not null,
    said text not null,
    found real,
    usual real
);
CREATE INDEX findings_site on findings (site, run_id);
CREATE INDEX findings_run on findings (run_id);
CREATE INDEX runs_site on runs (site, id);
CREATE TABLE "bands" (
    hash integer not null,
    place integer not null,
    article_id integer not null references articles (id),
    primary key (hash, place)
) without rowid;
CREATE INDEX bands_article on bands (article_id);
