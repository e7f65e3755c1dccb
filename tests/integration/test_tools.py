"""The tools that prove the tests: mutants that still fit, and parsers that are all fuzzed."""
import glob
import os
import re
import subprocess
import sys

import pytest

from harness.programs import ROOT

sys.path.insert(0, os.path.join(ROOT, "tools"))
import fuzz  # noqa: E402
import mutants  # noqa: E402

PATCHES = sorted(glob.glob(os.path.join(ROOT, "tests", "mutants", "*.patch")))
SOURCE = "int one(void)\n{\n    return 1;\n}\n"
PATCH = """One is two.
Red: test_one one_is_one

diff --git a/src/one.c b/src/one.c
--- a/src/one.c
+++ b/src/one.c
@@ -1,4 +1,4 @@
 int one(void)
 {
-    return 1;
+    return 2;
 }
"""


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def test_the_mutants_of_the_list_are_there():
    assert len(PATCHES) >= 20
    assert [int(os.path.basename(path)[:2]) for path in PATCHES] == list(range(1, len(PATCHES) + 1))


@pytest.mark.parametrize("path", PATCHES, ids=os.path.basename)
def test_a_mutant_fits_the_sources_and_names_tests_that_exist(path):
    mutant = mutants.Mutant(path)
    applied = subprocess.run(["git", "apply", "--check", "-C1", path], cwd=ROOT,
                             capture_output=True, text=True)
    assert applied.returncode == 0, applied.stderr
    assert mutant.tests
    for test in mutant.tests:
        if "::" in test:
            file, name = test.split("[")[0].split("::")
            assert f"def {name}(" in read(file)
        else:
            program, name = test.split()
            assert f"static void {name}(" in read(f"tests/unit/{program}.c")


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A tree of one file, and how its one test ends after each build."""
    for folder in ("root", "root/copy"):
        (tmp_path / folder / "src").mkdir(parents=True)
        (tmp_path / folder / "src" / "one.c").write_text(SOURCE)
    monkeypatch.setattr(mutants, "ROOT", str(tmp_path / "root"))
    monkeypatch.setattr(mutants, "COPY", str(tmp_path / "root" / "copy"))
    monkeypatch.setattr(mutants, "build", lambda tests: None)
    source = tmp_path / "root" / "copy" / "src" / "one.c"
    monkeypatch.setattr(mutants, "run", lambda test: mutants.RED if "2" in source.read_text()
                        else mutants.GREEN)

    def found(patch, healthy=mutants.GREEN):
        path = tmp_path / "01-one.patch"
        path.write_text(patch)
        try:
            return mutants.try_mutant(mutants.Mutant(str(path)), {"test_one one_is_one": healthy})
        except mutants.Unmet as why:
            return str(why)
        finally:
            assert source.read_text() == SOURCE
    return found


def test_a_mutant_that_is_noticed_is_red_and_undone(tree):
    assert tree(PATCH) == "red"


def test_a_mutant_that_proves_nothing_says_why(tree):
    assert tree(PATCH.replace("return 2", "return  1")) == "SURVIVED test_one one_is_one"
    assert tree(PATCH.replace("-    return 1;", "-    return 3;")).startswith("does not apply: ")
    assert tree(PATCH.replace("Red: ", "Read: ")) == "names no test"
    assert tree(PATCH, "not run") == "test_one one_is_one is not run without it"


def test_a_line_that_moved_does_not_hurt_a_mutant(tree):
    moved = PATCH.replace("@@ -1,4 +1,4 @@", "@@ -41,4 +41,4 @@")
    assert tree(moved) == "red"


def test_every_file_that_reads_foreign_bytes_is_fuzzed():
    assert fuzz.uncovered_files([fuzz.Parser(name) for name in fuzz.names()]) == []


@pytest.mark.parametrize("name", fuzz.names())
def test_what_a_fuzz_target_says_of_itself_is_there(name):
    parser = fuzz.Parser(name)
    text = "".join(read(path) for path in parser.covers)
    assert parser.covers
    for function in parser.beside:
        assert re.search(rf"\b{function}\(", text), function
    for folder in parser.folders[1:]:
        assert os.path.isdir(os.path.join(ROOT, folder)), folder
    assert any(glob.glob(os.path.join(ROOT, folder, "*")) for folder in parser.folders)
