"""What is most worth a person's look, counted when a snapshot is published: facts, and stations that may be one."""

import sqlite3

_MAX_ROWS = 5000
_REASONS = (  # weight, code of the reason, facts
    (
        100,
        "contradicts",
        "select one_fact as id from contradictions union select other_fact from contradictions",
    ),
    (
        80,
        "changed",
        (
            "select facts.id from reviews_open join articles on articles.url = json_extract(reviewed_fact, '$.url')"
            " join facts on facts.article_id = articles.id and facts.type = json_extract(reviewed_fact, '$.type')"
        ),
    ),
    (60, "repaired", "select id from facts where current and repaired"),
    (
        40,
        "often_wrong",
        "select facts.id from accuracy join facts on facts.type = accuracy.type and current where accuracy.reviewed >= 5 and share < 0.9",
    ),
    (
        30,
        "rare",
        (
            "select facts.id from facts where current and type in (select type from facts where current group by type"
            " having count(*) * 100 < (select count(*) from facts where current))"
        ),
    ),
    (10, "recent", "select id from facts where current order by coalesce(as_of, reported_on, '') desc, id desc"),
)


def line_up(connection: sqlite3.Connection) -> None:
    """Add the tables review_queue (facts without a review, the most worth a look first) and station_pairs to a snapshot."""
    connection.execute(
        "create temp table worth (fact_id integer not null, weight integer not null, reason text not null)"
    )
    for weight, reason, facts in _REASONS:
        connection.execute(f"insert into worth select id, ?, ? from ({facts} limit {_MAX_ROWS})", [weight, reason])
    connection.execute(
        "create table review_queue (position integer primary key, fact_id integer not null references facts (id),"
        " weight integer not null, reasons text not null)"
    )
    connection.execute(
        "insert into review_queue (fact_id, weight, reasons) select fact_id, sum(weight), group_concat(reason, ';') from worth"
        " join facts on facts.id = fact_id where current and review = '' group by fact_id"
        f" order by sum(weight) desc, coalesce(as_of, reported_on, '') desc, fact_id desc limit {_MAX_ROWS}"
    )
    connection.execute("drop table worth")
    connection.execute(
        "create table station_pairs as select distinct a.station_id as one, b.station_id as other from station_names a"
        " join station_names b on b.tail = a.tail and b.station_id > a.station_id"
        f" where a.station_id is not null order by one, other limit {_MAX_ROWS}"
    )
