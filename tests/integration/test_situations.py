"""Every situation that can be shown on the farm is also a test."""
import importlib.util
import os

import pytest

from harness.farm import Farm
from harness.situation import PXE_SITE, Situation

SHOWS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "show")


def load(name):
    spec = importlib.util.spec_from_file_location(name, os.path.join(SHOWS, f"show_{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["iso_site", "delayed_start", "restarted_after_boot",
                                  "port_in_use", "dhcp_on_the_box", "clock_step", "paused_vm",
                                  "gate_cases", "verify_board"])
def test_situation(name, tmp_path, capsys):
    module = load(name)
    with Farm(tmp_path, getattr(module, "SCENARIO", PXE_SITE)) as farm:
        situation = Situation(name, farm)
        module.play(situation)
    assert situation.met, capsys.readouterr().out


@pytest.mark.parametrize("name", ["rights", "versions"])
def test_table(name, capsys):
    assert load(name).main() == 0, capsys.readouterr().out
