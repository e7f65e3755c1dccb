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

void progress_set_total(struct progress *progress, size_t total)
{
    progress->total = total;
}

void progress_begin(struct progress *progress, const char *host, int64_t now_ms)
{
    struct running *place = NULL;
    for (size_t i = 0; i < progress->running_count && place == NULL; i++) {
        place = progress->running[i].host == NULL ? &progress->running[i] : NULL;
    }
    if (place == NULL) {
        void *items = progress->running;
        place = arena_push(&progress->arena, &items, &progress->running_count, sizeof(*place));
        progress->running = items;
    }
    if (place != NULL) { /* no memory: it is not named, and still counted at its end */
        *place = (struct running){host, now_ms};
    }
}

void progress_end(struct progress *progress, const char *host, enum reason reason, int64_t now_ms)
{
    (void)now_ms;
    for (size_t i = 0; i < progress->running_count; i++) {
        if (str_eq(progress->running[i].host, host)) {
            progress->running[i].host = NULL;
            break;
        }
    }
    progress->ended++;
    progress->reasons[reason]++;
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
    if (progress->total > progress->ended) {
        char left[CLOCK_TEXT];
        int64_t rest = (int64_t)(progress->total - progress->ended);
        clock_age(spent_ms / (int64_t)progress->ended * rest, left);
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

void progress_text(const struct progress *progress, int64_t now_ms, size_t columns, char *to,
                   size_t size)
{
    struct buf text;
    buf_init(&text, LINE_MAX_BYTES);
    (void)buf_printf(&text, "%zu/%zu hosts", progress->ended, progress->total);
    put_rate(progress, now_ms, &text);
    put_failures(progress, &text);
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
    const char **names = arena_array(arena, progress->running_count + 1, sizeof(char *));
    size_t count = 0;
    if (names == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < progress->running_count; i++) {
        if (progress->running[i].host != NULL) {
            names[count++] = progress->running[i].host;
        }
    }
    return fold_names(arena, names, count);
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
