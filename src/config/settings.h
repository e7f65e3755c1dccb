/* settings: what a site sets once: paths, limits, deadlines; and where things lie by default. */
#ifndef PVSAUDIT_CONFIG_SETTINGS_H
#define PVSAUDIT_CONFIG_SETTINGS_H

#include "core/arena.h"
#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One Kerberos realm and its KDCs: "dc1.example.org", "10.0.0.1:88"; none: DNS knows them. */
struct settings_realm {
    const char *name;
    const char *const *kdcs;
    size_t kdc_count;
};

struct settings {
    struct arena arena;
    const char *file; /* the file that was read, or NULL */
    const char *db; /* path of the history */
    const char *state_dir; /* known_hosts of ours lies here */
    const char *inventory; /* default for -i, or NULL */
    const char *source; /* this collector's name in the history, "local" */
    const char **expectation_files; /* a user's own, besides the shipped ones */
    size_t expectation_file_count;
    int64_t concurrency; /* hosts in flight, 500 */
    int64_t stale_after_ms; /* 26 h */
    int64_t connect_ms, handshake_ms, auth_ms, exec_ms,
        visit_ms; /* deadlines: 5 s 10 s 10 s 30 s 60 s */
    int64_t password_command_ms; /* until the command has ended, 60 s */
    int64_t retry_after_ms; /* 5 s */
    int64_t output_max; /* bytes of one answer, 16 MiB */
    int64_t evidence_keep_ms; /* age of raw evidence, 90 d */
    int64_t evidence_max; /* bytes of all evidence in the history, 256 MiB */
    const struct settings_realm *realms; /* kerberos; NULL where nothing is said */
    size_t realm_count;
    bool collect_watched; /* collect: watched (keep only watched ports and their rivals) */
};

/* file NULL: $XDG_CONFIG_HOME/pvsaudit/settings.yaml, else /etc/pvsaudit/settings.yaml, and no file
 * is no error; a file that was named must exist. db NULL: PVSAUDIT_DB, else the file's `db`, else
 * the default path. Unknown keys are ERR_CONFIG and name the nearest known one. */
int settings_load(const char *file, const char *db, struct settings *ret, struct err *err);
int settings_parse(const char *name, const char *bytes, size_t len, struct settings *ret,
                   struct err *err);
void settings_done(struct settings *settings);

#endif
