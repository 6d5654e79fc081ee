-- The tables of archive.db. All of it is derived from the captures in warc/, but for runs, findings, and the keys of facts.
--
-- This file alone says what they are. A database that was made by another text of it (comments and blanks aside) is
-- rebuilt from the captures (archive/pipeline/rebuild.py). docs/data-model.md names what others may rely on.
-- Times are UTC, ISO 8601 with Z, unless stated otherwise; offsets count characters of a text.

-- 1. Who publishes, and what was fetched

-- Who publishes, by the name that its site is described with, or else by its host.
create table outlets (
    id integer primary key,
    name text not null unique,
    host text not null default ''
);

-- Each execution of a crawl or an import, and each check of a site that demanded a wait. Not derived: a rebuild carries it over.
create table runs (
    id integer primary key,
    command text not null,              -- crawl, import or check
    site text not null,                 -- the site's name, or the paths that were imported
    started text not null,
    finished text,                      -- null: running, or killed
    outcome text,                       -- finished, or why it ended
    stats text not null default '{}'    -- JSON: counts by name
);
create index runs_site on runs (site, id);

-- What monitors found in a run that was not as usual. Not derived: a rebuild carries it over.
create table findings (
    id integer primary key,
    run_id integer not null references runs (id),
    site text not null,
    expectation text not null,          -- what was expected, by its code
    message text not null,              -- what was observed, as a sentence
    observed real,                      -- a share or number of this run, and
    usual real                          -- the same of the runs before
);
create index findings_site on findings (site, run_id);
create index findings_run on findings (run_id);

-- How far each WARC file has been indexed, in bytes.
create table warc_files (
    name text primary key,
    size integer not null
) without rowid;

-- Each fetched response: a record of a WARC file, and what was read from it.
create table captures (
    id integer primary key,             -- in the order of fetching; a rebuild carries it over
    url text not null,
    fetched_at text not null,
    status integer not null,            -- of HTTP
    content_type text not null,
    digest text not null,               -- of the bytes, sha256
    warc_file text not null,
    warc_offset integer not null,       -- bytes
    warc_length integer not null,       -- bytes, compressed
    outlet_id integer references outlets (id),
    run_id integer references runs (id),        -- not in the record: a rebuild carries it over
    source text not null default '',    -- the file that it was imported from; with what of the capture is as supplied
    role text not null default '',      -- what it was fetched as where that is no page: list, sitemap, robots, redirect; tombstone: it was erased
    any_topic integer not null default 0,       -- 1: to be kept whatever it is about
    duplicate_of integer references captures (id),  -- the earlier capture whose bytes it has
    kind text,                          -- article, or what it is instead; null: not read yet
    reason text,                        -- why it is no article
    page_key text,                      -- what the addresses of its article, or the article it is part of, have in common (archive/reprints/copies.py); null: no article
    stem text,                          -- what the addresses of its article's pages have in common (archive/pipeline/paged.py); null: no pager
    reader_version text not null default '',    -- which read it; '': none
    extractor_version text not null default '',
    unique (warc_file, warc_offset)
);
create index captures_url on captures (url, id);
create index captures_unread on captures (id) where kind is null;
create index captures_kind on captures (kind, id);
create index captures_page_key on captures (page_key) where page_key is not null;
create index captures_stem on captures (stem) where stem is not null;

-- What was erased, by its tombstones in the WARC files (archive/storage/erased.py).
create table erased (
    capture_id integer primary key references captures (id),
    url text not null,
    page_key text not null,             -- what the addresses of its article have in common
    story text not null                 -- hashes by which its text is known again; '': it had none
);
create index erased_url on erased (url);
create index erased_page_key on erased (page_key);

-- When each address was last fetched, and when it is worth another look (archive/storage/fetch_schedule.py).
create table fetch_schedule (
    url text primary key,
    outlet text not null,               -- its name
    fetched_at text not null,
    unchanged integer not null,         -- how many times in a row nothing had changed
    due text                            -- null: it is not looked at again
) without rowid;
create index fetch_schedule_due on fetch_schedule (outlet, due) where due is not null;

-- 2. What the captures say

