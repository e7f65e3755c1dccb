/* log: lines on standard error, each naming the program and, where there is one, the host. */
#include "core/log.h"

#include <stdarg.h>
#include <stdio.h>

static struct {
    const char *program;
    enum log_level max_level;
} logger = {"pvsaudit", LOG_WARNING};

void log_open(const char *program, enum log_level max_level)
{
    logger.program = program;
    logger.max_level = max_level;
}

static void put_escaped(const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
        if (*p < 0x20 || *p == 0x7f) {
            (void)fprintf(stderr, "\\x%02x", *p);
        } else {
            (void)fputc(*p, stderr);
        }
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
