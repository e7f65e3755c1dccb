/* arena: memory for many small things that live and die together. */
#include "core/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_MIN = 1024, BLOCK_MAX = 16 * 1024, OWN_BLOCK = BLOCK_MAX / 4 };

struct arena_block {
    struct arena_block *next;
    size_t used;
    size_t size;
    _Alignas(16) unsigned char bytes[];
};

void arena_done(struct arena *arena)
{
    if (arena == NULL) {
        return;
    }
    struct arena_block *block = arena->blocks;
    while (block != NULL) {
        struct arena_block *next = block->next;
        free(block);
        block = next;
    }
    arena->blocks = NULL;
}

/* Blocks double, so that an arena of a few names costs little where thousands are alive. */
static size_t block_room(const struct arena *arena, size_t size)
{
    if (size > OWN_BLOCK) {
        return size;
    }
    size_t room = arena->blocks == NULL ? BLOCK_MIN : arena->blocks->size * 2;
    while (room < size) {
        room *= 2;
    }
    return room < BLOCK_MAX ? room : BLOCK_MAX;
}

static struct arena_block *arena_block_new(size_t room)
{
    struct arena_block *block = calloc(1, sizeof(*block) + room);
    if (block != NULL) {
        block->size = room;
    }
    return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2) {
        return NULL;
    }
    size = (size + 15U) & ~(size_t)15U;
    struct arena_block *block = arena->blocks;
    if (block == NULL || block->size - block->used < size) {
        block = arena_block_new(block_room(arena, size));
        if (block == NULL) {
            return NULL;
        }
        /* A large block of its own goes behind the current one, which may have room left. */
        if (arena->blocks != NULL && size > OWN_BLOCK) {
            block->next = arena->blocks->next;
            arena->blocks->next = block;
        } else {
            block->next = arena->blocks;
            arena->blocks = block;
        }
    }
    void *place = block->bytes + block->used;
    block->used += size;
    return place;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / 2 / size) {
        return NULL;
    }
    return arena_alloc(arena, count * size);
}

char *arena_strndup(struct arena *arena, const char *bytes, size_t len)
{
    char *copy = arena_alloc(arena, len + 1);
    if (copy != NULL && len > 0) {
        memcpy(copy, bytes, len);
    }
    return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return text == NULL ? NULL : arena_strndup(arena, text, strlen(text));
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_list again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = n < 0 ? NULL : arena_alloc(arena, (size_t)n + 1);
    if (text != NULL) {
        (void)vsnprintf(text, (size_t)n + 1, format, again);
    }
    va_end(again);
    return text;
}

static size_t array_capacity(size_t count)
{
    size_t capacity = 8;
    while (capacity < count) {
        capacity *= 2;
    }
    return count == 0 ? 0 : capacity;
}

void *arena_push(struct arena *arena, void **items, size_t *count, size_t size)
{
    if (array_capacity(*count) == *count) {
        size_t capacity = *count == 0 ? 8 : *count * 2;
        void *grown = arena_array(arena, capacity, size);
        if (grown == NULL) {
            return NULL;
        }
        if (*count > 0) {
            memcpy(grown, *items, *count * size);
        }
        *items = grown;
    }
    unsigned char *place = (unsigned char *)*items + *count * size;
    (*count)++;
    memset(place, 0, size);
    return place;
}
