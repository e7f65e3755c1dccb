/* recording: what one visit asked and what was answered, in plain text and without secrets. */
#include "model/recording.h"

struct recording_try *recording_add_try(struct recording *recording)
{
    void *items = recording->tries;
    struct recording_try *added =
        arena_push(&recording->arena, &items, &recording->try_count, sizeof(struct recording_try));
    recording->tries = items;
    if (added != NULL) {
        added->exit_status = -1;
    }
    return added;
}

static bool copy(struct arena *arena, struct slice from, struct slice *ret)
{
    ret->len = from.len;
    ret->data = arena_strndup(arena, from.len == 0 ? "" : from.data, from.len);
    return ret->data != NULL;
}

int recording_add_exchange(struct recording *recording, const struct recording_exchange *exchange)
{
    if (recording->try_count == 0) {
        return -1;
    }
    struct recording_try *last = &recording->tries[recording->try_count - 1];
    struct recording_exchange copied = {.status = exchange->status};
    if (!copy(&recording->arena, exchange->asked, &copied.asked) ||
        !copy(&recording->arena, exchange->answer, &copied.answer) ||
        !copy(&recording->arena, exchange->errors, &copied.errors)) {
        return -1;
    }
    void *items = last->exchanges;
    struct recording_exchange *added = arena_push(&recording->arena, &items, &last->exchange_count,
                                                  sizeof(struct recording_exchange));
    last->exchanges = items;
    if (added == NULL) {
        return -1;
    }
    *added = copied;
    return 0;
}

void recording_done(struct recording *recording)
{
    arena_done(&recording->arena);
    *recording = (struct recording){.try_count = 0};
}
