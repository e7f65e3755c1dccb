"""The include check: clean on our own sources, and red for a wrong include of each kind."""
import os
import subprocess
import sys

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CHECK = os.path.join(ROOT, "tools", "include_check.py")


def check(folder):
    return subprocess.run([sys.executable, CHECK, str(folder)], capture_output=True, text=True,
                          timeout=60)


def test_our_sources_keep_to_their_rooms():
    result = check(ROOT)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("path, line, rule", [
    ("cli/wrong.c", '#include "sqlite3.h"', "not a header of ours"),
    ("cli/wrong.c", "#include <sqlite3.h>", "has its home in db/"),
    ("cli/wrong.c", '#include "../db/store.h"', "climbs"),
    ("db/store/wrong.c", '#include "store.h"', "not a header of ours"),
    ("model/wrong.c", '#include "db/store/store.h"', "model must not include"),
    ("db/file/wrong.c", '#include "out/answer.h"', "db/file must not include"),
    ("db/track/wrong.c", '#include "db/store/store.h"', "db/track must not include"),
    ("cli/wrong.c", '#include "db/store/store.h"', "cli must not include"),
    ("db/wrong.c", '#include "db/store/store.h"', "this folder is no room"),
    ("cli/wrong.c", '#include "collector/credential.h"', "cli must not include"),
    ("cli/wrong.c", "#include <uv.h>", "has its home in collector/"),
    ("collector/probe/wrong.c", '#include "collector/transport/transport.h"',
     "collector/probe must not include"),
    ("collector/transport/wrong.c", '#include "collector/probe/probe.h"',
     "collector/transport must not include"),
    ("collector/wrong.c", '#include "db/store/store.h"', "collector must not include"),
    ("command/wrong.c", '#include "model/host.h"', "command must not include"),
    ("core/wrong.c", "#include <somelib.h>", "without a home"),
])
def test_a_wrong_include_is_named_with_file_line_and_rule(tmp_path, path, line, rule):
    for header in ("db/store/store.h", "out/answer.h", "collector/credential.h", "model/host.h",
                   "collector/transport/transport.h", "collector/probe/probe.h"):
        os.makedirs(tmp_path / "src" / os.path.dirname(header), exist_ok=True)
        (tmp_path / "src" / header).write_text("")
    os.makedirs(tmp_path / "src" / os.path.dirname(path), exist_ok=True)
    (tmp_path / "src" / path).write_text("/* wrong */\n" + line + "\n")
    result = check(tmp_path)
    assert result.returncode == 1
    assert f"src/{path}:2: " in result.stdout and rule in result.stdout
