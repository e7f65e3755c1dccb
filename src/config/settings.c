/* settings: the settings file, the environment, and where things lie by default. */
#include "config/settings.h"

#include "config/settings_keys.h"
#include "config/settings_realms.h"
#include "config/text_file.h"
#include "config/tree.h"
#include "config/tree_read.h"
#include "core/str.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SETTINGS_BYTES_MAX = 1 << 20, FILES_MAX = 100 };

static const char system_file[] = "/etc/pvsaudit/settings.yaml";

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define MIB (INT64_C(1) << 20)
#define AT(field) offsetof(struct settings, field)

const struct settings_key settings_key_table[] = {
    {NULL, "db", SETTING_PATH, AT(db), 0, 0, 0},
    {NULL, "state_dir", SETTING_PATH, AT(state_dir), 0, 0, 0},
    {NULL, "inventory", SETTING_PATH, AT(inventory), 0, 0, 0},
    {NULL, "source", SETTING_NAME, AT(source), 0, 0, 0},
    {NULL, "expectations", SETTING_PATHS, AT(expectation_files), 0, 0, 0},
    {NULL, "concurrency", SETTING_NUMBER, AT(concurrency), 1, 10000, 500},
    {NULL, "stale_after", SETTING_DURATION, AT(stale_after_ms), MINUTE, 3650 * DAY, 26 * HOUR},
    {NULL, "retry_after", SETTING_DURATION, AT(retry_after_ms), 0, 10 * MINUTE, 5 * SECOND},
    {"deadlines", "connect", SETTING_DURATION, AT(connect_ms), 1, HOUR, 5 * SECOND},
    {"deadlines", "handshake", SETTING_DURATION, AT(handshake_ms), 1, HOUR, 10 * SECOND},
    {"deadlines", "auth", SETTING_DURATION, AT(auth_ms), 1, HOUR, 10 * SECOND},
    {"deadlines", "exec", SETTING_DURATION, AT(exec_ms), 1, HOUR, 30 * SECOND},
    {"deadlines", "visit", SETTING_DURATION, AT(visit_ms), 1, HOUR, MINUTE},
    {"deadlines", "password_command", SETTING_DURATION, AT(password_command_ms), 1, HOUR, MINUTE},
    {NULL, "output_max", SETTING_SIZE, AT(output_max), 4096, 1024 * MIB, 16 * MIB},
    {NULL, "evidence_keep", SETTING_DURATION, AT(evidence_keep_ms), 0, 3650 * DAY, 90 * DAY},
    {NULL, "evidence_max", SETTING_SIZE, AT(evidence_max), 0, 1024 * 1024 * MIB, 256 * MIB},
    {NULL, "kerberos", SETTING_REALMS, AT(realms), 0, 0, 0},
    {NULL, "collect", SETTING_COLLECT, AT(collect_watched), 0, 0, 0},
};
const size_t settings_key_count = sizeof(settings_key_table) / sizeof(settings_key_table[0]);

/* ---- one value ---- */

struct reading {
    struct settings *settings;
    const char *file;
    struct err *err;
};

static void *field_of(const struct reading *r, const struct settings_key *key)
{
    return (char *)r->settings + key->offset;
}

static int path_read(const struct reading *r, const struct tree_node *value, const char *what,
                     const char **ret)
{
    const char *text = NULL;
    if (tree_text(value, what, TREE_TEXT_MAX, &text, r->err) != 0) {
        return -1;
    }
    text = text_file_path(&r->settings->arena, r->file, text);
    if (text == NULL) {
        return err_memory(r->err);
    }
    *ret = text;
    return 0;
}

static int paths_read(const struct reading *r, const struct tree_node *value,
                      const struct settings_key *key)
{
    struct settings *settings = r->settings;
    if (tree_list(value, key->name, r->err) != 0) {
        return -1;
    }
    if (value->count > FILES_MAX) {
        return tree_fail(r->err, value, "%s has more than %d files", key->name, (int)FILES_MAX);
    }
    const char **files = arena_array(&settings->arena, value->count + 1, sizeof(*files));
    if (files == NULL) {
        return err_memory(r->err);
    }
    for (size_t i = 0; i < value->count; i++) {
        if (path_read(r, value->items[i], key->name, &files[i]) != 0) {
            return -1;
        }
    }
    settings->expectation_files = files;
    settings->expectation_file_count = value->count;
    return 0;
}

