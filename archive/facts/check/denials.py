"""Statements that a text denies, cancels, counts as saved or as past, or only repeats as a rumour. The words belong to the language,
not to a topic."""

import re

from archive.facts.candidates import Candidate
from archive.facts.document import Document

_RUMOUR = r"网传|谣传|传言|据传|传闻|谣言"
_BEFORE = re.compile(rf"{_RUMOUR}|原定|原计划|原本|本应|本该|本来(?:要|定|说)|如果|假如|假使|倘若|要是")
_NOT = re.compile(r"(?:并没有|没有|并无|并非|不是|并不是|未能|并未|未)(?:在|于|有)?[一-鿿]{0,4}$")
_SAVED = re.compile(
    r"(?:节省|节约|省下|结余|余额|账上(?![的拿划支出])|退[回还])[^,\d]{0,8}$"
)  # or on account, or given back
_PAST = re.compile(r"(?:过去|从前|以往|以前|原先|[0-9一二两三四五六七八九十]年前)[^。;!?\d]{0,30}[只仅]有$")
_CALLED_OFF = re.compile(r"取消|作罢|告吹|落空|泡汤|未果|不实|辟谣|谣言|纯属虚构")
_FAR = 60  # characters


def is_denied(document: Document, candidate: Candidate) -> bool:
    """Whether the words around a number or date deny it.

    Before it in its clause: that it is not so, was planned otherwise, is only a rumour, or was saved; in its sentence: that it was so
    once. Behind it, in the clause of a number and the sentence of a date: that it was called off or is untrue.
    """
    text, start, end = document.text, candidate.start, candidate.end
    clause, ends = document.clause(start, end)
    before = text[clause:start]
    if _BEFORE.search(before) or _NOT.search(before) or _SAVED.search(before) or re.search(r"取消了?$", before):
        return True
    sentence, whole = document.sentence(start)
    if _PAST.search(text, max(sentence, start - _FAR), start):
        return True
    if candidate.date:
        ends = whole
    behind = text[end : min(ends, end + _FAR)]
    found = _CALLED_OFF.search(behind)
    return found is not None and not re.search(r"\d", behind[: found.start()])
