/* err: an error is a code, a stage and a sentence, written by the deepest place that knows. */
#ifndef PVSAUDIT_CORE_ERR_H
#define PVSAUDIT_CORE_ERR_H

#include <stdarg.h>

/* The codes are what a caller can act on; main maps them to exit codes (see err_exit_code). */
enum err_code {
    ERR_NONE = 0,
    ERR_USAGE, /* the command line is wrong */
    ERR_CONFIG, /* a file of the user's is wrong */
    ERR_HISTORY, /* the history is absent, empty, foreign, damaged or newer */
    ERR_FORMAT, /* bytes from a host or a file do not have the form they must have */
    ERR_PARTIAL, /* bytes end before the answer does */
    ERR_IO, /* the operating system said no */
    ERR_FULL, /* no space is left */
    ERR_LOCKED, /* somebody else holds it */
    ERR_LIMIT, /* larger than we take */
    ERR_MEMORY,
    ERR_CANCELLED,
    ERR_UNREAD, /* it is known, and nothing was read that could answer */
    ERR_INTERNAL,
};

struct err {
    enum err_code code;
    char stage[32]; /* where: "inventory", "ssh-handshake"; "" where that says nothing */
    char text[1024]; /* one sentence without a final full stop's newline, safe to print after
                        escaping */
};

/* Fill err (NULL is allowed) and return -1, so that a caller can write: return err_set(...). */
int err_set(struct err *err, enum err_code code, const char *stage, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
int err_vset(struct err *err, enum err_code code, const char *stage, const char *format,
             va_list args) __attribute__((format(printf, 4, 0)));

/* Put context in front of the sentence that is already there; returns -1. */
int err_prefix(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Out of memory, said in one place; returns -1. */
int err_memory(struct err *err);

/* 2 for usage, configuration and history; 3 for unread; 130 for cancelled; 5 for everything else.
 */
int err_exit_code(enum err_code code);

#endif