static int number_read(const struct reading *r, const struct tree_node *value,
                       const struct settings_key *key)
{
    uint64_t number = 0;
    if (tree_number(value, key->name, (uint64_t)key->min, (uint64_t)key->max, &number, r->err) !=
        0) {
        return -1;
    }
    *(int64_t *)field_of(r, key) = (int64_t)number;
    return 0;
}

static int collect_read(const struct reading *r, const struct tree_node *value,
                        const struct settings_key *key)
{
    static const char *const choices[] = {"all", "watched", NULL};
    size_t choice = 0;
    if (tree_choice(value, key->name, choices, &choice, r->err) != 0) {
        return -1;
    }
    *(bool *)field_of(r, key) = choice == 1;
    return 0;
}

static int value_read(const struct reading *r, const struct tree_node *value,
                      const struct settings_key *key)
{
    switch (key->kind) {
    case SETTING_PATH:
        return path_read(r, value, key->name, field_of(r, key));
    case SETTING_NAME:
        return tree_text(value, key->name, TREE_NAME_MAX, field_of(r, key), r->err);
    case SETTING_PATHS:
        return paths_read(r, value, key);
    case SETTING_NUMBER:
        return number_read(r, value, key);
    case SETTING_DURATION:
        return tree_duration(value, key->name, key->min, key->max, field_of(r, key), r->err);
    case SETTING_SIZE:
        return tree_size(value, key->name, key->min, key->max, field_of(r, key), r->err);
    case SETTING_REALMS:
        return settings_realms_read(value, r->settings, r->err);
    case SETTING_COLLECT:
        break;
    }
    return collect_read(r, value, key);
}

/* ---- the file ---- */

/* group NULL: the top, where the groups are keys as well. */
static int unknown_fail(const struct reading *r, const struct tree_node *key, const char *group)
{
    const char *names[sizeof(settings_key_table) / sizeof(settings_key_table[0]) + 1];
    size_t count = 0;
    for (size_t i = 0; i < settings_key_count; i++) {
        if (str_eq(settings_key_table[i].group, group)) {
            names[count++] = settings_key_table[i].name;
        }
    }
    if (group == NULL) {
        names[count++] = "deadlines";
    }
    return tree_unknown_key(r->err, key, group == NULL ? "in the settings" : "in deadlines", names,
                            count);
}

static int map_read(const struct reading *r, const struct tree_node *map, const char *group)
{
    for (size_t i = 0; i < map->count; i++) {
        const struct tree_pair *pair = &map->pairs[i];
        const struct settings_key *key = NULL;
        for (size_t k = 0; k < settings_key_count; k++) {
            if (str_eq(settings_key_table[k].group, group) &&
                strcmp(settings_key_table[k].name, pair->key->text) == 0) {
                key = &settings_key_table[k];
            }
        }
        if (key != NULL) {
            if (value_read(r, pair->value, key) != 0) {
                return -1;
            }
        } else if (group == NULL && strcmp(pair->key->text, "deadlines") == 0) {
            if (tree_map(pair->value, "deadlines", r->err) != 0 ||
                map_read(r, pair->value, "deadlines") != 0) {
                return -1;
            }
        } else {
            return unknown_fail(r, pair->key, group);
        }
    }
    return 0;
}

/* ---- defaults ---- */

/* A variable that holds an absolute path; the XDG rules ignore every other. */
static const char *folder_variable(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] == '/' ? value : NULL;
}

/* $VARIABLE/pvsaudit, for root /var/lib/pvsaudit, else ~/below/pvsaudit. */
static const char *default_folder(struct arena *arena, const char *variable, const char *below)
{
    const char *folder = folder_variable(variable);
    const char *home = folder_variable("HOME");
    if (folder != NULL) {
        return arena_printf(arena, "%s/pvsaudit", folder);
    }
    if (geteuid() == 0 || home == NULL) {
        return arena_strdup(arena, "/var/lib/pvsaudit");
    }
    return arena_printf(arena, "%s/%s/pvsaudit", home, below);
}

static int paths_default(struct settings *settings, struct err *err)
{
    struct arena *arena = &settings->arena;
    if (settings->db == NULL) {
        const char *folder = default_folder(arena, "XDG_DATA_HOME", ".local/share");
        settings->db = folder == NULL ? NULL : arena_printf(arena, "%s/history.db", folder);
    }
    if (settings->state_dir == NULL) {
        settings->state_dir = default_folder(arena, "XDG_STATE_HOME", ".local/state");
    }
    return settings->db == NULL || settings->state_dir == NULL ? err_memory(err) : 0;
}

