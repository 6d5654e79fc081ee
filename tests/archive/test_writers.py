"""Files that grow piece by piece: what programs read in them is what was written."""

import csv
import io
import json
import zipfile
from collections.abc import Sequence
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape
from pyarrow import parquet

from archive.publishing import xlsx
from archive.publishing.codebook import Column
from archive.publishing.writers import Csv, Format, JsonObjects, writer
from archive.publishing.xlsx import Xlsx

_COLUMNS = [
    Column("text", "string", "文字", "text"),
    Column("value", "number", "数值", "number"),
    Column("day", "string", "日期", "day"),
    Column("original", "boolean", "原发", "whether original"),
    Column("code", "string", "代码", "code"),
]
_ROWS = [
    ["=1+1，“引号”, 逗号\n换行", 286, "2023-03", True, "430304001"],
    [None, None, None, False, None],
    ["<&>'\"", -0.5, "--06-30", None, "012345678901"],
]
_NAMES = [column.name for column in _COLUMNS]


def _file(format_: str, rows: Sequence[Sequence[Any]] = _ROWS, piece: int = 2) -> bytes:
    made = writer(format_, _COLUMNS, "facts", {"query": "党员", "rows": "3"})
    pieces = [rows[at : at + piece] for at in range(0, len(rows), piece)]
    return made.begin() + b"".join(map(made.rows, pieces)) + made.end()


def _sheets(content: bytes) -> dict[str, list[tuple[Any, ...]]]:
    book = load_workbook(io.BytesIO(content), read_only=True)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}


def test_csv_is_for_spreadsheets() -> None:
    content = _file(Format.CSV)
    assert content.startswith(b"\xef\xbb\xbftext,value,day,original,code\r\n") and content.endswith(b"\r\n")
    (names, *rows) = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert names == _NAMES and rows[0] == ["'=1+1，“引号”, 逗号\n换行", "286", "2023-03", "true", "430304001"]
    assert rows[1] == ["", "", "", "false", ""]
    assert rows[2] == ["<&>'\"", "-0.5", "'--06-30", "", "012345678901"]


def test_json_lines_keep_null() -> None:
    rows = [json.loads(line) for line in _file(Format.JSONL).decode().splitlines()]
    assert rows == [dict(zip(_NAMES, row, strict=True)) for row in _ROWS]
    assert _file(Format.JSONL, []) == b""


def test_parquet_has_types_and_says_what_it_is_about() -> None:
    file = parquet.ParquetFile(io.BytesIO(_file(Format.PARQUET)))
    assert file.read().to_pylist() == [dict(zip(_NAMES, row, strict=True)) for row in _ROWS]
    assert [str(type_) for type_ in file.schema_arrow.types] == ["string", "double", "string", "bool", "string"]
    assert file.schema_arrow.metadata[b"query"] == "党员".encode()
    assert file.metadata.row_group(0).column(0).compression == "ZSTD"
    assert parquet.ParquetFile(io.BytesIO(_file(Format.PARQUET, []))).read().num_rows == 0


def test_a_workbook_has_numbers_texts_and_a_sheet_about_it() -> None:
    sheets = _sheets(_file(Format.XLSX))
    assert list(sheets) == ["facts", "about"] and sheets["about"] == [("query", "党员"), ("rows", "3")]
    assert sheets["facts"][0] == tuple(_NAMES)
    assert sheets["facts"][1:] == [tuple(row) for row in _ROWS]
    assert _sheets(_file(Format.XLSX, []))["facts"] == [tuple(_NAMES)]


def test_no_cell_of_a_workbook_is_a_formula() -> None:
    book = load_workbook(io.BytesIO(_file(Format.XLSX)))
    cells = [cell for row in book["facts"].iter_rows() for cell in row]
    assert cells and all(cell.data_type != "f" for cell in cells) and cells[5].data_type == "s"


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("\x00\x0b", "_x0000__x000B_"),  # as Excel writes what XML forbids
        ("_x0041_", "_x005F_x0041_"),
        ("段\r\n落", "段_x000D_\n落"),
        (10**15, "1000000000000000"),  # more digits than a spreadsheet keeps
        (-(10**14), -(10**14)),
        (float("inf"), "inf"),
        (b"\x01\xff", "01ff"),
        ("", None),
        (" 空格 ", " 空格 "),
        ("𠀀😀", "𠀀😀"),
    ],
)
def test_cells_of_a_workbook(value: Any, read: Any) -> None:
    made = Xlsx(["value"], "query", {})
    content = made.rows([[value]]) + made.end()
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        xml = parts.read("xl/worksheets/sheet1.xml").decode()
    if isinstance(read, str):
        assert f">{read}</t>" in xml
    found = _sheets(content)["query"][1][0]
    assert (unescape(found) if isinstance(found, str) else found) == (
        read if not isinstance(value, str) else value or None
    )


def test_a_longer_text_than_a_cell_holds_is_cut() -> None:
    made = Xlsx(["text"], "articles", {})
    (text,) = _sheets(made.rows([["字" * 40_000]]) + made.end())["articles"][1]
    assert len(text) == 32_767 and text.endswith("…")


@pytest.mark.parametrize(("name", "limit"), [("MAX_ROWS", 2), ("_MAX_BYTES", 500)])
def test_many_rows_are_on_numbered_sheets(monkeypatch: pytest.MonkeyPatch, name: str, limit: int) -> None:
    monkeypatch.setattr(xlsx, name, limit)
    made = Xlsx(["number"], "a/b", {})
    content = b"".join(made.rows([[number]]) for number in range(5)) + made.rows([[5], [6], [7]]) + made.end()
    sheets = _sheets(content)
    assert [*sheets][:2] == ["a_b", "a_b 2"] and [*sheets][-1] == "about" and len(sheets) >= 3
    data = [rows for title, rows in sheets.items() if title != "about"]
    assert [row[0] for rows in data for row in rows[1:]] == [*range(8)]
    assert all(rows[0] == ("number",) for rows in data)


def test_json_of_several_pieces_is_one_array() -> None:
    made = JsonObjects(["id", "id_label"], ["id"], ("[", ", ", "]"))
    content = made.begin() + made.rows([[1, "一"], [2, None]]) + made.rows([]) + made.rows([[3, "三"]]) + made.end()
    assert json.loads(content) == [{"id": {"value": 1, "label": "一"}}, {"id": 2}, {"id": {"value": 3, "label": "三"}}]
    empty = JsonObjects(["id"], parts=("[", ", ", "]"))
    assert empty.begin() + empty.rows([]) + empty.end() == b"[]"


def test_csv_without_its_heading() -> None:
    assert Csv(["a"], header=False).begin() == b"\xef\xbb\xbf"
