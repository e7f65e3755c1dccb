/* doctor_cure: which cure is for which failure, and its sentence. */
#include "collector/doctor/doctor_cure.h"

#include "core/buf.h"
#include "core/str.h"

#include <string.h>

enum { SENTENCE_MAX = 2048 };

/* What is known of the way to a host and of the account. */
static unsigned ways_of(struct doctor_chart *chart, const struct doctor_row *row)
{
    const struct host *host = chart->host;
    const struct doctor_row *clock = doctor_chart_find(chart, "clock");
    bool ticket = host->auth == AUTH_KERBEROS || host->auth == AUTH_NEGOTIATE ||
                  (host->transport == HOST_WINRM && host->auth == AUTH_DEFAULT);
    bool domain = host->user != NULL && strpbrk(host->user, "@\\") != NULL;
    unsigned ways = host->transport == HOST_SSH    ? DOCTOR_SSH
                    : host->scheme == SCHEME_HTTPS ? DOCTOR_HTTPS
                                                   : DOCTOR_HTTP;
    ways |= host->transport == HOST_WINRM ? DOCTOR_WINRM : 0;
    ways |= host->os == HOST_LINUX ? DOCTOR_LINUX : DOCTOR_WINDOWS;
    ways |= clock != NULL && clock->outcome == DOCTOR_FAILED ? DOCTOR_APART : 0;
    ways |= row->advice == NULL ? DOCTOR_MUTE : 0;
    ways |= ticket ? DOCTOR_TICKET : domain ? 0 : DOCTOR_LOCAL;
    return ways;
}

/* "this|that": the one or the other. */
static bool says(const struct doctor_row *row, const char *words)
{
    size_t seen_len = row->seen == NULL ? 0 : strlen(row->seen);
    for (const char *p = words; seen_len > 0 && *p != '\0';) {
        size_t len = strcspn(p, "|");
        if (memmem(row->seen, seen_len, p, len) != NULL) {
            return true;
        }
        p += len;
        p += *p == '|' ? 1 : 0;
    }
    return false;
}

static bool fits(const struct doctor_cure *cure, const struct doctor_row *row, unsigned ways)
{
    return (cure->step == NULL || str_eq(cure->step, row->step)) &&
           (cure->reason == REASON_NONE || cure->reason == row->reason) &&
           (cure->code == 0 || cure->code == row->code) &&
           (cure->says == NULL || says(row, cure->says)) &&
           (cure->fault == NULL || str_eq(cure->fault, row->fault)) &&
           (cure->ways & ways) == cure->ways;
}

const struct doctor_cure *doctor_cure_find(struct doctor_chart *chart, const struct doctor_row *row)
{
    unsigned ways = ways_of(chart, row);
    for (size_t i = 0; i < doctor_cure_count; i++) {
        if (fits(&doctor_cures[i], row, ways)) {
            return &doctor_cures[i];
        }
    }
    return NULL;
}

/* ---- the sentence ---- */

/* "{host}" and the others. */
static void put_word(struct buf *to, struct slice word, const struct doctor_row *row,
                     const struct host *host)
{
    const struct {
        const char *word, *text;
    } words[] = {
        {"{host}", host->name},
        {"{address}", host->address},
        {"{user}", host->user},
        {"{namespace}", row->resource == NULL ? "the namespace" : row->resource},
        {"{step}", row->step},
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (slice_eq(word, words[i].word)) {
            (void)buf_puts(to, words[i].text == NULL ? "the account" : words[i].text);
            return;
        }
    }
    if (slice_eq(word, "{port}")) {
        (void)buf_printf(to, "%u", (unsigned)host->port);
    } else {
        (void)buf_append(to, word.data, word.len);
    }
}

static void put_sentence(struct buf *to, const char *sentence, const struct doctor_row *row,
                         const struct host *host)
{
    for (const char *p = sentence; *p != '\0';) {
        size_t plain = strcspn(p, "{");
        (void)buf_append(to, p, plain);
        p += plain;
        const char *end = strchr(p, '}');
        if (end != NULL) {
            put_word(to, (struct slice){p, (size_t)(end - p) + 1}, row, host);
            p = end + 1;
        } else {
            (void)buf_puts(to, p);
            p += strlen(p);
        }
    }
}

const char *doctor_cure_text(struct arena *arena, const struct doctor_cure *cure,
                             const struct doctor_row *row, const struct host *host)
{
    struct buf text;
    if (cure == NULL || cure->remedy == NULL) {
        return row->advice;
    }
    buf_init(&text, SENTENCE_MAX);
    put_sentence(&text, cure->remedy, row, host);
    const char *sentence = text.failed ? cure->remedy : arena_strdup(arena, text.data);
    buf_done(&text);
    return sentence;
}
