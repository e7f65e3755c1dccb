/* test_netstat: rows of netstat in several languages, and what makes a list incomplete. */
#include "unit/fixture.h"

#include "collector/probe/field.h"
#include "collector/probe/windows/netstat.h"

static void put_row(struct buf *to, const struct netstat_row *row)
{
    (void)buf_printf(to, "row %.*s %.*s %.*s %.*s %.*s \"", (int)row->word.len, row->word.data,
                     (int)row->local_address.len, row->local_address.data, (int)row->local_port.len,
                     row->local_port.data, (int)row->foreign_address.len, row->foreign_address.data,
                     (int)row->foreign_port.len, row->foreign_port.data);
    fixture_put(to, row->state);
    (void)buf_printf(to, "\" %llu%s\n", (unsigned long long)row->pid,
                     row->listener ? " listener" : "");
}

static void put_endpoints(struct buf *to, const struct snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->endpoint_count; i++) {
        char text[IP_TEXT];
        ip_text(&snapshot->endpoints[i].address, text);
        (void)buf_printf(to, "endpoint %s %s %u %lld\n", proto_name(snapshot->endpoints[i].proto),
                         text, snapshot->endpoints[i].port, (long long)snapshot->endpoints[i].pid);
    }
}

static void render(const char *name, struct slice bytes, struct buf *to)
{
    (void)name;
    struct netstat netstat = {.rest = bytes};
    struct netstat_row row;
    enum netstat_line line;
    while ((line = netstat_next(&netstat, &row)) != NETSTAT_END) {
        if (line == NETSTAT_ROW) {
            put_row(to, &row);
        } else {
            (void)buf_puts(to, line == NETSTAT_BAD ? "bad\n" : "title\n");
        }
    }
    struct snapshot snapshot;
    struct reading udp;
    struct reading tcp;
    snapshot_init(&snapshot);
    assert_int_equal(netstat_parse(bytes, &snapshot, &udp, &tcp), 0);
    (void)buf_printf(to, "udp %s\ntcp %s\n", outcome_name(udp.outcome), outcome_name(tcp.outcome));
    put_endpoints(to, &snapshot);
    snapshot_done(&snapshot);
}

static void every_fixture_reads_as_written_beside_it(void **state)
{
    (void)state;
    fixture_folder("netstat", render);
}

/* Parse text that is repeated often enough to be too much. */
static void assert_partial(const char *heading, const char *row, size_t times, const char *detail)
{
    struct buf text;
    struct snapshot snapshot;
    struct reading udp;
    struct reading tcp;
    buf_init(&text, 256U << 20);
    assert_int_equal(buf_puts(&text, heading), 0);
    for (size_t i = 0; i < times; i++) {
        assert_int_equal(buf_puts(&text, row), 0);
    }
    snapshot_init(&snapshot);
    assert_int_equal(netstat_parse((struct slice){text.data, text.len}, &snapshot, &udp, &tcp), 0);
    assert_int_equal(udp.outcome, OUTCOME_PARTIAL);
    assert_string_equal(udp.detail, detail);
    assert_true(snapshot.endpoint_count <= FIELD_ROWS_MAX);
    snapshot_done(&snapshot);
    buf_done(&text);
}

static const char heading[] = "Active Connections\r\n\r\n  Proto  Local  Foreign  State  PID\r\n";

static void a_million_rows_are_bounded_and_partial(void **state)
{
    (void)state;
    assert_partial(heading, "  UDP    0.0.0.0:67   *:*    2204\r\n", 1000000, "too many rows");
}

static void a_line_longer_than_8_kib_is_no_row(void **state)
{
    (void)state;
    struct buf row;
    buf_init(&row, 1U << 20);
    assert_int_equal(buf_puts(&row, "  UDP    0.0.0.0:67   *:*"), 0);
    for (int i = 0; i < FIELD_LINE_MAX; i++) {
        assert_int_equal(buf_putc(&row, ' '), 0);
    }
    assert_int_equal(buf_puts(&row, "2204\r\n"), 0);
    assert_partial(heading, row.data, 2, "a row cannot be read");
    buf_done(&row);
}

static void nul_bytes_in_a_row_make_it_bad(void **state)
{
    (void)state;
    static const char text[] = "A\nB\n  TCP 0.0.0.0:1 0.0.0.0:0 L 4\n  UDP 0.0.0.0:6\0007 *:* 4\n";
    struct snapshot snapshot;
    struct reading udp;
    struct reading tcp;
    snapshot_init(&snapshot);
    assert_int_equal(netstat_parse((struct slice){text, sizeof(text) - 1}, &snapshot, &udp, &tcp),
                     0);
    assert_int_equal(udp.outcome, OUTCOME_PARTIAL);
    assert_int_equal(tcp.outcome, OUTCOME_PARTIAL);
    snapshot_done(&snapshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fixture_reads_as_written_beside_it),
        cmocka_unit_test(a_million_rows_are_bounded_and_partial),
        cmocka_unit_test(a_line_longer_than_8_kib_is_no_row),
        cmocka_unit_test(nul_bytes_in_a_row_make_it_bad),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