-- An address that holds an article, as its last version says it.
create table articles (
    id integer primary key,             -- cited; a rebuild carries it over
    url text not null unique,
    outlet_id integer not null references outlets (id),
    title text not null,
    published text,                     -- with +08:00 where a time is stated, the bare day where not; null: not stated
    dated_by text not null default '',  -- the part of the page that states it
    source text not null,               -- the outlet that the page names
    authors text not null,              -- with 、 between them
    editor text not null,
    text text not null,                 -- one block a line, as published
    blocks text not null default '[]',  -- JSON: [kind, start, end]
    links text not null default '[]',   -- JSON: [start, end, address]
    images text not null default '[]',  -- JSON: [at, address, caption]
    cut text not null default '{}',     -- JSON: what was left out, counted by name
    encoding text not null,             -- JSON: declared, used, repaired
    method text not null,               -- how the body was found
    topic text not null default '',     -- why it is on topic
    provenance text not null default '',                -- original, reprint, mirror or unknown
    provenance_reasons text not null default '[]',      -- JSON: sentences
    likely_original text not null default '',           -- the outlet that the words likely come from
    revision integer not null,          -- the number of its last version
    capture_id integer not null references captures (id),       -- of its first page
    page_spans text not null default '[]',      -- JSON: [start, end, capture], of an article in several pages: what is from which
    missing_pages text not null default '[]',   -- JSON: addresses of its pages that are not there
    gone_at text,                       -- since when the address answers that it is gone
    reader_version text not null,
    extractor_version text not null
);
create index articles_published on articles (published desc, id desc);
create index articles_outlet on articles (outlet_id, published desc);
create index articles_capture on articles (capture_id);
create index articles_missing_pages on articles (outlet_id) where missing_pages != '[]';

-- Each version of an article: a later capture, of any of its pages, with which title, time or text differs.
create table revisions (
    id integer primary key,
    article_id integer not null references articles (id),
    number integer not null,            -- from 1 on
    capture_id integer not null unique references captures (id),
    title text not null,
    published text,
    text text not null,
    page_spans text not null default '[]',      -- JSON: [start, end, capture], as of the article
    unique (article_id, number)
);

-- What a fact can be, as archive/facts/types.toml declares it; brought in line at each start.
create table fact_types (
    id text primary key,
    zh text not null,                   -- its names
    en text not null,
    unit text not null,
    position integer not null
);

-- A station: the names that are taken for one, by their places and by what people decided (archive/stations/identity.py).
create table stations (
    id integer primary key,             -- cited; a rebuild carries it over
    name text not null,
    place text not null,                -- the places above it as texts name them, largest first
    key text not null unique,           -- of its first name
    division text not null default '',          -- code of the smallest national division that it certainly lies in
    division_name text not null default ''      -- the names down to it
);
create index stations_name on stations (name);
create index stations_division on stations (division);

-- Each name that texts give a station, with the places above it.
create table station_names (
    id integer primary key,
    key text not null unique,           -- name, places and division in their normal form
    name text not null,
    place text not null,
    division text not null,
    tail text not null,                 -- the end of the name that namesakes have in common
    station_id integer references stations (id)
);
create index station_names_tail on station_names (tail);
create index station_names_station on station_names (station_id);

-- One statement of one article, wherever its versions say it.
create table facts (
    id integer primary key,
    evidence text not null unique,      -- the key of the statement: cited, and what reviews hold on to
    article_id integer not null references articles (id),
    type text not null references fact_types (id),
    subject text not null,
    value real,
    value_high real,                    -- the upper end of a range
    unit text not null,
    measure text not null default '',   -- the measure word as written
    approx text not null,               -- exact, about, more_than, less_than or nearly
    qualifier text not null,
    date text not null,                 -- the date that the text states for the number
    as_of text,                         -- that date where its year is known; null where the text states none
    reported_on text,                   -- the day on which the article appeared; null where it is not known
    donor text not null,
    recipient text not null,
    quote text not null,                -- the words: text[start:end] of the version that `revision` numbers
    subject_key text not null default '',       -- the subject in comparable form, and
    qualifier_key text not null default '',     -- the qualifier: what makes facts one statement (archive/stations/statements.py)
    detail_key text not null default '',        -- date, donor and recipient; the words of what is no number and no date
    cumulative integer not null default 0,      -- 1: a running total, or of a whole town, district or city: not to be added to others
    start integer not null,
    "end" integer not null,
    revision integer not null,          -- the last version that says it
    current integer not null,           -- 1: the article's last version says it
    repaired integer not null default 0,        -- 1: damage within the quote was repaired to read it
    probability integer,                -- thousandths, that type and value are right; null where rules decided
    subject_probability integer,        -- thousandths, that the subject is right; null where rules decided
    station_name_id integer references station_names (id),      -- null: about no station, or not certain about which
    station_id integer references stations (id)
);
create index facts_article on facts (article_id, start);
create index facts_station on facts (station_id, type, as_of);
create index facts_station_name on facts (station_name_id);
create index facts_type on facts (type, value desc);
create index facts_current on facts (current, id desc);

