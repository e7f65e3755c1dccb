/* err: an error is a code, a stage and a sentence, written by the deepest place that knows. */
#include "core/err.h"

#include <stdio.h>
#include <string.h>

int err_vset(struct err *err, enum err_code code, const char *stage, const char *format,
             va_list args)
{
    if (err == NULL) {
        return -1;
    }
    err->code = code;
    (void)snprintf(err->stage, sizeof(err->stage), "%s", stage == NULL ? "" : stage);
    (void)vsnprintf(err->text, sizeof(err->text), format, args);
    return -1;
}

int err_set(struct err *err, enum err_code code, const char *stage, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)err_vset(err, code, stage, format, args);
    va_end(args);
    return -1;
}

int err_prefix(struct err *err, const char *format, ...)
{
    if (err == NULL) {
        return -1;
    }
    char old[sizeof(err->text)];
    memcpy(old, err->text, sizeof(old));
    va_list args;
    va_start(args, format);
    int n = vsnprintf(err->text, sizeof(err->text), format, args);
    va_end(args);
    if (n >= 0 && (size_t)n < sizeof(err->text)) {
        (void)snprintf(err->text + n, sizeof(err->text) - (size_t)n, "%s", old);
    }
    return -1;
}

int err_memory(struct err *err)
{
    return err_set(err, ERR_MEMORY, "", "out of memory");
}

int err_exit_code(enum err_code code)
{
    switch (code) {
    case ERR_NONE:
        return 0;
    case ERR_USAGE:
    case ERR_CONFIG:
    case ERR_HISTORY:
        return 2;
    case ERR_UNREAD:
        return 3;
    case ERR_CANCELLED:
        return 130;
    case ERR_FORMAT:
    case ERR_PARTIAL:
    case ERR_IO:
    case ERR_FULL:
    case ERR_LOCKED:
    case ERR_LIMIT:
    case ERR_MEMORY:
    case ERR_INTERNAL:
        break;
    }
    return 5;
}
