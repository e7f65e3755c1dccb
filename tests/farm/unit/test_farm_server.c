/* test_farm_server: what a simulated server is at a moment, without any network. */
#include "core/str.h"
#include "farm/cmd/cmd_run.h"
#include "farm/cmd/console.h"
#include "farm/powershell/ps_parse.h"
#include "farm/server/knob.h"
#include "farm/server/process.h"
#include "farm/server/service.h"
#include "farm/server/socket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SERVERS = 50 };
static const int64_t start_ms = INT64_C(1795000000000);

static int open_farm(void **state)
{
    struct fleet *fleet = calloc(1, sizeof(*fleet));
    struct server *servers = calloc(SERVERS, sizeof(*servers));
    if (fleet == NULL || servers == NULL) {
        return -1;
    }
    for (size_t i = 0; i < SERVERS; i++) {
        knob_defaults(&servers[i]);
        (void)str_copy(servers[i].name, sizeof(servers[i].name), "pvs");
        servers[i].addresses[0] = (struct server_address){0x0a000005 + (uint32_t)i, 24};
        servers[i].address_count = 1;
        servers[i].language = (uint8_t)(i % 3);
    }
    int rc = fleet_open(fleet, servers, SERVERS, 99, start_ms, NULL);
    free(servers);
    *state = fleet;
    return rc;
}

static int close_farm(void **state)
{
    fleet_close(*state);
    free(*state);
    return 0;
}

static void no_two_processes_share_a_pid(void **state)
{
    struct fleet *fleet = *state;
    for (size_t i = 0; i < SERVERS; i++) {
        struct process rows[PROCESS_COUNT];
        struct server *server = &fleet->servers[i];
        (void)knob_set(server, "rival", "svchost.exe@0.0.0.0", fleet, NULL);
        for (int round = 0; round < 4; round++) {
            struct moment moment = server_moment(fleet, server);
            size_t count = process_list(fleet, server, &moment, rows);
            assert_true(count > 40);
            for (size_t a = 0; a < count; a++) {
                for (size_t b = a + 1; b < count; b++) {
                    assert_int_not_equal(rows[a].pid, rows[b].pid);
                }
            }
            (void)service_restart(fleet, server, round % SERVICE_DHCP_SERVER);
        }
    }
}

static void a_restart_and_a_reboot_change_the_pid(void **state)
{
    struct fleet *fleet = *state;
    for (size_t i = 0; i < SERVERS; i++) {
        struct server *server = &fleet->servers[i];
        uint32_t last = 0;
        for (int round = 0; round < 6; round++) {
            struct moment moment = server_moment(fleet, server);
            struct service_now now = service_look(fleet, server, &moment, SERVICE_BNPXE);
            assert_int_equal(now.state, RUN_RUNNING);
            assert_int_not_equal(now.pid, last);
            last = now.pid;
            if (round % 2 == 0) {
                assert_true(service_restart(fleet, server, SERVICE_BNPXE));
            } else {
                server_reboot(fleet, server);
                server->boot_farm_ms -= 600000; /* ten minutes ago */
                server->boot_wall_ms -= 600000;
            }
        }
    }
}

static void ephemeral_ports_are_distinct_and_in_range(void **state)
{
    struct fleet *fleet = *state;
    for (size_t i = 0; i < SERVERS; i++) {
        struct moment moment = server_moment(fleet, &fleet->servers[i]);
        for (unsigned n = 0; n < SERVER_EPHEMERAL; n++) {
            uint16_t port = server_ephemeral(fleet, &fleet->servers[i], &moment, n);
            assert_in_range(port, 49152, 65535);
            for (unsigned k = 0; k < n; k++) {
                assert_int_not_equal(port, server_ephemeral(fleet, &fleet->servers[i], &moment, k));
            }
        }
    }
}

static void every_owner_of_a_socket_lives(void **state)
{
    struct fleet *fleet = *state;
    struct socket_table *table = malloc(sizeof(*table));
    assert_non_null(table);
    for (size_t i = 0; i < SERVERS; i++) {
        struct process rows[PROCESS_COUNT];
        struct moment moment = server_moment(fleet, &fleet->servers[i]);
        size_t count = process_list(fleet, &fleet->servers[i], &moment, rows);
        socket_list(fleet, &fleet->servers[i], &moment, table);
        assert_true(table->count >= 120 && table->count < SOCKET_MAX);
        for (size_t s = 0; s < table->count; s++) {
            size_t p = 0;
            while (p < count && rows[p].pid != table->rows[s].pid) {
                p++;
            }
            assert_true(p < count);
        }
    }
    free(table);
}

