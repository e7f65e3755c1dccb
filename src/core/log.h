/* log: lines on standard error, each naming the program and, where there is one, the host. */
#ifndef PVSAUDIT_CORE_LOG_H
#define PVSAUDIT_CORE_LOG_H

#include <stdbool.h>

/* Only a program's own files and its commands call these; libraries return errors. Control
 * characters and bytes that are not UTF-8 are written as \xNN, so that nothing remote reaches a
 * terminal. */
enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* What -q and so many -v ask for. */
enum log_level log_level_of(bool quiet, unsigned verbose);

/* program is borrowed for ever; lines above max_level are dropped. */
void log_open(const char *program, enum log_level max_level);
void log_line(enum log_level level, const char *host, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
