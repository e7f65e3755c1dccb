/* test_ss: sockets as ss prints them, with hostile process names, and what makes a list partial. */
#include "unit/fixture.h"

#include "collector/probe/field.h"
#include "collector/probe/linux/ss.h"

static void put_row(struct buf *to, const struct ss_row *row)
{
    (void)buf_printf(to, "row %.*s %.*s %.*s %.*s %.*s\n", (int)row->state.len, row->state.data,
                     (int)row->local_address.len, row->local_address.data, (int)row->local_port.len,
                     row->local_port.data, (int)row->foreign_address.len, row->foreign_address.data,
                     (int)row->foreign_port.len, row->foreign_port.data);
    struct slice owners = row->owners;
    struct ss_owner owner;
    bool bad = false;
    while (ss_owner_next(&owners, &owner, &bad)) {
        (void)buf_puts(to, " owner ");
        fixture_put(to, owner.name);
        (void)buf_printf(to, " %lld\n", (long long)owner.pid);
    }
    (void)buf_puts(to, bad ? " bad\n" : "");
}

static void render(const char *name, struct slice bytes, struct buf *to)
{
    (void)name;
    struct slice rest = bytes;
    struct ss_row row;
    enum ss_line line;
    while ((line = ss_next(&rest, &row)) != SS_END) {
        if (line == SS_ROW) {
            put_row(to, &row);
        } else {
            (void)buf_puts(to, "bad\n");
        }
    }
    struct snapshot snapshot;
    struct reading reading;
    snapshot_init(&snapshot);
    assert_int_equal(ss_parse(bytes, PROTO_UDP, &snapshot, &reading), 0);
    (void)buf_printf(to, "udp %s\n", outcome_name(reading.outcome));
    for (size_t i = 0; i < snapshot.endpoint_count; i++) {
        char text[IP_TEXT];
        ip_text(&snapshot.endpoints[i].address, text);
        (void)buf_printf(to, "endpoint udp %s %u %lld\n", text, snapshot.endpoints[i].port,
                         (long long)snapshot.endpoints[i].pid);
    }
    snapshot_done(&snapshot);
}

static void every_fixture_reads_as_written_beside_it(void **state)
{
    (void)state;
    fixture_folder("ss", render);
}

static void a_million_rows_are_bounded_and_partial(void **state)
{
    (void)state;
    struct buf text;
    struct snapshot snapshot;
    struct reading reading;
    buf_init(&text, 64U << 20);
    for (int i = 0; i < 1000000; i++) {
        assert_int_equal(buf_puts(&text, "UNCONN 0 0 0.0.0.0:67 0.0.0.0:*\n"), 0);
    }
    snapshot_init(&snapshot);
    assert_int_equal(ss_parse((struct slice){text.data, text.len}, PROTO_UDP, &snapshot, &reading),
                     0);
    assert_int_equal(reading.outcome, OUTCOME_PARTIAL);
    assert_string_equal(reading.detail, "too many rows");
    assert_int_equal(snapshot.endpoint_count, 1);
    snapshot_done(&snapshot);
    buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fixture_reads_as_written_beside_it),
        cmocka_unit_test(a_million_rows_are_bounded_and_partial),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
