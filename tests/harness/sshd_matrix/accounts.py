"""An sshd whose accounts are its own: in a mount namespace with other passwd, shadow and PAM files."""

# crypt(3) of PASSPHRASE
HASH = ("$6$pvsaudit$0IeXnxMiI0in5Wdp9cXJDapeRXwMAiPYsioij0iW7X08sjCCG."
        "xNjnuAlFzjgrkr8iLqTJAlbPe1Cw7QnNsbE1")

# name: (shell, password field, day of the last change, day of expiry); days since 1970
ACCOUNTS = {
    "audit": ("/bin/sh", HASH, "19000", ""),
    "expired": ("/bin/sh", HASH, "19000", "1"),
    "mustchange": ("/bin/sh", HASH, "0", ""),
    "locked": ("/bin/sh", "!" + HASH, "19000", ""),
    "nologin": ("/usr/sbin/nologin", HASH, "19000", ""),
    "false": ("/bin/false", HASH, "19000", ""),
    "noshell": ("/no/such/shell", HASH, "19000", ""),
}
FIRST_UID = 64001

PAM = ["UsePAM yes", "PasswordAuthentication no", "KbdInteractiveAuthentication yes"]
# pam_ftp asks for itself what pam_unix would take over.
TWO_PROMPTS = "auth required pam_unix.so\nauth required pam_ftp.so\n" \
              "account required pam_permit.so\nsession required pam_permit.so\n"


def _with_accounts(path, lines):
    with open(path, encoding="utf-8") as file:
        return file.read().rstrip("\n") + "\n" + "".join(line + "\n" for line in lines)


def _files(bench):
    if "/etc/passwd" not in bench.files:
        numbered = enumerate(ACCOUNTS.items(), FIRST_UID)
        bench.files["/etc/passwd"] = bench.write("passwd", _with_accounts(
            "/etc/passwd", [f"pvs-{name}:x:{uid}:65534::/:{shell}"
                            for uid, (name, (shell, *_)) in numbered]), 0o644)
        bench.files["/etc/shadow"] = bench.write("shadow", _with_accounts(
            "/etc/shadow", [f"pvs-{name}:{word}:{changed}:0:99999:7::{expires}:"
                            for name, (_, word, changed, expires) in ACCOUNTS.items()]), 0o600)
    return {place: bench.files[place] for place in ("/etc/passwd", "/etc/shadow")}


def enter(bench, pam=None):
    """For Bench.sshd: the words that show sshd these files in place of the system's."""
    with bench.lock:
        shown = _files(bench)
        if pam is not None and pam not in bench.files:
            bench.files[pam] = bench.write("pam", pam, 0o644)
    if pam is not None:
        shown["/etc/pam.d/sshd"] = bench.files[pam]
    mounts = "".join(f"mount --bind {own} {place} && " for place, own in shown.items())
    return ("unshare", "-m", "sh", "-c", mounts + 'exec "$0" "$@"')
