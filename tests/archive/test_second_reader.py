"""The second reader: a model that answers from a file, with wrong answers too. Only what the text supports is kept."""

import json
from datetime import date
from pathlib import Path

import llm
import pytest
from click.testing import CliRunner
from llm.plugins import pm

from archive.facts import extract_text
from archive.facts.second_reader import ModelError, Prompt, instructions, prompt_function, read_again
from archive.facts.types import load
from crawler.cli.main import main

TEXT = "望潭区青萝街道锦帆社区有一支平均年龄68岁的队伍，36名队员全是退休党员。总人口?965人。映月花園小區(qū)黨群服務站7月1日迎客，面積(jī)420平方米。\n\n"
RIGHT = {"type": "volunteers", "subject": "锦帆社区", "quote": "36名队员", "value": 36}
WRONG = [
    RIGHT | {"value": 63},  # the quote says 36
    RIGHT | {"quote": "36名志愿者"},  # not in the text
    RIGHT | {"subject": "白鹭汀社区"},  # nor is this
    RIGHT | {"type": "households"},  # 名 counts no households
    RIGHT | {"type": "no_such_type"},
    RIGHT | {"quote": ["36名队员"]},
    {"type": "residents", "subject": "锦帆社区", "quote": "总人口?965人", "value": 965},  # damaged
    {"type": "opened_on", "subject": "锦帆社区", "quote": "36名队员", "value": None},  # no date there
    {"type": "volunteers", "subject": "锦帆社区", "quote": "平均年龄68岁", "value": 68},  # 岁 is no measure of ours
    RIGHT | {"subject": "\u200b\u200b"},  # nothing is no name
    {"type": "address", "subject": "锦帆社区", "quote": "\n\n", "value": None},  # and no place
]


class Canned(llm.Model):
    """Answers whatever a file says."""

    model_id = "canned"
    answer = Path()

    def execute(self, prompt, stream, response, conversation):  # type: ignore[no-untyped-def]
        assert prompt.system == instructions()
        yield self.answer.read_text("utf-8")


class _Plugin:
    @llm.hookimpl
    def register_models(self, register):  # type: ignore[no-untyped-def]
        register(Canned())


@pytest.fixture
def canned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LLM_USER_PATH", str(tmp_path / "llm"))
    monkeypatch.setattr(Canned, "answer", tmp_path / "answer.txt")
    pm.register(_Plugin(), name="canned")
    yield tmp_path / "answer.txt"
    pm.unregister(name="canned")


def _lines(*proposals: object) -> str:
    return "Here you are:\n```json\n" + "".join(json.dumps(p, ensure_ascii=False) + "\n" for p in proposals) + "```\n"


def _answering(answer: str) -> Prompt:
    return lambda message, text: answer


def test_supported_proposals_are_kept_and_marked(canned: Path) -> None:
    canned.write_text(_lines(RIGHT, RIGHT), "utf-8")
    (fact,) = read_again(TEXT, None, extract_text(TEXT), "canned", prompt_function("canned"))
    assert (fact.type, fact.value, fact.subject, fact.model) == ("volunteers", 36, "锦帆社区", "canned")
    assert TEXT[fact.start : fact.end] == fact.quote == "36名队员"


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: f"{wrong['type']}-{wrong['value']}")
def test_unsupported_proposals_are_dropped(wrong: dict) -> None:
    assert read_again(TEXT, None, [], "m", _answering(_lines(wrong))) == []


def test_notes_dates_and_what_is_known() -> None:
    area = {"type": "floor_area", "subject": "映月花園小區黨群服務站", "quote": "面積(jī)420平方米", "value": 420}
    opened = {"type": "opened_on", "subject": "映月花園小區黨群服務站", "quote": "7月1日迎客", "value": None}
    found = read_again(TEXT, date(2024, 7, 5), [], "m", _answering(_lines(area, opened)))
    assert [(fact.type, fact.value, fact.date) for fact in found] == [
        ("opened_on", None, "2024-07-01"),
        ("floor_area", 420, ""),
    ]
    known = [fact for fact in extract_text(TEXT) if fact.type == "floor_area"]
    assert read_again(TEXT, None, known, "m", _answering(_lines(area))) == []


@pytest.mark.parametrize(
    "answer", ["", "I cannot help.", "{" * 100_000, '{"type": NaN}\n[1]\n{"type": {}}', "\x00" * 100]
)
def test_nonsense_is_no_fact(answer: str) -> None:
    assert read_again(TEXT, None, [], "m", _answering(answer)) == []


def test_the_instructions_name_every_type() -> None:
    assert all(f"- {name}:" in instructions() for name in load())


def test_it_runs_only_with_a_named_model(canned: Path, tmp_path: Path) -> None:
    canned.write_text(_lines(RIGHT, *WRONG), "utf-8")
    text = tmp_path / "text.txt"
    text.write_text(TEXT, "utf-8")
    plain, with_model = (CliRunner().invoke(main, ["facts", str(text), *more]) for more in ([], ["--model", "canned"]))
    models = [[json.loads(line)["model"] for line in done.stdout.splitlines()] for done in (plain, with_model)]
    assert models[0] == [""] * len(models[0])
    assert models[1] == [*models[0], "canned"]
    unknown = CliRunner().invoke(main, ["facts", str(text), "--model", "no-such-model"])
    assert unknown.exit_code == 1
    assert "llm knows no model no-such-model" in unknown.stderr
    with pytest.raises(ModelError):
        prompt_function("no-such-model")
