/* declaration: what the inventory says of one host that a judgement needs, as one line of text. */
#include "model/declaration.h"

#include "core/buf.h"
#include "core/str.h"

#include <string.h>

/* The fields, in this order: version, os, site, farm, state, timezone, maintenance, number of PXE
 * addresses and the addresses, number of declarations and for each its expectation and answer.
 * TAB, LF and backslash are written \t, \n and \\; a text that is not set is \N. */

enum {
    LINE_VERSION = 1,
    LINE_MAX = 64 * 1024,
    FIELD_MAX = 8 * 1024,
    LIST_MAX = 256,
};

static const char *const answers[] = {[DECLARED_SILENT] = "silent",
                                      [DECLARED_EXPECTED] = "expected",
                                      [DECLARED_NOT_EXPECTED] = "not-expected"};
static const char *const oses[] = {[HOST_WINDOWS] = "windows", [HOST_LINUX] = "linux"};
static const char *const states[] = {
    [HOST_ACTIVE] = "active", [HOST_MAINTENANCE] = "maintenance", [HOST_RETIRED] = "retired"};

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static void put_text(struct buf *line, const char *text)
{
    (void)buf_putc(line, '\t');
    if (text == NULL) {
        (void)buf_puts(line, "\\N");
        return;
    }
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '\t':
            (void)buf_puts(line, "\\t");
            break;
        case '\n':
            (void)buf_puts(line, "\\n");
            break;
        case '\\':
            (void)buf_puts(line, "\\\\");
            break;
        default:
            (void)buf_putc(line, *text);
        }
    }
}

char *declaration_encode(struct arena *arena, const struct host *host)
{
    struct buf line;
    buf_init(&line, LINE_MAX);
    (void)buf_printf(&line, "%d", LINE_VERSION);
    put_text(&line, host_os_name(host->os));
    put_text(&line, host->site);
    put_text(&line, host->farm);
    put_text(&line, host_state_name(host->state));
    put_text(&line, host->timezone);
    put_text(&line, host->maintenance);
    (void)buf_printf(&line, "\t%zu", host->pxe_address_count);
    for (size_t i = 0; i < host->pxe_address_count; i++) {
        char text[IP_TEXT];
        ip_text(&host->pxe_addresses[i], text);
        put_text(&line, text);
    }
    (void)buf_printf(&line, "\t%zu", host->declaration_count);
    for (size_t i = 0; i < host->declaration_count; i++) {
        put_text(&line, host->declarations[i].expectation);
        put_text(&line, answers[host->declarations[i].declared]);
    }
    char *text = line.failed ? NULL : arena_strndup(arena, line.data, line.len);
    buf_done(&line);
    return text;
}

/* Reads fields off a line; once failed, every further field is NULL. */
struct fields {
    struct arena *arena;
    const char *at; /* NULL at the end */
    bool failed;
};

static const char *next_text(struct fields *fields)
{
    if (fields->failed || fields->at == NULL) {
        fields->failed = true;
        return NULL;
    }
    size_t len = strcspn(fields->at, "\t");
    const char *from = fields->at;
    fields->at = from[len] == '\t' ? from + len + 1 : NULL;
    if (len == 2 && memcmp(from, "\\N", 2) == 0) {
        return NULL;
    }
    char *text = len > FIELD_MAX ? NULL : arena_alloc(fields->arena, len + 1);
    if (text == NULL) {
        fields->failed = true;
        return NULL;
    }
    size_t used = 0;
    for (size_t i = 0; i < len; i++) {
        char c = from[i];
        if (c == '\\') {
            i++;
            c = from[i] == 't' ? '\t' : from[i] == 'n' ? '\n' : '\\';
        }
        text[used++] = c;
    }
    return text;
}

static unsigned next_number(struct fields *fields, unsigned max)
{
    const char *text = next_text(fields);
    uint64_t number = 0;
    if (text == NULL || !str_u64((struct slice){text, strlen(text)}, max, &number)) {
        fields->failed = true;
    }
    return (unsigned)number;
}

static unsigned next_word(struct fields *fields, const char *const *words, size_t count)
{
    const char *text = next_text(fields);
    for (unsigned i = 0; i < count; i++) {
        if (str_eq(words[i], text)) {
            return i;
        }
    }
    fields->failed = true;
    return 0;
}

static void next_addresses(struct fields *fields, struct host *host)
{
    size_t count = next_number(fields, LIST_MAX);
    struct ip *list = arena_array(fields->arena, count, sizeof(*list));
    for (size_t i = 0; i < count && list != NULL; i++) {
        const char *text = next_text(fields);
        if (text == NULL || !ip_parse((struct slice){text, strlen(text)}, &list[i])) {
            fields->failed = true;
        }
    }
    fields->failed = fields->failed || list == NULL;
    host->pxe_addresses = list;
    host->pxe_address_count = count;
}

static void next_declarations(struct fields *fields, struct host *host)
{
    size_t count = next_number(fields, LIST_MAX);
    struct declaration *list = arena_array(fields->arena, count, sizeof(*list));
    for (size_t i = 0; i < count && list != NULL; i++) {
        list[i].expectation = next_text(fields);
        list[i].declared = (enum declared)next_word(fields, answers, ROWS(answers));
        fields->failed = fields->failed || list[i].expectation == NULL;
    }
    fields->failed = fields->failed || list == NULL;
    host->declarations = list;
    host->declaration_count = count;
}

bool declaration_decode(struct arena *arena, const char *text, struct host *ret)
{
    struct fields fields = {.arena = arena, .at = text};
    struct host host = {.name = NULL};
    if (next_number(&fields, LINE_VERSION) != LINE_VERSION) {
        return false;
    }
    host.os = (enum host_os)next_word(&fields, oses, ROWS(oses));
    host.site = next_text(&fields);
    host.farm = next_text(&fields);
    host.state = (enum host_state)next_word(&fields, states, ROWS(states));
    host.timezone = next_text(&fields);
    host.maintenance = next_text(&fields);
    next_addresses(&fields, &host);
    next_declarations(&fields, &host);
    if (fields.failed || fields.at != NULL) {
        return false;
    }
    *ret = host;
    return true;
}

bool declaration_applies(const struct expectation *expectation, const char *os,
                         const struct host *host)
{
    if (!str_ieq(expectation->os, os == NULL ? "windows" : os)) {
        return false;
    }
    if (expectation->watch != WATCH_DECLARED) {
        return true;
    }
    return host != NULL && host_declared(host, expectation->id, NULL) == DECLARED_EXPECTED;
}
