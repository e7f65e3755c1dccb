"""Every row of misbehaviour.tsv: what a server does wrong in a state of the conversation, and what is told of it."""
import re

import pytest

from harness.misbehaviour import SERVERS, Matrix, load, states
from harness.programs import ROOT

ROWS = load()


@pytest.fixture(scope="module")
def matrix(request, tmp_path_factory):
    """All rows are played; where only some are asked for, those."""
    items = [item for item in request.session.items if item.module is request.module and "matrix" in item.fixturenames]
    rows = [item.callspec.params["row"] for item in items if item.originalname == "test_row"]
    with Matrix(tmp_path_factory.mktemp("matrix"), rows if len(rows) == len(items) else ROWS) as played:
        yield played


@pytest.mark.parametrize("transport", ["ssh", "winrm"])
def test_every_state_has_a_row(transport):
    listed = states(transport)
    assert len(listed) > 12
    with_rows = {row.stage for row in ROWS if row.transport == transport}
    assert with_rows == set(listed), "states without a row, or rows of states that are none"


@pytest.mark.parametrize("transport", ["ssh", "winrm"])
def test_the_document_of_states_names_each(transport):
    with open(f"{ROOT}/docs/STATES.md", encoding="utf-8") as file:
        chapter = re.search(rf"^## [^\n]*{transport}_state\.c.*?(?=^## |\Z)", file.read(), re.M | re.S).group(0)
    rows = "\n".join(line.split("|")[1] for line in chapter.splitlines() if line.startswith("| `"))
    assert set(re.findall(r"`(\w+)`", rows)) == set(states(transport))


def test_the_table_is_one():
    assert len(ROWS) >= 80
    assert len({row[1:5] for row in ROWS}) == len(ROWS), "a row stands there twice"
    for row in ROWS:
        assert row.server in SERVERS and row.left in ("nothing", "enumeration", "shell"), row
        assert (row.verdict == "bound") == (row.reason == "-"), row


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.transport}-{row.stage}-{row.fault}-{row.server}")
def test_row(matrix, row):
    assert matrix.wrong(row) == []


def test_whoever_behaves_is_not_held_up(matrix):
    assert matrix.delayed() == {}


def test_memory_is_bounded(matrix):
    assert max(matrix.peak_kb) < matrix.peak_limit()


def test_nobody_is_asked_again_and_again(matrix):
    """The most of a row are the Pulls of an enumeration that yields the same items for ever."""
    requests = {row.fault: matrix.seen[row.host][0].requests for row in ROWS}
    assert requests.pop("same-item") < 2100
    assert max(requests.values()) < 200


def test_what_nobody_can_name_ends_by_itself_and_all_are_read_once_they_behave(matrix):
    assert matrix.everything_ends()
    verdicts = set(matrix.heal().values())
    assert verdicts == {("bound", "-")}
    counts = matrix.farm.counts()
    assert counts["open_enumerations"] == 0 and counts["open_shells"] == 0
