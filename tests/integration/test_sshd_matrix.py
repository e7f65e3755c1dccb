"""Every row of the sshd matrix that does not take root: what a scan must say of that host."""
import pytest

from harness.sshd_matrix import ROWS, run_all, told

UNPRIVILEGED = [row for row in ROWS if not row.root]


@pytest.fixture(scope="module")
def seen(request):
    """{row: (what was seen, what is wrong with it)} of the rows that were asked for."""
    rows = [item.callspec.params["row"] for item in request.session.items
            if item.module is request.module]
    return {(row.group, row.name): result for row, *result in run_all(rows)}


@pytest.mark.parametrize("row", UNPRIVILEGED, ids=lambda row: f"{row.group}: {row.name}")
def test_a_host_over_ssh_is_told_as_it_is(seen, row):
    what, wrong = seen[row.group, row.name]
    assert not wrong, f"{told(what.outcome, what.tries)}: {what.sentence}\n{what.log}"