-- Where each version says each fact.
create table fact_mentions (
    fact_id integer not null references facts (id) on delete cascade,
    revision integer not null,
    start integer not null,
    "end" integer not null,
    primary key (fact_id, revision)
) without rowid;

-- What is not sure enough to be published: apart from the facts, so that no query about these meets it. A candidate may
-- become a fact under the same number: both are numbered in one series.
create table candidates (
    id integer primary key,
    evidence text not null unique,
    article_id integer not null references articles (id),
    type text not null references fact_types (id),
    subject text not null,
    value real,
    value_high real,
    unit text not null,
    measure text not null,
    approx text not null,
    qualifier text not null,
    date text not null,
    as_of text,
    reported_on text,
    donor text not null,
    recipient text not null,
    quote text not null,
    subject_key text not null,
    qualifier_key text not null,
    detail_key text not null,
    cumulative integer not null,
    start integer not null,
    "end" integer not null,
    revision integer not null,
    current integer not null,
    repaired integer not null,
    probability integer,
    subject_probability integer,
    station_name_id integer references station_names (id),
    mentions text not null              -- JSON: [revision, start, end] of each version that says it
);
create index candidates_article on candidates (article_id);
create index candidates_station_name on candidates (station_name_id);

-- What an earlier reader read in an article and this one does not. Not derived: a rebuild carries it over.
create table former_facts (
    key text primary key,               -- its evidence
    url text not null,                  -- the article's, which may be one no more
    type text not null,
    subject text not null,
    value real,
    value_high real,
    unit text not null,
    approx text not null,
    qualifier text not null,
    date text not null,
    quote text not null,
    start integer not null,             -- where the quote stood in the version that `revision` numbers
    "end" integer not null,
    revision integer not null,
    shown integer not null,             -- 0: it was only ever a candidate
    successor text                      -- the evidence of the fact that is read in its place
) without rowid;
create index former_facts_url on former_facts (url);
create index former_facts_successor on former_facts (successor) where successor is not null;

-- 3. The same story at other outlets (archive/reprints/stories.py)

-- What stories are recognised by, in the order in which their addresses were first captured.
create table bands (
    hash integer not null,
    first_capture_id integer not null,  -- of the article's address
    article_id integer not null references articles (id),
    primary key (hash, first_capture_id)
) without rowid;
create index bands_article on bands (article_id);

-- Pairs of articles with the same story; the lower number first.
create table similar_articles (
    article_id integer not null references articles (id),
    other_id integer not null references articles (id),
    similarity real not null,           -- share of the shorter story that both have
    primary key (article_id, other_id)
) without rowid;
create index similar_articles_other on similar_articles (other_id);

-- Articles that are reprints, each with the original of its cluster.
create table reprints (
    article_id integer primary key references articles (id),
    original_id integer not null references articles (id),
    similarity real not null,
    reasons text not null default '[]'  -- JSON: why that one is the original
);
create index reprints_original on reprints (original_id);

-- 4. What follows from the tables. Publication makes tables of these views.

-- Which statement each fact makes: `statement` is the number of the fact that counts for it, the likely original's where
-- that says it. This alone groups facts; whatever counts, adds up or lists statements rests on it.
-- Of one story, a name means the station that any of its articles means by it, unless one article means two.
create view statement_facts as
    with sourced as (
        select facts.*, coalesce(reprints.original_id, facts.article_id) as story
        from facts left join reprints on reprints.article_id = facts.article_id
    ), meant as (
        select story, subject_key, min(first) as station_id from (
            select story, subject_key, article_id, min(station_id) as first, max(station_id) as last
            from sourced where station_id is not null group by story, subject_key, article_id)
        group by story, subject_key having sum(first != last) = 0
    ), about as (
        select sourced.id, sourced.article_id, sourced.current, sourced.story, sourced.detail_key, sourced.value, sourced.value_high,
            coalesce(meant.station_id, sourced.station_id) as station_id,
            sourced.type || ' ' || sourced.unit || ' ' || sourced.qualifier_key || ' ' || coalesce(meant.station_id, sourced.station_id, sourced.subject_key) as what
        from sourced left join meant on meant.story = sourced.story and meant.subject_key = sourced.subject_key
    ), compared as (
        select *, min(detail_key) filter (where current) over once != max(detail_key) filter (where current) over once as differs
        from about window once as (partition by story, what, value, value_high, article_id)
    ), settled as (
        select *, case when max(differs) over (partition by story, what, value, value_high) then detail_key end as detail
        from compared
    )
    select id as fact_id, story, station_id,
        first_value(id) over (
            partition by story, what, value, value_high, detail order by current desc, article_id != story, article_id, id
        ) as statement
    from settled;

