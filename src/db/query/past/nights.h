/* nights: from noon to noon by the clock on the wall, zone by zone. */
#ifndef PVSAUDIT_DB_QUERY_PAST_NIGHTS_H
#define PVSAUDIT_DB_QUERY_PAST_NIGHTS_H

#include "core/arena.h"
#include "core/clock.h"

#include <stddef.h>
#include <stdint.h>

enum { NIGHTS_MAX = 3700 };

/* The night of a day begins at its noon and ends before the noon of the next. */
struct night {
    struct clock_day day;
    int64_t start_ms, end_ms;
};

struct nights {
    const char *zone; /* NULL = the process's */
    struct night *items;
    size_t count;
};

/* The nights that began in from_ms..to_ms there, at most NIGHTS_MAX. -1: out of memory. */
int nights_between(const char *zone, int64_t from_ms, int64_t to_ms, struct arena *arena,
                   struct nights *ret);

#endif
