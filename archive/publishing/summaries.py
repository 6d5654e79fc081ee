"""What pages would otherwise count at every request, counted once for a snapshot: statements with reprints folded and
reviews applied, places with what lies in them, totals, answers. Nothing here is a source: all of it follows from the rest.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from functools import partial
from itertools import pairwise
from pathlib import Path

from archive.publishing.columns import lay_columns
from archive.publishing.coverage import cover
from archive.publishing.numbers import count_numbers
from archive.publishing.outlets import count_outlets
from archive.publishing.place_tree import Node, Tree, Written, city_of
from archive.publishing.questions import answer
from archive.publishing.queue import line_up
from archive.publishing.removed import COUNTED as _COUNTED
from archive.publishing.stages import stage
from archive.publishing.takedown import applied
from archive.search import facets
from archive.search.index import lay_index
from archive.storage import schema
from archive.text import fold

# Of the code and declarations that make a snapshot: what pages read in it changes with no other.
_MAKERS = Path(__file__).parent, Path(facets.__file__).parent
_VERSION = schema.version_of(
    "".join(
        path.read_text("utf-8")
        for folder in _MAKERS
        for path in sorted(folder.iterdir())
        if path.suffix in (".py", ".toml", ".sql")
    )
)
# In a snapshot, facts are what people decided (archive/publishing/reviewed.py).
_VALUES = """
create table statement_values as
select id as fact_id, type, subject, subject_key, value, value_high, qualifier, qualifier_key, date, as_of,
    review != '' as decided
from facts
"""
# In the order in which each rests on those before it; with the indexes that the next ones need.
_VIEWS = {
    "statement_facts": (
        "create unique index statement_facts_fact on statement_facts (fact_id);\n"
        "create index statement_facts_statement on statement_facts (statement, fact_id)"
    ),
    "statement_values": "create unique index statement_values_fact on statement_values (fact_id)",
    "statements": "create unique index statements_fact on statements (fact_id)",
    "fact_changes": "create index fact_changes_article on fact_changes (article_id, revision)",
    "station_history": "create index station_history_key on station_history (station_id, type, qualifier, at, value)",
    "contradictions": "create index contradictions_station on contradictions (station_id)",
}
_INDEXES = """
create index statements_station on statements (station_id, type, as_of);
create index statements_type on statements (type, as_of desc);
create index station_history_station on station_history (station_id, type, qualifier, at);
create index facts_type_reported_on on facts (type, reported_on desc);
create index facts_reported_on on facts (reported_on desc);
create index facts_as_of on facts (as_of desc);
create index fact_dates_newest on fact_dates (at desc, id desc, type, station_id, article_id, reviewed);
create index fact_dates_type on fact_dates (type, at desc, id desc, station_id, article_id, reviewed);
create index fact_dates_reviewed on fact_dates (at desc, id desc, type, station_id, article_id) where reviewed;
create index fact_dates_station on fact_dates (station_id, type, id);
create index facts_donor on facts (donor) where donor != '';
create index facts_repaired on facts (id) where current and repaired;
create index revisions_later on revisions (capture_id desc) where number > 1
"""
# Narrow tables beside the wide ones, for searches; without foreign keys, which Datasette would count on every page.
_PLACES = """
create table station_places (
    place text not null,
    station_id integer not null,
    primary key (place, station_id)
) without rowid;
create index station_places_station on station_places (station_id);
create table article_places (
    place text not null,
    published text not null,
    article_id integer not null,
    primary key (place, published desc, article_id desc)
) without rowid;
create table places (
    key text primary key,
    parent text not null,
    name text not null,
    folded text not null,
    kind text not null default '', -- province, city, district, town or community; empty: its name does not say
    level integer not null,
    stations integer not null default 0,
    articles integer not null default 0,
    facts integer not null default 0,
    statements integer not null default 0,
    latest text
) without rowid;
create index places_parent on places (parent, articles desc);
create index places_folded on places (folded);
create table place_names (
    place text not null,
    name text not null, -- as articles write it, with what they name above it
    folded text not null, -- the same in simplified characters, without blanks
    stations integer not null, -- how many it is written of; 0: the whole path, where none is
    primary key (place, name)
) without rowid;
create index place_names_folded on place_names (folded);
alter table stations add column division_city text not null default '';
alter table stations add column articles integer not null default 0;
alter table stations add column facts integer not null default 0;
alter table stations add column statements integer not null default 0;
alter table stations add column latest text;
alter table outlets add column articles integer not null default 0;
alter table outlets add column last_fetched_at text;
create table article_dates (
    id integer primary key,
    published text not null,
    outlet_id integer not null,
    reprint integer not null,
    facts integer not null default 0
);
create table fact_dates (
    id integer primary key,
    at text not null, -- the date that is stated, else that of the report
    type text not null,
    station_id integer, -- that its statement is about
    article_id integer not null,
    reviewed integer not null,
    counts integer not null default 0 -- 1: the one that counts of its station and type at its date (archive/publishing/numbers.py)
);
create table totals (
    name text primary key,
    count integer not null
) without rowid
"""
COUNTED = _COUNTED | {
    "statements": "select count(*) from statements",
    "outlets": "select count(distinct outlet_id) from articles",
    "reprints": "select count(*) from reprints",
    "captures": "select count(*) from captures where duplicate_of is null",
    "reviewed": "select count(*) from facts where current and review != ''",
}


def summarise(connection: sqlite3.Connection, before: Path | None = None) -> None:
    """Add to a snapshot everything that follows from it and that its pages show, and a list of that: it can be undone.

    Args:
        connection: a draft of the snapshot (see `lay_index`).
        before: the snapshot before it. Its index is taken over where this version of the program made it and the same is taken
            down in both: an index that is taken over may keep words that are gone.
    """
    connection.execute("drop table if exists bands")  # only a new article needs them
    there = _made(connection)
    alike = before if before and _is_alike(connection, before) else None
    steps: dict[str, Callable[[sqlite3.Connection], None]] = {
        "statements": _fix_views,
        "places": _lay_out_places,
        "counts": _count,
        "numbers": count_numbers,
        "outlets": count_outlets,
        "indexes": partial(_run, script=_INDEXES),
        "columns": lay_columns,
        "choices": facets.store,
        "search index": partial(lay_index, before=alike),
        "coverage": cover,
        "answers": answer,
        "review queue": line_up,
    }
    for name, step in steps.items():
        with stage(name):
            step(connection)
    connection.execute("create table summaries (kind text not null, of text not null, name text not null)")
    connection.executemany("insert into summaries values (?, ?, ?)", sorted(_made(connection) - there))
    connection.execute("analyze")
    connection.execute(f"pragma application_id = {_VERSION}")
    connection.commit()


def is_summarised(connection: sqlite3.Connection) -> bool:
    """Whether a snapshot has what this version's pages are made of, and not that of another version."""
    return connection.execute("pragma application_id").fetchone()[0] == _VERSION


