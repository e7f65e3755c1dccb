/* test_wsman_reply: what is read off the envelopes of a WS-Management service, and what is refused.
 */
#include "unit/fixture.h"

#include "collector/transport/wsman/wsman_reply.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fixture_reads_as_written_beside_it),
        cmocka_unit_test(no_prefix_is_a_whole_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
