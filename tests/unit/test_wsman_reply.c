/* test_wsman_reply: what is read off the envelopes of a WS-Management service, and what is refused.
 */
#include "unit/fixture.h"

#include "collector/transport/wsman/wsman_names.h"
#include "collector/transport/wsman/wsman_reply.h"

#include <time.h>

static const char *kind_name(enum wsman_kind kind)
{
    static const char *const names[] = {"other",    "fault",     "identified",    "enumerated",
                                        "pulled",   "invoked",   "shell-created", "command-started",
                                        "received", "signalled", "empty"};
    return names[kind];
}

static void put_reply(const struct wsman_reply *reply, struct buf *to)
{
    (void)buf_printf(to, "%s", kind_name(reply->kind));
    (void)buf_printf(to, " items=%zu end=%d relates=%s\n", reply->items, reply->end_of_sequence,
                     reply->relates_to);
    if (reply->context[0] != '\0') {
        (void)buf_printf(to, "context %s\n", reply->context);
    }
    if (reply->kind == WSMAN_FAULT) {
        (void)buf_printf(to, "fault %lld %s: %s\n", (long long)reply->fault.code,
                         reply->fault.subcode, reply->fault.text);
    }
    if (reply->shell_id[0] != '\0' || reply->command_id[0] != '\0') {
        (void)buf_printf(to, "shell %s command %s\n", reply->shell_id, reply->command_id);
    }
    if (reply->kind == WSMAN_RECEIVED) {
        (void)buf_printf(to, "done=%d exit=%lld\n", reply->command_done,
                         (long long)reply->exit_code);
    }
    if (reply->vendor[0] != '\0') {
        (void)buf_printf(to, "%s, %s\n", reply->vendor, reply->version);
    }
}

static void render(const char *name, struct slice bytes, struct buf *to)
{
    struct buf rows, output, errors;
    struct wsman_reply reply;
    struct err err = {0};
    (void)name;
    buf_init(&rows, 1U << 20);
    buf_init(&output, 1U << 20);
    buf_init(&errors, 1U << 20);
    if (wsman_reply_parse(bytes, &rows, &output, &errors, &reply, &err) != 0) {
        (void)buf_printf(to, "refused (%d): %s\n", (int)err.code, err.text);
    } else {
        put_reply(&reply, to);
        (void)buf_append(to, rows.data, rows.len);
        if (output.len > 0) {
            (void)buf_puts(to, "stdout ");
            fixture_put(to, (struct slice){output.data, output.len});
            (void)buf_puts(to, "\n");
        }
        if (errors.len > 0) {
            (void)buf_puts(to, "stderr ");
            fixture_put(to, (struct slice){errors.data, errors.len});
            (void)buf_puts(to, "\n");
        }
    }
    buf_done(&rows);
    buf_done(&output);
    buf_done(&errors);
}

static void every_fixture_reads_as_written_beside_it(void **state)
{
    (void)state;
    fixture_folder("wsman", render);
}

static void no_prefix_is_a_whole_answer(void **state)
{
    (void)state;
    static const char *const names[] = {"enumerated-one-item-first", "dates-in-every-shape",
                                        "fault-wmi-error", "shell-output-and-end"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[512];
        struct buf whole;
        (void)snprintf(path, sizeof(path), TESTS_DIR "/fixtures/wsman/%s.txt", names[i]);
        fixture_load(path, &whole);
        for (size_t len = 0; len < whole.len; len++) {
            struct wsman_reply reply;
            struct buf rows;
            char *copy = malloc(len + 1); /* of its own, so that a read behind it is seen */
            memcpy(copy, whole.data, len);
            buf_init(&rows, 1U << 20);
            (void)buf_puts(&rows, "before");
            assert_int_equal(
                wsman_reply_parse((struct slice){copy, len}, &rows, NULL, NULL, &reply, NULL), -1);
            assert_int_equal(rows.len, strlen("before"));
            buf_done(&rows);
            free(copy);
        }
        buf_done(&whole);
    }
}

#define BEGIN                                                                   \
    "<s:Envelope xmlns:s=\"" WSMAN_NS_SOAP "\" xmlns:n=\"" WSMAN_NS_ENUMERATION \
    "\" xmlns:rsp=\"" WSMAN_NS_SHELL "\"><s:Body>"