def _is_alike(connection: sqlite3.Connection, before: Path) -> bool:
    with closing(sqlite3.connect(f"{before.resolve().as_uri()}?mode=ro", uri=True)) as other:
        return is_summarised(other) and applied(other) == applied(connection)


def undo_summaries(connection: sqlite3.Connection) -> None:
    """Take out of a snapshot what `summarise` added to it, so that it can be done again once the rest has changed."""
    added = connection.execute("select kind, of, name from summaries").fetchall()
    for kind, _, name in added:
        if kind != "column":
            connection.execute(f'drop {kind} if exists "{name}"')  # with a table go its indexes
    tables = {name for kind, _, name in added if kind == "table"}
    for kind, of, name in added:
        if kind == "column" and of not in tables:
            connection.execute(f'alter table "{of}" drop column "{name}"')
    for view in schema.views():
        connection.execute(view)


def _made(connection: sqlite3.Connection) -> set[tuple[str, str, str]]:
    """(kind, of which table, name) of the tables, columns and indexes that there are."""
    made = connection.execute(
        "select type, tbl_name, name from sqlite_master where type in ('table', 'index') and name not like 'sqlite_%'"
        " union all select 'column', tables.name, columns.name from sqlite_master tables, pragma_table_info(tables.name) columns"
        " where tables.type = 'table'"
    )
    return set(made)


def _fix_views(connection: sqlite3.Connection) -> None:
    """Make tables of what archive.db has as views, over the statements as people decided."""
    written = dict(connection.execute("select name, sql from sqlite_master where type = 'view'").fetchall())
    for name in reversed(_VIEWS):
        connection.execute(f"drop view {name}")
    for name, indexes in _VIEWS.items():
        _, _, query = written[name].partition(" as\n")
        connection.execute(_VALUES if name == "statement_values" else f"create table {name} as {query}")
        _run(connection, indexes)
    connection.execute("drop table statement_values")


