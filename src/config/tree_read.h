/* tree_read: typed values out of a tree, with errors that say where, what and what to do. */
#ifndef PVSAUDIT_CONFIG_TREE_READ_H
#define PVSAUDIT_CONFIG_TREE_READ_H

#include "config/tree.h"

#include <stdint.h>

/* What to do instead of writing a secret into a file. */
#define TREE_SECRET_REMEDY                                                                        \
    "pvsaudit_password_file, pvsaudit_password_command or pvsaudit_password_env, or log in with " \
    "a "                                                                                          \
    "key (pvsaudit_key_file)"

enum {
    TREE_SHOWN = 80, /* room for what tree_shown writes */
    TREE_NAME_MAX = 255, /* bytes of a host's, group's or site's name */
    TREE_TEXT_MAX = 4096, /* bytes of any other text */
};

/* ERR_CONFIG, "file:line:column: " and the sentence; returns -1. */
int tree_fail(struct err *err, const struct tree_node *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The value of a key, or NULL; map may be of any kind. */
const struct tree_node *tree_get(const struct tree_node *map, const char *key);

/* "`text`" (cut short), "a list", "a mapping" or "nothing", for messages; returns to. */
const char *tree_shown(const struct tree_node *node, char to[TREE_SHOWN]);

/* The error for a key that is not one of names: the nearest, or all of them. where: "in group
 * emea". */
int tree_unknown_key(struct err *err, const struct tree_node *key, const char *where,
                     const char *const *names, size_t count);

/* Each returns 0, or -1 with an error that begins with what (the key). */
int tree_map(const struct tree_node *node, const char *what, struct err *err);
int tree_list(const struct tree_node *node, const char *what, struct err *err);
/* 1 to max bytes without control characters. */
int tree_text(const struct tree_node *node, const char *what, size_t max, const char **ret,
              struct err *err);
int tree_number(const struct tree_node *node, const char *what, uint64_t min, uint64_t max,
                uint64_t *ret, struct err *err);
/* Decimal, or hexadecimal after 0x. */
int tree_number_any(const struct tree_node *node, const char *what, uint64_t *ret, struct err *err);
int tree_yes(const struct tree_node *node, const char *what, bool *ret, struct err *err);
/* The index of the text among choices (NULL-ended). */
int tree_choice(const struct tree_node *node, const char *what, const char *const *choices,
                size_t *ret, struct err *err);
/* "200ms", "90", "90s", "15m", "26h", "7d", within min and max milliseconds. */
int tree_duration(const struct tree_node *node, const char *what, int64_t min_ms, int64_t max_ms,
                  int64_t *ret_ms, struct err *err);
/* Bytes: "16777216", "512K", "16M", "1G". */
int tree_size(const struct tree_node *node, const char *what, int64_t min, int64_t max,
              int64_t *ret, struct err *err);

/* true where text has a control character (C0, DEL or C1). */
bool tree_has_control(const char *text);

#endif
