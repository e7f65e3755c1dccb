/* sshd: OpenSSH's own server on 127.0.0.1 for tests, with keys and a configuration of its own. */
#ifndef PVSAUDIT_TESTS_UNIT_SSHD_H
#define PVSAUDIT_TESTS_UNIT_SSHD_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A test uses what it needs of this. */
#define SSHD_PART __attribute__((unused)) static

struct sshd {
    char folder[64];
    char user[64];
    uint16_t port;
    pid_t pid;
    int log;
};

/* Run a program to its end, silently; argv ends with NULL. */
SSHD_PART int sshd_run(const char *const *argv)
{
    int status = -1;
    pid_t pid = fork();
    if (pid == 0) {
        (void)!freopen("/dev/null", "r", stdin);
        (void)!freopen("/dev/null", "w", stdout);
        (void)!freopen("/dev/null", "w", stderr);
        (void)execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Make a key pair at path with ssh-keygen; bits may be NULL, format may be NULL. */
SSHD_PART int sshd_keygen(const char *path, const char *type, const char *bits, const char *format,
                          const char *passphrase)
{
    const char *argv[24] = {"ssh-keygen", "-q", "-t", type, "-N", passphrase, "-C", "", "-f", path};
    size_t count = 10;
    if (bits != NULL) {
        argv[count++] = "-b";
        argv[count++] = bits;
    }
    if (format != NULL) {
        argv[count++] = "-m";
        argv[count++] = format;
    }
    return sshd_run(argv);
}

SSHD_PART void sshd_path(const struct sshd *sshd, const char *name, char to[128])
{
    (void)snprintf(to, 128, "%s/%s", sshd->folder, name);
}

/* A port that nothing listens on at the moment. */
SSHD_PART uint16_t sshd_free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)bind(fd, (struct sockaddr *)&address, sizeof(address));
    (void)getsockname(fd, (struct sockaddr *)&address, &size);
    (void)close(fd);
    return ntohs(address.sin_port);
}

SSHD_PART void sshd_copy(const char *from, const char *to)
{
    char bytes[16384];
    FILE *in = fopen(from, "rb");
    FILE *out = fopen(to, "wb");
    size_t len = in == NULL ? 0 : fread(bytes, 1, sizeof(bytes), in);
    if (out != NULL) {
        (void)fwrite(bytes, 1, len, out);
        (void)fclose(out);
    }
    if (in != NULL) {
        (void)fclose(in);
    }
}

/* From 9.8 on sshd shuts out for a while whoever failed often, and here everybody is 127.0.0.1. */
SSHD_PART bool sshd_penalises(void)
{
    int major = 0;
    int minor = 0;
    FILE *version = popen("ssh -V 2>&1", "r");
    if (version != NULL) {
        if (fscanf(version, "OpenSSH_%d.%d", &major, &minor) != 2) {
            major = 0;
        }
        (void)pclose(version);
    }
    return major > 9 || (major == 9 && minor >= 8);
}

SSHD_PART void sshd_configure(const struct sshd *sshd, const char *more)
{
    char path[128];
    sshd_path(sshd, "config", path);
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        return;
    }
    (void)fprintf(file,
                  "ListenAddress 127.0.0.1\nPort %u\nPidFile none\nStrictModes no\n"
                  "PermitRootLogin yes\nMaxStartups 200\nUseDNS no\nSetEnv HOME=/\n"
                  "AuthorizedKeysFile %s/authorized_keys\n%s\n",
                  (unsigned)sshd->port, sshd->folder, more);
    if (sshd_penalises()) {
        (void)fputs("PerSourcePenalties no\n", file);
    }
    if (strstr(more, "UsePAM") == NULL) {
        (void)fputs("UsePAM no\nKbdInteractiveAuthentication no\n", file);
    }
    if (strstr(more, "HostKey") == NULL) {
        (void)fprintf(file, "HostKey %s/host_ed25519\n", sshd->folder);
    }
    (void)fclose(file);
}

/* Keys: host_ed25519 and host_ecdsa of the server, user_ed25519 that it lets in, stranger that it
 * does not. */
