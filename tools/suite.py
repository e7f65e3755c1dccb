"""Runs the unit tests (ctest) and the integration tests (pytest) of one build folder and adds up.

usage: suite.py BUILD_FOLDER [PATTERN]
"""
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests"))
from harness.programs import NTLM_LEAKS  # noqa: E402

CMOCKA = re.compile(r"\[\s*(PASSED|FAILED|SKIPPED)\s*\]\s+(?:\w+:\s+)?(\d+) test\(s\)")


def run_ctest(folder, pattern):
    """(passed, failed, skipped) of the single cmocka tests, not of the programs."""
    report = os.path.join(folder, "ctest.xml")
    command = ["ctest", "--test-dir", folder, "-j2", "--output-on-failure", "--no-tests=ignore",
               "--test-output-size-passed", "1000000", "--output-junit", report]
    if pattern:
        command += ["-R", pattern]
    print("== unit tests", flush=True)
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            errors="replace")
    if result.returncode != 0:
        print(result.stdout, flush=True)
    counts = {"PASSED": 0, "FAILED": 0, "SKIPPED": 0}
    if not os.path.exists(report):
        return 0, 1, 0
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        output = case.findtext("system-out") or ""
        found = CMOCKA.findall(output)
        for word, number in found:
            counts[word] += int(number)
        if case.find("failure") is not None and not any(w == "FAILED" for w, _ in found):
            counts["FAILED"] += 1
            print(f"{case.get('name')}: failed without a count\n{output[-3000:]}", flush=True)
    return counts["PASSED"], counts["FAILED"], counts["SKIPPED"]


def run_pytest(folder, pattern):
    report = os.path.join(folder, "pytest.xml")
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider",
               "--junitxml", report, "tests/integration"]
    command += ["-k", pattern] if pattern else ["-n", "2", "--dist", "loadfile"]
    print("== integration tests", flush=True)
    # Two workers must find the same tests in the same order, whatever a set yields.
    environment = dict(os.environ, PYTHONDONTWRITEBYTECODE="1", PYTHONHASHSEED="0")
    if "asan" in os.path.basename(folder):
        environment.update(NTLM_LEAKS)
    # pytest's own closing line would be taken for the suite's, which stands at the end.
    result = subprocess.run(command, env=environment, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, errors="replace")
    lines = result.stdout.rstrip().split("\n")
    print("\n".join(lines[:-1]), flush=True)
    if result.returncode not in (0, 1, 5) or not os.path.exists(report):
        print(lines[-1], flush=True)
        return 0, 1, 0
    total = failed = skipped = 0
    for group in ElementTree.parse(report).getroot().iter("testsuite"):
        total += int(group.get("tests", 0))
        failed += int(group.get("failures", 0)) + int(group.get("errors", 0))
        skipped += int(group.get("skipped", 0))
    return total - failed - skipped, failed, skipped


def main():
    folder = os.path.abspath(sys.argv[1])
    pattern = sys.argv[2] if len(sys.argv) > 2 else None
    os.environ["PVSAUDIT_BUILD"] = folder
    unit = run_ctest(folder, pattern)
    integration = run_pytest(folder, pattern)
    passed, failed, skipped = (a + b for a, b in zip(unit, integration))
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    return 0 if failed == 0 and passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
