/* progress: counters, a table of who is running, and one line that is drawn over and over. */
#include "out/progress.h"

#include "core/buf.h"
#include "core/clock.h"
#include "core/str.h"
#include "out/escape.h"
#include "out/fold.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { DRAW_EVERY_MS = 240, SLOW_MS = 3000, SLOW_SHOWN = 3, LINE_MAX_BYTES = 4096 };

struct running {
    const char *host;
    int64_t since_ms;
};

struct progress {
    FILE *to;
    bool drawing; /* `to` is a terminal, and progress is wanted */
    bool on_screen;
    size_t total, ended;
    size_t reasons[REASON_COUNT];
    int64_t started_ms, drawn_ms;
    struct arena arena;
    struct running *running; /* in order of their start */
    size_t running_count; /* of the array; a free place has no host */
    struct running *waiting; /* of them only the host */
    size_t waiting_count;
};

struct progress *progress_new(FILE *to, bool quiet, size_t total, int64_t now_ms)
{
    struct progress *progress = calloc(1, sizeof(*progress));
    if (progress != NULL) {
        progress->to = to;
        progress->drawing = !quiet && isatty(fileno(to)) == 1;
        progress->total = total;
        progress->started_ms = now_ms;
    }
    return progress;
}

void progress_free(struct progress *progress)
{
    if (progress != NULL) {
        progress_wipe(progress);
        arena_done(&progress->arena);
        free(progress);
    }
}

static void put(struct progress *progress, struct running **list, size_t *count, const char *host,
                int64_t now_ms)
{
    struct running *place = NULL;
    for (size_t i = 0; i < *count && place == NULL; i++) {
        place = (*list)[i].host == NULL ? &(*list)[i] : NULL;
    }
    if (place == NULL) {
        void *items = *list;
        place = arena_push(&progress->arena, &items, count, sizeof(*place));
        *list = items;
    }
    if (place != NULL) { /* no memory: it is not named, and still counted at its end */
        *place = (struct running){host, now_ms};
    }
}

static void take(struct running *list, size_t count, const char *host)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(list[i].host, host)) {
            list[i].host = NULL;
            return;
        }
    }
}

void progress_begin(struct progress *progress, const char *host, int64_t now_ms)
{
    take(progress->waiting, progress->waiting_count, host);
    put(progress, &progress->running, &progress->running_count, host, now_ms);
}

void progress_end(struct progress *progress, const char *host, enum reason reason, int64_t now_ms)
{
    (void)now_ms;
    take(progress->running, progress->running_count, host);
    progress->ended++;
    progress->reasons[reason]++;
}

void progress_wait(struct progress *progress, const char *host)
{
    progress->ended--;
    progress->reasons[REASON_NONE]--;
    put(progress, &progress->waiting, &progress->waiting_count, host, 0);
}

static size_t count_of(const struct running *list, size_t count)
{
    size_t named = 0;
    for (size_t i = 0; i < count; i++) {
        named += list[i].host != NULL;
    }
    return named;
}

static void put_failures(const struct progress *progress, struct buf *to)
{
    size_t failed = progress->ended - progress->reasons[REASON_NONE];
    if (failed == 0) {
        return;
    }
    (void)buf_printf(to, ", %zu not read (", failed);
    bool first = true;
    for (int i = REASON_NONE + 1; i < REASON_COUNT; i++) {
        if (progress->reasons[i] > 0) {
            (void)buf_printf(to, "%s%zu %s", first ? "" : ", ", progress->reasons[i],
                             reason_name((enum reason)i));
            first = false;
        }
    }
    (void)buf_putc(to, ')');
}

static void put_rate(const struct progress *progress, int64_t now_ms, struct buf *to)
{
    int64_t spent_ms = now_ms - progress->started_ms;
    if (progress->ended == 0 || spent_ms < 1000) {
        return;
    }
    int64_t tenths = (int64_t)progress->ended * 10000 / spent_ms;
    (void)buf_printf(to, ", %" PRId64 ".%" PRId64 "/s", tenths / 10, tenths % 10);
    /* The rate tells nothing of those that are being read or waited for. */
    size_t begun = progress->ended + count_of(progress->running, progress->running_count) +
                   count_of(progress->waiting, progress->waiting_count);
    int64_t left_ms =
        spent_ms / (int64_t)progress->ended * (int64_t)(progress->total - progress->ended);
    if (progress->total > begun && left_ms >= 1000) {
        char left[CLOCK_TEXT];
        clock_age(left_ms, left);
        (void)buf_printf(to, ", about %s left", left);
    }
}