/* Four megabytes: a beginning, a piece again and again (%d: its number), and an end. */
static const struct {
    const char *begin, *piece, *end;
    bool taken;
} shapes[] = {
    {BEGIN "<n:PullResponse", " a%d=\"\"", "/></s:Body></s:Envelope>", false},
    {BEGIN "<n:PullResponse", " a%d=\">\"", "/></s:Body></s:Envelope>", false},
    {BEGIN "<n:PullResponse", " a%d='>'\n", "/></s:Body></s:Envelope>", false},
    {BEGIN "<n:PullResponse", " xmlns:a%d=\"u\"", "/></s:Body></s:Envelope>", false},
    {BEGIN "<n:PullResponse", " a%d", "/></s:Body></s:Envelope>", false},
    {BEGIN "<n:PullResponse a=\"", "%d&lt;", "\"/></s:Body></s:Envelope>", false},
    {BEGIN "<n:PullResponse><", "a%d", "/></n:PullResponse></s:Body></s:Envelope>", false},
    {BEGIN "<n:PullResponse>", "<b%d>", "</n:PullResponse></s:Body></s:Envelope>", false},
    {BEGIN "<!--", "%d - ", "-->", false},
    {BEGIN "<?p ", "%d ? ", "?>", false},
    {BEGIN "<![CDATA[", "%d ] ", "", false},
    {BEGIN "</", "%d", "", false},
    {BEGIN "&", "a%d", ";", false},
    {BEGIN "<n:PullResponse>", "<a%d/>", "</n:PullResponse></s:Body></s:Envelope>", false},
    {BEGIN "<n:PullResponse>", "<a b%d=\"\"/>", "</n:PullResponse></s:Body></s:Envelope>", false},
    {BEGIN "<n:PullResponse>", "<a xmlns:b%d=\"u\"/>", "</n:PullResponse></s:Body></s:Envelope>",
     false},
    {BEGIN "<n:PullResponse>", "<a xmlns=\"u%d\"/>", "</n:PullResponse></s:Body></s:Envelope>",
     false},
    {BEGIN "<n:PullResponse>", "<a>%d</a>", "</n:PullResponse></s:Body></s:Envelope>", true},
    {BEGIN "<n:PullResponse>", "<!--%d-->", "</n:PullResponse></s:Body></s:Envelope>", true},
    {BEGIN "<n:PullResponse>", "%d &lt;&#65;", "</n:PullResponse></s:Body></s:Envelope>", false},
    {BEGIN "<n:PullResponse>", "<a b=\"%d\" c=\"\" d=\"\" xmlns:e=\"u\"/>",
     "</n:PullResponse></s:Body></s:Envelope>", true},
};

static double parse_shape(size_t i, bool *ret_taken)
{
    struct buf text;
    struct wsman_reply reply;
    buf_init(&text, 8U << 20);
    (void)buf_puts(&text, shapes[i].begin);
    for (unsigned n = 0; text.len < 4U << 20; n++) {
        const char *mark = strstr(shapes[i].piece, "%d");
        (void)buf_append(&text, shapes[i].piece, (size_t)(mark - shapes[i].piece));
        (void)buf_printf(&text, "%u%s", n, mark + 2);
    }
    (void)buf_puts(&text, shapes[i].end);
    assert_false(text.failed);
    clock_t began = clock();
    *ret_taken =
        wsman_reply_parse((struct slice){text.data, text.len}, NULL, NULL, NULL, &reply, NULL) == 0;
    double s = (double)(clock() - began) / CLOCKS_PER_SEC;
    buf_done(&text);
    return s;
}

/* The loop stands still meanwhile, and with it every other visit. */
static void no_answer_takes_long(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        bool taken = false;
        double s = parse_shape(i, &taken);
        if (s > 3 || taken != shapes[i].taken) {
            fail_msg("%s...: %.1f s, taken: %d", shapes[i].piece, s, taken);
        }
    }
}

/* What stands between tags may be long. */
static void a_megabyte_of_output_is_taken(void **state)
{
    (void)state;
    struct buf text, output;
    struct wsman_reply reply;
    buf_init(&text, 2U << 20);
    buf_init(&output, 2U << 20);
    (void)buf_puts(&text, BEGIN "<rsp:ReceiveResponse><rsp:Stream Name=\"stdout\">");
    for (int i = 0; i < 250000; i++) {
        (void)buf_puts(&text, "YWJj");
    }
    (void)buf_puts(&text, "</rsp:Stream></rsp:ReceiveResponse></s:Body></s:Envelope>");
    assert_int_equal(
        wsman_reply_parse((struct slice){text.data, text.len}, NULL, &output, NULL, &reply, NULL),
        0);
    assert_int_equal(output.len, 750000);
    assert_memory_equal(output.data + output.len - 6, "abcabc", 6);
    buf_done(&text);
    buf_done(&output);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fixture_reads_as_written_beside_it),
        cmocka_unit_test(no_prefix_is_a_whole_answer),
        cmocka_unit_test(no_answer_takes_long),
        cmocka_unit_test(a_megabyte_of_output_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
