/* log: lines on standard error, each naming the program and, where there is one, the host. */
#include "core/log.h"

#include "core/str.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static struct {
    const char *program;
    enum log_level max_level;
} logger = {"pvsaudit", LOG_WARNING};

enum log_level log_level_of(bool quiet, unsigned verbose)
{
    if (quiet) {
        return LOG_ERROR;
    }
    return verbose == 0 ? LOG_WARNING : verbose == 1 ? LOG_INFO : LOG_DEBUG;
}

void log_open(const char *program, enum log_level max_level)
{
    logger.program = program;
    logger.max_level = max_level;
}

/* C0, DEL, and C1, which terminals obey as well. */
static bool is_control(const char *character)
{
    unsigned char first = (unsigned char)character[0];
    return first < 0x20 || first == 0x7f || (first == 0xc2 && (unsigned char)character[1] < 0xa0);
}

static void put_escaped(const char *text)
{
    size_t left = strlen(text);
    while (left > 0) {
        size_t step = str_utf8_length(text, left);
        bool shown = step > 0 && !is_control(text);
        step = step == 0 ? 1 : step;
        for (size_t i = 0; i < step; i++) {
            (void)fprintf(stderr, shown ? "%c" : "\\x%02x", (unsigned char)text[i]);
        }
        text += step;
        left -= step;
    }
}

void log_line(enum log_level level, const char *host, const char *format, ...)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    if (level > logger.max_level) {
        return;
    }
    char text[2048];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    flockfile(stderr);
    (void)fprintf(stderr, "%s: %s: ", logger.program, names[level]);
    if (host != NULL) {
        put_escaped(host);
        (void)fputs(": ", stderr);
    }
    put_escaped(text);
    (void)fputc('\n', stderr);
    funlockfile(stderr);
}