def _lay_out_places(connection: sqlite3.Connection) -> None:
    """The tree of places, with what lies in them, and how articles write them."""
    _run(connection, _PLACES)
    stations = connection.execute("select id, division, place from stations").fetchall()
    names = connection.execute("select station_id, division, place from station_names").fetchall()
    tree = Tree(Written(division, place) for _, division, place in [*stations, *names])
    places: dict[str, tuple[str, str, str, int]] = {}
    forms: Counter[tuple[str, str]] = Counter()
    for station_id, division, place in stations:
        path = tree.path(Written(division, place))
        for level, (above, node) in enumerate(pairwise([Node("", "", ""), *path]), 1):
            places[node.key] = (above.key, node.name, node.kind, level)
            forms[node.key, " ".join(one.name for one in path[:level])] = 0
        connection.executemany("insert into station_places values (?, ?)", [(node.key, station_id) for node in path])
        connection.execute("update stations set division_city = ? where id = ?", [city_of(path), station_id])
    connection.executemany(
        "insert into places (key, parent, name, folded, kind, level) values (?, ?, ?, ?, ?, ?)",
        [(key, parent, name, fold(name), kind, level) for key, (parent, name, kind, level) in places.items()],
    )
    written = {
        (key, form, station_id)
        for station_id, division, place in names
        for key, form in tree.forms(Written(division, place))
    }
    forms.update((key, form) for key, form, _ in written if key in places)
    connection.executemany(
        "insert into place_names values (?, ?, ?, ?)",
        [(key, form, fold(form.replace(" ", "")), count) for (key, form), count in forms.items()],
    )


def _count(connection: sqlite3.Connection) -> None:
    connection.execute(
        "insert into article_dates (id, published, outlet_id, reprint) select id, coalesce(published, ''), outlet_id,"
        " exists (select 1 from reprints where article_id = articles.id) from articles"
    )
    connection.execute(
        "insert into fact_dates (id, at, type, station_id, article_id, reviewed) select id, coalesce(as_of, reported_on, ''), type, statement_facts.station_id, article_id, review != ''"
        " from facts join statement_facts on fact_id = facts.id where current"
    )
    connection.execute(
        "update article_dates set facts = counted.facts from (select article_id, count(*) as facts from facts where current"
        " group by article_id) counted where counted.article_id = article_dates.id"
    )
    connection.execute(
        "create temp table met as select distinct station_id, article_id from fact_dates where station_id is not null"
    )
    connection.execute(
        "insert or ignore into article_places select place, published, article_id from met"
        " join station_places using (station_id) join article_dates on article_dates.id = article_id"
    )
    connection.execute(
        "update stations set facts = counted.facts from (select station_id, count(*) as facts from fact_dates"
        " where station_id is not null group by station_id) counted where counted.station_id = stations.id"
    )
    connection.execute(
        "update stations set statements = counted.statements from (select station_id, count(*) as statements from statements"
        " where station_id is not null group by station_id) counted where counted.station_id = stations.id"
    )
    connection.execute(
        "update stations set articles = counted.articles, latest = nullif(counted.latest, '') from (select station_id, count(*) as articles,"
        " max(published) as latest from met join article_dates on article_dates.id = article_id group by station_id) counted"
        " where counted.station_id = stations.id"
    )
    connection.execute("drop table met")
    connection.execute(
        "update outlets set articles = counted.articles, last_fetched_at = counted.last_fetched_at from (select articles.outlet_id, count(*) as articles,"
        " max(fetched_at) as last_fetched_at from articles join revisions on revisions.article_id = articles.id and number = 1"
        " join captures on captures.id = revisions.capture_id group by articles.outlet_id) counted where counted.outlet_id = outlets.id"
    )
    connection.execute(
        "update places set stations = counted.stations, facts = counted.facts, statements = counted.statements"
        " from (select station_places.place, count(*) as stations, sum(facts) as facts, sum(statements) as statements from station_places join stations on stations.id = station_id group by 1) counted"
        " where counted.place = places.key"
    )
    connection.execute(
        "update places set articles = counted.articles, latest = nullif(counted.latest, '') from (select place, count(*) as articles,"
        " max(published) as latest from article_places group by place) counted where counted.place = places.key"
    )
    connection.execute("create index stations_articles on stations (articles desc, name)")
    connection.execute(
        "create index article_dates_newest on article_dates (published desc, id desc, outlet_id, reprint)"
    )
    for name, question in COUNTED.items():
        connection.execute("insert into totals values (?, ?)", [name, connection.execute(question).fetchone()[0]])
    connection.execute(
        "insert into totals select 'facts:type:' || type, count(*) from facts where current group by type"
    )
    connection.execute("insert into totals select 'statements:type:' || type, count(*) from statements group by type")
    connection.execute(
        "insert into totals select 'articles:outlet:' || outlet_id, count(*) from articles group by outlet_id"
    )
    connection.execute(
        "insert into totals select 'facts:outlet:' || outlet_id, count(*) from facts"
        " join article_dates on article_dates.id = article_id where current group by outlet_id"
    )
    connection.execute(
        "insert into totals select 'statements:outlet:' || outlet_id, count(distinct statement) from facts"
        " join statement_facts on fact_id = facts.id join article_dates on article_dates.id = article_id"
        " where current group by outlet_id"
    )


def _run(connection: sqlite3.Connection, script: str) -> None:
    for statement in script.split(";\n"):
        connection.execute(statement)
