"""The collector against real sshd: keys, agents, passwords, host keys, and servers that misbehave."""
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness.sshd_matrix import ROWS, entries, may_unshare, run_all, told  # noqa: E402
from harness.sshd_matrix.bench import LIBSSH2, OPENSSH  # noqa: E402

WIDTHS = (58, 32, 32)


def line(*words):
    print("".join(word.ljust(width) + " " for word, width in zip(words, WIDTHS)).rstrip(),
          flush=True)


def visible(text):
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def show_rows(rows):
    different = 0
    for row, seen, wrong in run_all(rows):
        line(f"{row.group}: {row.name}", told(row.expect.outcome, row.expect.tries),
             told(seen.outcome, seen.tries))
        if seen.sentence:
            print(f"    {visible(seen.sentence)}")
        if wrong:
            different += 1
            print(f"    DIFFERENT: {'; '.join(wrong)}")
    return different


def show_entries():
    """Two rows: what 10,000 lines of known_hosts cost a host."""
    different = 0
    with tempfile.TemporaryDirectory() as folder:
        measured = entries.measure(folder)
    for form in ("plain", "hashed"):
        more = measured[form] - measured["one"]
        met = more < entries.LIMIT_MS
        different += not met
        line(f"known_hosts: {entries.ENTRIES} entries, {form}",
             f"less than {entries.LIMIT_MS:.0f} ms more a host", f"{more:.2f} ms more a host")
        print(f"    CPU a host: {measured[form]:.2f} ms; with one entry {measured['one']:.2f} ms; "
              f"{len(entries.ADDRESSES)} hosts, the least of {entries.ROUNDS} scans each")
    return different


def main():
    pattern = sys.argv[1] if len(sys.argv) > 1 and not sys.argv[1].startswith("-") else ""
    wanted = [row for row in ROWS if pattern in f"{row.group}: {row.name}"]
    unshared = may_unshare()
    rows = [row for row in wanted if unshared or not row.root]
    print(f"libssh2 {LIBSSH2[0]}.{LIBSSH2[1]}, OpenSSH {OPENSSH[0]}.{OPENSSH[1]}")
    for row in wanted:
        if row not in rows:
            print(f"skipped: {row.group}: {row.name}: accounts of its own take root and unshare -m")
    line("row", "expected", "observed")
    count, different = len(rows), show_rows(rows)
    if pattern in "known_hosts: entries":
        count, different = count + 2, different + show_entries()
    print(f"sshd-matrix: {count} rows, {different} different, {'UNMET' if different else 'met'}")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
