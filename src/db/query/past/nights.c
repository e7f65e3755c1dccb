/* nights: from noon to noon by the clock on the wall, zone by zone. */
#include "db/query/past/nights.h"

int nights_between(const char *zone, int64_t from_ms, int64_t to_ms, struct arena *arena,
                   struct nights *ret)
{
    struct nights nights = {.zone = zone};
    struct clock_day day;
    clock_day_in(from_ms, zone, &day);
    int64_t noon_ms = clock_noon_in(&day, zone);
    while (noon_ms <= to_ms && nights.count < NIGHTS_MAX) {
        struct clock_day next = day;
        next.day++;
        int64_t end_ms = clock_noon_in(&next, zone);
        if (noon_ms >= from_ms) {
            void *items = nights.items;
            struct night *night = arena_push(arena, &items, &nights.count, sizeof(*night));
            nights.items = items;
            if (night == NULL) {
                return -1;
            }
            *night = (struct night){day, noon_ms, end_ms};
        }
        clock_day_in(end_ms, zone, &day);
        noon_ms = end_ms;
    }
    *ret = nights;
    return 0;
}