-- What is shown of each statement, by the fact that counts for it. Publication puts in its place what people decided.
create view statement_values as
    select id as fact_id, type, subject, subject_key, value, value_high, qualifier, qualifier_key, date, as_of, 0 as decided
    from facts;

-- One row a statement that an article says now, with how many articles say it. `about` is the number of the station or,
-- where there is none, the subject in comparable form. `variant` is 1 where another article represents the story and has
-- another number in its place, `cumulative` where the number holds what others hold: neither is added to others.
create view statements as
    select counted.station_id, shown.type, shown.subject, shown.value, shown.value_high, facts.unit, facts.approx,
        shown.qualifier, shown.date, shown.as_of, counted.reported_on, counted.story, counted.sources, counted.fact_id,
        coalesce(counted.station_id, shown.subject_key) as about, shown.qualifier_key, counted.cumulative,
        facts.article_id != first_value(facts.article_id) over (
            partition by counted.story, coalesce(counted.station_id, shown.subject_key), shown.type, facts.unit,
                shown.qualifier_key, shown.date, facts.detail_key
            order by shown.decided desc, facts.article_id != counted.story, facts.article_id) as variant
    from (
        select statement as fact_id, min(story) as story, min(statement_facts.station_id) as station_id,
            min(facts.reported_on) as reported_on, count(distinct facts.article_id) as sources,
            max(facts.cumulative) as cumulative
        from statement_facts join facts on facts.id = statement_facts.fact_id where facts.current group by statement
    ) counted join facts on facts.id = counted.fact_id join statement_values shown on shown.fact_id = counted.fact_id;

-- The numbers of each station over time: `at` is the date that is stated, or else the first day on which it was reported.
create view station_history as
    select station_id, type, qualifier, coalesce(as_of, statements.reported_on) as at, as_of,
        min(statements.reported_on) as reported_on, value, value_high, approx, unit, count(*) as stories,
        sum(sources) as sources, min(fact_id) as fact_id
    from statements
    where station_id is not null and value is not null and coalesce(as_of, statements.reported_on) is not null
    group by station_id, type, qualifier, as_of, coalesce(as_of, statements.reported_on), value, value_high;

-- Facts that a later version of an article brought or dropped.
create view fact_changes as
    select facts.article_id, revisions.number as revision, 'appeared' as change, facts.id as fact_id, facts.type,
        facts.subject, facts.value, facts.date, facts.quote
    from revisions join facts on facts.article_id = revisions.article_id
    join fact_mentions on fact_mentions.fact_id = facts.id and fact_mentions.revision = revisions.number
    where revisions.number > 1 and not exists (
        select 1 from fact_mentions b where b.fact_id = facts.id and b.revision = revisions.number - 1)
    union all
    select facts.article_id, revisions.number, 'vanished', facts.id, facts.type, facts.subject, facts.value, facts.date,
        facts.quote
    from revisions join facts on facts.article_id = revisions.article_id
    join fact_mentions on fact_mentions.fact_id = facts.id and fact_mentions.revision = revisions.number - 1
    where not exists (select 1 from fact_mentions b where b.fact_id = facts.id and b.revision = revisions.number);

-- Two values of what one station has one of, at the same date.
create view contradictions as
    select a.station_id, a.type, a.qualifier, a.at, a.value as one_value, b.value as other_value,
        a.fact_id as one_fact, b.fact_id as other_fact
    from station_history a join station_history b using (station_id, type, qualifier, at)
    where a.value < b.value and a.type in ('party_members', 'households', 'residents', 'buildings', 'floor_area',
        'site_area', 'party_branches', 'party_groups', 'grids', 'estates', 'communities');