static void a_clock_that_goes_back_takes_the_past_along(void **state)
{
    struct fleet *fleet = *state;
    struct moment before = server_moment(fleet, &fleet->servers[0]);
    fleet_set_clock(fleet, start_ms - INT64_C(86400000) * 3650);
    struct moment after = server_moment(fleet, &fleet->servers[0]);
    assert_in_range(after.uptime_ms - before.uptime_ms, 0, 5000);
    fleet_set_clock(fleet, start_ms);
    after = server_moment(fleet, &fleet->servers[0]);
    assert_true(after.uptime_ms > INT64_C(86400000) * 3649);
}

/* Whatever is sent, a console answers and stays within its bounds. */
static void any_line_is_survived(void **state)
{
    static const char *const pieces[] = {"netstat -ano",
                                         "sc queryex BNPXE",
                                         "reg query HKLM\\",
                                         "SYSTEM",
                                         " /s",
                                         "&",
                                         "|",
                                         "findstr ",
                                         "cmd /c ",
                                         "\"",
                                         "(",
                                         ")",
                                         "!x!",
                                         "%x%",
                                         "set x=",
                                         "if 1==1 ",
                                         "2>&1",
                                         ">nul",
                                         "^",
                                         "tasklist",
                                         "powershell -c ",
                                         "'a'+",
                                         "$x",
                                         "chcp ",
                                         "932",
                                         "echo ",
                                         "wevtutil qe System /q:*[",
                                         "foreach($p in ",
                                         "Get-CimInstance ",
                                         "Win32_Process",
                                         "){",
                                         "}",
                                         "try{",
                                         "catch{"};
    struct fleet *fleet = *state;
    uint64_t dice = 7;
    for (int round = 0; round < 3000; round++) {
        struct buf line;
        buf_init(&line, 4096);
        for (int i = 0; i < 14; i++) {
            dice = dice * UINT64_C(6364136223846793005) + 1442695040888963407U;
            (void)buf_puts(&line, pieces[(dice >> 33) % (sizeof(pieces) / sizeof(pieces[0]))]);
        }
        struct console console;
        console_init(&console, fleet, &fleet->servers[round % SERVERS], "audit", RIGHT_ALL);
        (void)cmd_run(&console, line.data, round % 2 == 0, &console.out, &console.err, "");
        assert_true(console.out.len <= CONSOLE_OUTPUT_MAX);
        console_done(&console);
        buf_done(&line);
    }
}

static void settings_refuse_what_they_do_not_know(void **state)
{
    struct fleet *fleet = *state;
    static const char *const wrong[][2] = {
        {"startup", "often"},
        {"rights", "root"},
        {"os", "2008"},
        {"build", "17763"},
        {"rival", "svchost.exe"},
        {"rival", "a@b"},
        {"pause", "-5"},
        {"pause", "9999d"},
        {"addresses", "10.0.0.1/33"},
        {"bind", "here"},
        {"nope", "1"},
        {"language.BNPXE", "de"},
        {"startup.Nope", "auto"},
        {"startup.SamSs", "auto"},
        {"misbehave", "cut:x"},
        {"misbehave", "cut@"},
        {"misbehave", "cut@nowhere"},
        {"misbehave", "cut@pull+"},
        {"misbehave", "cut@pull+cut@release+cut@invoke"},
        {"autostart_delay", "-1"},
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct err err = {0};
        assert_int_equal(knob_set(&fleet->servers[0], wrong[i][0], wrong[i][1], fleet, &err), -1);
        assert_true(strlen(err.text) > 5);
    }
}

static void scripts_beyond_the_dialect_are_errors(void **state)
{
    static const char *const scripts[] = {
        "'a' | Out-Null",   "function f {}", "while(1){}", "\"$(1)\"", "'open",  "if(1){",  "1 +",
        "[Math]::Max(1,2)", "$x.y(",         "}",          "try{'a'}", "@{a=1}", "'a' 'b'",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
        struct arena arena = {0};
        const char *error = NULL;
        assert_null(ps_parse(scripts[i], &arena, &error));
        assert_non_null(error);
        arena_done(&arena);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_farm, close_farm)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(no_two_processes_share_a_pid),
        TEST(a_restart_and_a_reboot_change_the_pid),
        TEST(ephemeral_ports_are_distinct_and_in_range),
        TEST(every_owner_of_a_socket_lives),
        TEST(a_clock_that_goes_back_takes_the_past_along),
        TEST(any_line_is_survived),
        TEST(settings_refuse_what_they_do_not_know),
        TEST(scripts_beyond_the_dialect_are_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
