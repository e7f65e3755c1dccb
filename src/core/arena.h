/* arena: memory for many small things that live and die together. */
#ifndef PVSAUDIT_CORE_ARENA_H
#define PVSAUDIT_CORE_ARENA_H

#include <stddef.h>

/* A zeroed struct arena is an empty one. Everything handed out is zeroed, aligned for any type and
 * freed by arena_done. Every function returns NULL when memory runs out. */
struct arena {
    struct arena_block *blocks;
};

void arena_done(struct arena *arena);
void *arena_alloc(struct arena *arena, size_t size);
/* count items of size bytes; NULL also where the product overflows. */
void *arena_array(struct arena *arena, size_t count, size_t size);
char *arena_strdup(struct arena *arena, const char *text); /* NULL in, NULL out */
char *arena_strndup(struct arena *arena, const char *bytes, size_t len);
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Grow an array by doubling: *items has *count used of a capacity that is the next power of two
 * (at least 8). Returns the place of the new last item, zeroed, and counts it; NULL when memory
 * runs out, and nothing changed. Earlier addresses may move. */
void *arena_push(struct arena *arena, void **items, size_t *count, size_t size);

#endif