static void numbers_default(const struct reading *r)
{
    for (size_t i = 0; i < settings_key_count; i++) {
        const struct settings_key *key = &settings_key_table[i];
        if (key->kind == SETTING_NUMBER || key->kind == SETTING_DURATION ||
            key->kind == SETTING_SIZE) {
            *(int64_t *)field_of(r, key) = key->fallback;
        }
    }
    r->settings->source = "local";
}

/* ---- whole settings ---- */

int settings_parse(const char *name, const char *bytes, size_t len, struct settings *ret,
                   struct err *err)
{
    struct settings settings = {.arena = {NULL}};
    const struct reading r = {&settings, name, err};
    const struct tree_node *root = NULL;
    numbers_default(&r);
    int rc = tree_parse(name, bytes, len, &settings.arena, &root, err);
    if (rc == 0 && root->kind != TREE_NULL) {
        rc = tree_map(root, "the settings file", err) != 0 ? -1 : map_read(&r, root, NULL);
    }
    if (rc == 0) {
        rc = paths_default(&settings, err);
    }
    if (rc != 0) {
        settings_done(&settings);
        return -1;
    }
    *ret = settings;
    return 0;
}

/* The file to read when none is named, by precedence; NULL ends. */
static int files_default(struct arena *arena, const char *files[3], struct err *err)
{
    const char *folder = folder_variable("XDG_CONFIG_HOME");
    const char *home = folder_variable("HOME");
    size_t count = 0;
    if (folder != NULL) {
        files[count++] = arena_printf(arena, "%s/pvsaudit/settings.yaml", folder);
    } else if (home != NULL && geteuid() != 0) {
        files[count++] = arena_printf(arena, "%s/.config/pvsaudit/settings.yaml", home);
    }
    if (count == 1 && files[0] == NULL) {
        return err_memory(err);
    }
    files[count++] = system_file;
    files[count] = NULL;
    return 0;
}

static int file_read(const char *file, bool is_named, bool *ret_found, struct settings *ret,
                     struct err *err)
{
    char *bytes = NULL;
    size_t len = 0;
    bool is_absent = false;
    struct err reason;
    if (text_file_load(file, SETTINGS_BYTES_MAX, &bytes, &len, &is_absent, &reason) != 0) {
        return is_absent && !is_named ? 0
                                      : err_set(err, reason.code, reason.stage, "%s", reason.text);
    }
    int rc = settings_parse(file, bytes, len, ret, err);
    free(bytes);
    if (rc != 0) {
        return -1;
    }
    *ret_found = true;
    ret->file = arena_strdup(&ret->arena, file);
    if (ret->file == NULL) {
        settings_done(ret);
        return err_memory(err);
    }
    return 0;
}

static int first_file_read(const char *named, struct settings *ret, struct err *err)
{
    struct arena arena = {NULL};
    const char *files[3] = {named, NULL, NULL};
    bool is_found = false;
    int rc = named == NULL ? files_default(&arena, files, err) : 0;
    for (size_t i = 0; rc == 0 && !is_found && i < 2 && files[i] != NULL; i++) {
        rc = file_read(files[i], named != NULL, &is_found, ret, err);
    }
    if (rc == 0 && !is_found) {
        rc = settings_parse("settings", "", 0, ret, err);
    }
    arena_done(&arena);
    return rc;
}

int settings_load(const char *file, const char *db, struct settings *ret, struct err *err)
{
    struct settings settings;
    const char *variable = getenv("PVSAUDIT_DB");
    if (first_file_read(file, &settings, err) != 0) {
        return -1;
    }
    if (db == NULL && variable != NULL && variable[0] != '\0') {
        db = variable;
    }
    if (db != NULL) {
        settings.db = arena_strdup(&settings.arena, db);
        if (settings.db == NULL) {
            settings_done(&settings);
            return err_memory(err);
        }
    }
    *ret = settings;
    return 0;
}

void settings_done(struct settings *settings)
{
    if (settings != NULL) {
        arena_done(&settings->arena);
        memset(settings, 0, sizeof(*settings));
    }
}
