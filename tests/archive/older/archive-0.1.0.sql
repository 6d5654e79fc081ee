-- The tables of archive.db as version 0.1.0 made them.
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
