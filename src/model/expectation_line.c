/* expectation_line: an expectation as one line of text, which the history stores as in force. */
#include "model/expectation.h"

#include "core/buf.h"
#include "core/str.h"

#include <inttypes.h>
#include <string.h>

/* The fields, in this order: version, profile, id, os, service, display name, process, pid file,
 * protocol, port, owner, watch, settle_running in ms, registry key, number of rules; for each rule
 * yes or no, port, number of conditions, and for each condition name and number; remedy,
 * prevention. TAB, LF and backslash are written \t, \n and \\; a text that is not set is \N. */

enum {
    LINE_VERSION = 1,
    LINE_MAX = 64 * 1024,
    RULE_MAX = 64,
    CONDITION_MAX = 16,
};

static const char *const owners[] = {[OWNER_SELF] = "self", [OWNER_CHILD] = "child"};
static const char *const watches[] = {
    [WATCH_ALWAYS] = "always", [WATCH_DECLARED] = "declared", [WATCH_INFORM] = "inform"};
static const char *const answers[] = {[false] = "no", [true] = "yes"};

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static void put_text(struct buf *line, const char *text)
{
    static const char *const escapes[] = {['\t'] = "\\t", ['\n'] = "\\n", ['\\'] = "\\\\"};
    if (text == NULL) {
        (void)buf_puts(line, "\t\\N");
        return;
    }
    (void)buf_putc(line, '\t');
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < ROWS(escapes) && escapes[c] != NULL) {
            (void)buf_puts(line, escapes[c]);
        } else {
            (void)buf_putc(line, *text);
        }
    }
}

static void put_rule(struct buf *line, const struct registry_rule *rule)
{
    (void)buf_printf(line, "\t%s\t%u\t%zu", answers[rule->expected], (unsigned)rule->port,
                     rule->condition_count);
    for (size_t i = 0; i < rule->condition_count; i++) {
        put_text(line, rule->conditions[i].name);
        (void)buf_printf(line, "\t%" PRIu64, rule->conditions[i].number);
    }
}

char *expectation_encode(struct arena *arena, const struct expectation *expectation)
{
    struct buf line;
    buf_init(&line, LINE_MAX);
    (void)buf_printf(&line, "%d", LINE_VERSION);
    put_text(&line, expectation->profile);
    put_text(&line, expectation->id);
    put_text(&line, expectation->os);
    put_text(&line, expectation->service);
    put_text(&line, expectation->display_name);
    put_text(&line, expectation->process);
    put_text(&line, expectation->pid_file);
    (void)buf_printf(&line, "\t%s\t%u\t%s\t%s\t%" PRId64, proto_name(expectation->proto),
                     (unsigned)expectation->port, owners[expectation->owner],
                     watches[expectation->watch], expectation->settle_running_ms);
    put_text(&line, expectation->registry_key);
    (void)buf_printf(&line, "\t%zu", expectation->rule_count);
    for (size_t i = 0; i < expectation->rule_count; i++) {
        put_rule(&line, &expectation->rules[i]);
    }
    put_text(&line, expectation->remedy);
    put_text(&line, expectation->prevention);
    char *text = line.failed ? NULL : arena_strndup(arena, line.data, line.len);
    buf_done(&line);
    return text;
}

/* A line that is being read. failed is set by the first field that is not what it must be; the
 * fields after it read as nothing. */
struct reader {
    struct arena *arena;
    struct slice rest;
    bool ended; /* the last field was taken */
    bool failed;
};

static struct slice next_field(struct reader *reader)
{
    struct slice field = {"", 0};
    if (reader->failed || reader->ended) {
        reader->failed = true;
        return field;
    }
    const char *tab =
        reader->rest.len == 0 ? NULL : memchr(reader->rest.data, '\t', reader->rest.len);
    field = reader->rest;
    if (tab == NULL) {
        reader->ended = true;
        return field;
    }
    field.len = (size_t)(tab - field.data);
    reader->rest = (struct slice){tab + 1, reader->rest.len - field.len - 1};
    return field;
}

/* The next character of a field, escapes resolved; NUL where the field is wrong there. */
static char next_char(struct slice *field)
{
    char c = *field->data;
    field->data++;
    field->len--;
    if (c != '\\') {
        return (char)(c == '\n' ? '\0' : c);
    }
    char escaped = (char)(field->len == 0 ? '\0' : *field->data);
    field->data++;
    field->len -= field->len == 0 ? 0 : 1;
    return (char)(escaped == 't' ? '\t' : escaped == 'n' ? '\n' : escaped == '\\' ? '\\' : '\0');
}

