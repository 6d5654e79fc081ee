"""What strangers may call takes no longer than in proportion to what it is called with, and means what SQLite means."""

import sqlite3
import time
from contextlib import suppress
from itertools import product

import pytest

from archive.site.guarded import LONGEST, guard

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # refusals of functions
_TEXTS = (
    "a" * 300_000,
    "a" * 150_000 + "b",
    "{" + ",".join(f'"{number}": 1' for number in range(30_000)) + "}",
    "{" + ",".join(f'"other {number}": 1' for number in range(30_000)) + "}",
)


@pytest.fixture
def guarded() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    guard(connection)
    return connection


def test_no_single_call_takes_long(guarded: sqlite3.Connection) -> None:
    functions = set(guarded.execute("select name, narg from pragma_function_list where type = 's' or name = 'like'"))
    assert {name for name, _ in functions} > {"instr", "replace", "json_patch", "like", "printf"}
    for name, arguments in sorted(functions):
        for values in product(_TEXTS, repeat=min(arguments if arguments >= 0 else 3, 3)):
            begun = time.process_time()
            with suppress(sqlite3.Error):
                guarded.execute(f'select length("{name}"({", ".join("?" * len(values))}))', values).fetchone()
            assert time.process_time() - begun < 1.5, (name, [value[:20] for value in values])


@pytest.mark.parametrize(
    "sql",
    [
        "select zeroblob(10)",
        "select hex(randomblob(10))",
        "select json_patch('{}', '{}')",
        "select load_extension('x')",
        "select * from pragma_integrity_check",
        "select * from pragma_soft_heap_limit",
        "attach ':memory:' as other",
        "select 'a' like printf('%.300c', '%')",
        "select trim('a', printf('%.200c', 'b'))",
        "select length(replace(printf('%.3000000c', 'a'), 'a', printf('%.3000000c', 'b')))",
        "with t(x) as (select printf('%.9000000c', 'a')) select length(x || x || x) from t",
    ],
)
def test_what_grows_or_loads_is_refused(guarded: sqlite3.Connection, sql: str) -> None:
    with pytest.raises(sqlite3.Error):
        guarded.execute(sql).fetchall()


@pytest.mark.parametrize(
    "call",
    [
        "instr('党群服务站', '服务')",
        "instr('abc', '')",
        "instr('abc', null)",
        "instr(x'010203', x'0203')",
        "instr(12345, 34)",
        "replace('党员 党员', '党员', '群众')",
        "replace('abc', '', 'x')",
        "replace(15, 5, 6)",
        "replace(null, 'a', 'b')",
        "trim('xxaxx', 'x')",
        "trim('  a ')",
        "ltrim('xyax', 'yx')",
        "rtrim('axyx', 'x')",
        "trim('a', '')",
        "upper('a') || substr('党群', 2) || printf('%.1f', 2)",
        "json_extract('{\"a\": [1, 2]}', '$.a[1]')",
    ],
)
def test_the_others_answer_as_before(guarded: sqlite3.Connection, call: str) -> None:
    assert (
        guarded.execute(f"select {call}").fetchone() == sqlite3.connect(":memory:").execute(f"select {call}").fetchone()
    )


def test_the_longest_article_still_fits(guarded: sqlite3.Connection) -> None:
    text = "党 " * 5_000_000
    assert len(text.encode()) < LONGEST
    assert guarded.execute("select length(?)", [text]).fetchone() == (10_000_000,)
