"""`doctor HOST`: each step told, each failure with its cure, one login and nothing written."""
import json
import os

import pytest

from harness import ward as wards
from harness.programs import ROOT, run
from harness.ward import CASES, Ward


@pytest.fixture(scope="module")
def ward(tmp_path_factory):
    with Ward(tmp_path_factory.mktemp("ward")) as running:
        yield running


def steps(result):
    return {row["step"]: row for row in result.rows}


def test_the_table_of_cures_is_the_one_that_is_triggered():
    assert len(wards.ids()) == len(set(wards.ids())) > 60
    assert sorted(wards.ids()) == sorted(CASES)


@pytest.mark.parametrize("cure", sorted(CASES))
def test_each_cure_is_told_where_its_failure_is_met(ward, cure):
    case = CASES[cure]
    with case.play(ward) as patient:
        before = logins(ward)
        result = patient.doctor("--json")
        after = logins(ward)
    assert result.code == case.code, result
    row = steps(result)[case.step]
    assert (row["cure"], row["outcome"]) == (cure, case.outcome), result
    assert row["remedy"], result
    assert "{" not in row["remedy"].replace("@{", ""), row["remedy"]
    assert after - before <= 1, result
    nothing_is_told_of_what_was_not_seen(result, case)


def logins(ward):
    """Accepted or refused, by the farm's own count."""
    return sum(row["accepted"] + row["refused"] for row in ward.farm.counts()["auth"].values())


def nothing_is_told_of_what_was_not_seen(result, case):
    rows = result.rows
    if case.code in (3, 4) and case.step not in ("visit", "command"):
        place = [row["step"] for row in rows].index(case.step)
        later = {row["outcome"] for row in rows[place + 1:] if row["step"] != "clock"}
        assert later <= {"not-reached", "skipped"}, result
    for row in rows:
        if row["outcome"] in ("denied", "not-reached"):
            assert "not installed" not in (row["seen"] or ""), row
            assert "missing" not in (row["seen"] or ""), row
