/* settings_keys: the keys of the settings file, one row each. */
#ifndef PVSAUDIT_CONFIG_SETTINGS_KEYS_H
#define PVSAUDIT_CONFIG_SETTINGS_KEYS_H

#include <stddef.h>
#include <stdint.h>

enum settings_kind {
    SETTING_PATH, /* relative to the settings file's folder */
    SETTING_NAME,
    SETTING_PATHS,
    SETTING_NUMBER,
    SETTING_DURATION, /* milliseconds */
    SETTING_SIZE, /* bytes */
    SETTING_COLLECT,
    SETTING_REALMS,
};

struct settings_key {
    const char *group; /* "deadlines", or NULL: at the top */
    const char *name;
    enum settings_kind kind;
    size_t offset; /* of the field in struct settings */
    int64_t min, max, fallback;
};

extern const struct settings_key settings_key_table[];
extern const size_t settings_key_count;

#endif