/* The longest running hosts, longest first. */
static void put_slow(const struct progress *progress, int64_t now_ms, struct buf *to)
{
    const struct running *before = NULL;
    for (int shown = 0; shown < SLOW_SHOWN; shown++) {
        const struct running *slowest = NULL;
        for (size_t i = 0; i < progress->running_count; i++) {
            const struct running *one = &progress->running[i];
            bool later = before == NULL || one->since_ms > before->since_ms ||
                         (one->since_ms == before->since_ms && one > before);
            if (one->host != NULL && later &&
                (slowest == NULL || one->since_ms < slowest->since_ms)) {
                slowest = one;
            }
        }
        if (slowest == NULL || now_ms - slowest->since_ms < SLOW_MS) {
            return;
        }
        char age[CLOCK_TEXT];
        clock_age(now_ms - slowest->since_ms, age);
        (void)buf_puts(to, shown == 0 ? ", slow: " : ", ");
        (void)escape_append(to, slowest->host, strlen(slowest->host));
        (void)buf_printf(to, " (%s)", age);
        before = slowest;
    }
}

static const char *names_of(const struct running *list, size_t list_count, struct arena *arena)
{
    const char **names = arena_array(arena, list_count + 1, sizeof(char *));
    size_t count = 0;
    if (names == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < list_count; i++) {
        if (list[i].host != NULL) {
            names[count++] = list[i].host;
        }
    }
    return fold_names(arena, names, count);
}

static void put_waiting(const struct progress *progress, struct buf *to)
{
    struct arena arena = {NULL};
    const char *names = names_of(progress->waiting, progress->waiting_count, &arena);
    size_t count = count_of(progress->waiting, progress->waiting_count);
    if (count > 0) {
        (void)buf_printf(to, ", waiting for %zu that %s still starting: ", count,
                         count == 1 ? "is" : "are");
        (void)escape_append(to, names == NULL ? "" : names, names == NULL ? 0 : strlen(names));
    }
    arena_done(&arena);
}

void progress_text(const struct progress *progress, int64_t now_ms, size_t columns, char *to,
                   size_t size)
{
    struct buf text;
    buf_init(&text, LINE_MAX_BYTES);
    (void)buf_printf(&text, "%zu/%zu hosts", progress->ended, progress->total);
    put_rate(progress, now_ms, &text);
    put_failures(progress, &text);
    put_waiting(progress, &text);
    put_slow(progress, now_ms, &text);
    size_t len = text.len < columns ? text.len : columns;
    while (len > 0 && ((unsigned char)text.data[len] & 0xc0) == 0x80) {
        len--; /* never half a character */
    }
    (void)snprintf(to, size, "%.*s", (int)len, text.data == NULL ? "" : text.data);
    buf_done(&text);
}

const char *progress_running(const struct progress *progress, struct arena *arena)
{
    return names_of(progress->running, progress->running_count, arena);
}

static size_t terminal_columns(FILE *to)
{
    struct winsize size;
    if (ioctl(fileno(to), TIOCGWINSZ, &size) != 0 || size.ws_col < 20) {
        return 79;
    }
    return (size_t)size.ws_col - 1;
}

void progress_draw(struct progress *progress, int64_t now_ms)
{
    char line[LINE_MAX_BYTES];
    if (!progress->drawing ||
        (progress->on_screen && now_ms - progress->drawn_ms < DRAW_EVERY_MS)) {
        return;
    }
    progress_text(progress, now_ms, terminal_columns(progress->to), line, sizeof(line));
    (void)fprintf(progress->to, "\r\033[K%s", line);
    (void)fflush(progress->to);
    progress->on_screen = true;
    progress->drawn_ms = now_ms;
}

void progress_wipe(struct progress *progress)
{
    if (progress->on_screen) {
        (void)fputs("\r\033[K", progress->to);
        (void)fflush(progress->to);
        progress->on_screen = false;
    }
}
