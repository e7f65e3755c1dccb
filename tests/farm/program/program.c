/* program: the programs of a simulated Windows, found by name as cmd.exe finds them. */
#include "farm/program/program.h"

#include "core/str.h"

#include <string.h>

static const struct {
    const char *name;
    const char *extension;
    program_run *run;
} programs[] = {
    {"cmd", ".exe", program_cmd},
    {"netstat", ".exe", program_netstat},
    {"sc", ".exe", program_sc},
    {"reg", ".exe", program_reg},
    {"powershell", ".exe", program_powershell},
    {"chcp", ".com", program_chcp},
    {"hostname", ".exe", program_hostname},
    {"whoami", ".exe", program_whoami},
    {"tasklist", ".exe", program_tasklist},
    {"wevtutil", ".exe", program_wevtutil},
    {"netsh", ".exe", program_netsh},
    {"findstr", ".exe", program_findstr},
};

static const char *const folders[] = {"C:\\Windows\\System32\\",
                                      "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\"};

program_run *program_find(const char *name)
{
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        size_t len = strlen(folders[i]);
        const char *rest = name + len;
        if (strncasecmp(name, folders[i], len) == 0 && strchr(rest, '\\') == NULL) {
            name = rest;
            break;
        }
    }
    for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
        size_t len = strlen(programs[i].name);
        if (strncasecmp(name, programs[i].name, len) == 0 &&
            (name[len] == '\0' || str_ieq(name + len, programs[i].extension))) {
            return programs[i].run;
        }
    }
    return NULL;
}

/* One argument into word; returns where it ended. */
static const char *take_argument(const char *at, struct buf *word)
{
    bool quoted = false;
    while (*at != '\0' && (quoted || (*at != ' ' && *at != '\t'))) {
        size_t slashes = strspn(at, "\\");
        if (at[slashes] == '"' && slashes > 0) {
            for (size_t i = 0; i < slashes / 2; i++) {
                (void)buf_putc(word, '\\');
            }
            at += slashes;
            if (slashes % 2 == 1) {
                (void)buf_putc(word, *at++);
            }
            continue;
        }
        if (*at == '"') {
            quoted = !quoted;
        } else {
            (void)buf_putc(word, *at);
        }
        at++;
    }
    return at;
}

int program_split(struct arena *arena, const char *name, const char *raw, char ***ret_argv)
{
    char **argv = NULL;
    size_t argc = 0;
    void *items = NULL;
    const char *at = raw;
    struct buf word;
    buf_init(&word, 64 * 1024);
    bool first = true, failed = false;
    while (!failed) {
        at += first ? 0 : strspn(at, " \t");
        if (!first && *at == '\0') {
            break;
        }
        buf_clear(&word);
        if (first) {
            (void)buf_puts(&word, name);
        } else {
            at = take_argument(at, &word);
        }
        first = false;
        char **place = arena_push(arena, &items, &argc, sizeof(char *));
        char *copy = arena_strndup(arena, word.data == NULL ? "" : word.data, word.len);
        failed = place == NULL || copy == NULL;
        if (!failed) {
            *place = copy;
        }
        argv = items;
    }
    buf_done(&word);
    *ret_argv = argv;
    return failed ? -1 : (int)argc;
}