static const char *next_text(struct reader *reader)
{
    struct slice field = next_field(reader);
    if (slice_eq(field, "\\N")) {
        return NULL;
    }
    char *text = reader->failed ? NULL : arena_alloc(reader->arena, field.len + 1);
    reader->failed = text == NULL;
    for (size_t len = 0; !reader->failed && field.len > 0; len++) {
        text[len] = next_char(&field);
        reader->failed = text[len] == '\0';
    }
    return reader->failed ? NULL : text;
}

static uint64_t next_number(struct reader *reader, uint64_t max)
{
    uint64_t number = 0;
    struct slice field = next_field(reader);
    reader->failed = reader->failed || !str_u64(field, max, &number);
    return number;
}

static unsigned next_word(struct reader *reader, const char *const *words, size_t count)
{
    struct slice field = next_field(reader);
    for (unsigned i = 0; !reader->failed && i < count; i++) {
        if (slice_eq(field, words[i])) {
            return i;
        }
    }
    reader->failed = true;
    return 0;
}

static enum proto next_proto(struct reader *reader)
{
    const char *const protos[] = {
        [PROTO_UDP] = proto_name(PROTO_UDP), [PROTO_TCP] = proto_name(PROTO_TCP)};
    return (enum proto)next_word(reader, protos, ROWS(protos));
}

/* An array of count items for what follows; NULL where count is 0. */
static void *next_array(struct reader *reader, size_t count, size_t size)
{
    if (reader->failed || count == 0) {
        return NULL;
    }
    void *items = arena_array(reader->arena, count, size);
    reader->failed = items == NULL;
    return items;
}

static void read_rule(struct reader *reader, struct registry_rule *rule)
{
    rule->expected = next_word(reader, answers, ROWS(answers)) == 1;
    rule->port = (uint16_t)next_number(reader, UINT16_MAX);
    rule->condition_count = (size_t)next_number(reader, CONDITION_MAX);
    struct registry_condition *conditions =
        next_array(reader, rule->condition_count, sizeof(*conditions));
    for (size_t i = 0; conditions != NULL && i < rule->condition_count; i++) {
        conditions[i].name = next_text(reader);
        conditions[i].number = next_number(reader, UINT64_MAX);
        reader->failed = reader->failed || conditions[i].name == NULL;
    }
    rule->conditions = conditions;
}

static void read_rules(struct reader *reader, struct expectation *expectation)
{
    expectation->rule_count = (size_t)next_number(reader, RULE_MAX);
    struct registry_rule *rules = next_array(reader, expectation->rule_count, sizeof(*rules));
    for (size_t i = 0; rules != NULL && !reader->failed && i < expectation->rule_count; i++) {
        read_rule(reader, &rules[i]);
    }
    expectation->rules = rules;
}

bool expectation_decode(struct arena *arena, const char *text, struct expectation *ret)
{
    struct reader reader = {.arena = arena, .rest = {text, strlen(text)}};
    struct expectation expectation = {0};
    reader.failed = next_number(&reader, INT32_MAX) != LINE_VERSION;
    expectation.profile = next_text(&reader);
    expectation.id = next_text(&reader);
    expectation.os = next_text(&reader);
    expectation.service = next_text(&reader);
    expectation.display_name = next_text(&reader);
    expectation.process = next_text(&reader);
    expectation.pid_file = next_text(&reader);
    expectation.proto = next_proto(&reader);
    expectation.port = (uint16_t)next_number(&reader, UINT16_MAX);
    expectation.owner = (enum expectation_owner)next_word(&reader, owners, ROWS(owners));
    expectation.watch = (enum expectation_watch)next_word(&reader, watches, ROWS(watches));
    expectation.settle_running_ms = (int64_t)next_number(&reader, INT64_MAX);
    expectation.registry_key = next_text(&reader);
    read_rules(&reader, &expectation);
    expectation.remedy = next_text(&reader);
    expectation.prevention = next_text(&reader);
    bool whole =
        !reader.failed && reader.ended && expectation.id != NULL && expectation.service != NULL;
    if (whole) {
        *ret = expectation;
    }
    return whole;
}