SSHD_PART bool sshd_init(struct sshd *sshd)
{
    *sshd = (struct sshd){.folder = "/tmp/pvsaudit-sshd-XXXXXX", .log = -1};
    const struct passwd *user = getpwuid(getuid());
    if (mkdtemp(sshd->folder) == NULL || user == NULL) {
        return false;
    }
    (void)snprintf(sshd->user, sizeof(sshd->user), "%s", user->pw_name);
    static const char *const keys[][2] = {{"host_ed25519", "ed25519"},
                                          {"host_ecdsa", "ecdsa"},
                                          {"user_ed25519", "ed25519"},
                                          {"stranger", "ed25519"}};
    char path[128], to[128];
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        sshd_path(sshd, keys[i][0], path);
        if (sshd_keygen(path, keys[i][1], NULL, NULL, "") != 0) {
            return false;
        }
    }
    sshd_path(sshd, "user_ed25519.pub", path);
    sshd_path(sshd, "authorized_keys", to);
    sshd_copy(path, to);
    return true;
}

/* Read what sshd logs until it says that it listens. */
SSHD_PART bool sshd_listens(int fd)
{
    char text[8192];
    size_t len = 0;
    while (len < sizeof(text) - 1) {
        ssize_t n = read(fd, text + len, sizeof(text) - 1 - len);
        if (n <= 0) {
            return false;
        }
        len += (size_t)n;
        text[len] = '\0';
        if (strstr(text, "Server listening on") != NULL) {
            return true;
        }
    }
    return false;
}

/* The server itself; or, where the user is to have a password (root only), in a mount namespace of
 * its own with another /etc/shadow. */
SSHD_PART void sshd_exec(const struct sshd *sshd, bool password)
{
    char config[128], shadow[128], command[512];
    sshd_path(sshd, "config", config);
    sshd_path(sshd, "shadow", shadow);
    if (!password) {
        (void)execl("/usr/sbin/sshd", "/usr/sbin/sshd", "-D", "-e", "-f", config, (char *)NULL);
        return;
    }
    (void)snprintf(command, sizeof(command),
                   "mount --bind %s /etc/shadow && exec /usr/sbin/sshd -D -e -f %s", shadow,
                   config);
    (void)execlp("unshare", "unshare", "-m", "sh", "-c", command, (char *)NULL);
}

SSHD_PART bool sshd_start_as(struct sshd *sshd, const char *more, bool password)
{
    int ends[2];
    if (getuid() == 0) {
        (void)mkdir("/run/sshd", 0755); /* sshd's own folder, which its unit makes otherwise */
    }
    sshd->port = sshd_free_port();
    sshd_configure(sshd, more);
    if (pipe(ends) != 0) {
        return false;
    }
    sshd->pid = fork();
    if (sshd->pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGTERM); /* also where the test is killed */
        (void)dup2(ends[1], 2);
        (void)close(ends[0]);
        (void)close(ends[1]);
        sshd_exec(sshd, password);
        _exit(127);
    }
    (void)close(ends[1]);
    sshd->log = ends[0];
    return sshd_listens(sshd->log);
}

SSHD_PART bool sshd_start(struct sshd *sshd, const char *more)
{
    return sshd_start_as(sshd, more, false);
}

/* The user's password is then "open sesame". false where that cannot be had: not root, or no right
 * to unshare. */
SSHD_PART bool sshd_start_with_password(struct sshd *sshd, const char *more)
{
    char shadow[128];
    sshd_path(sshd, "shadow", shadow);
    FILE *file = fopen(shadow, "w");
    if (getuid() != 0 || file == NULL) {
        if (file != NULL) {
            (void)fclose(file);
        }
        return false;
    }
    (void)fprintf(file, "%s:%s:19000:0:99999:7:::\n", sshd->user,
                  "$6$pvsaudit$0IeXnxMiI0in5Wdp9cXJDapeRXwMAiPYsioij0iW7X08sjCCG."
                  "xNjnuAlFzjgrkr8iLqTJAlbPe1Cw7QnNsbE1");
    (void)fclose(file);
    return sshd_start_as(sshd, more, true);
}

SSHD_PART void sshd_stop(struct sshd *sshd)
{
    if (sshd->pid > 0) {
        (void)kill(sshd->pid, SIGTERM);
        (void)waitpid(sshd->pid, NULL, 0);
    }
    if (sshd->log >= 0) {
        (void)close(sshd->log);
    }
    sshd->pid = 0;
    sshd->log = -1;
}

SSHD_PART void sshd_done(struct sshd *sshd)
{
    const char *const argv[] = {"rm", "-rf", sshd->folder, NULL};
    sshd_stop(sshd);
    (void)sshd_run(argv);
}

#endif
