/* tell: what the farm counted and what a server really is, as JSON lines. */
#include "farm/control/tell.h"

#include "core/clock.h"
#include "farm/server/misbehave.h"
#include "farm/server/service.h"

static void put_json(struct buf *to, const char *text)
{
    (void)buf_putc(to, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') {
            (void)buf_putc(to, '\\');
        }
        (void)buf_putc(to, (unsigned char)*text < 32 ? '?' : *text);
    }
    (void)buf_putc(to, '"');
}

static unsigned long long read_count(const atomic_uint_fast64_t *count)
{
    return (unsigned long long)atomic_load(count);
}

/* All attempts of an account, then those by each mechanism that was tried. */
static void put_account(const char *name, const struct account_counts *counts, struct buf *to)
{
    unsigned long long accepted = 0, refused = 0;
    for (int m = 0; m < MECHANISM_COUNT; m++) {
        accepted += read_count(&counts->accepted[m]);
        refused += read_count(&counts->refused[m]);
    }
    put_json(to, name);
    (void)buf_printf(to, ":{\"accepted\":%llu,\"refused\":%llu", accepted, refused);
    for (int m = 0; m < MECHANISM_COUNT; m++) {
        unsigned long long yes = read_count(&counts->accepted[m]),
                           no = read_count(&counts->refused[m]);
        if (yes + no > 0) {
            (void)buf_printf(to, ",\"%s\":{\"accepted\":%llu,\"refused\":%llu}",
                             fleet_mechanisms[m], yes, no);
        }
    }
    (void)buf_putc(to, '}');
}

void tell_totals(const struct fleet *fleet, struct buf *to)
{
    const struct fleet_shared *shared = fleet->shared;
    const char *separator = "";
    (void)buf_printf(
        to,
        "{\"connections\":%llu,\"requests\":%llu,\"execs\":%llu,\"open_sessions\":%lld,"
        "\"open_enumerations\":%lld,\"open_shells\":%lld,\"auth\":{",
        read_count(&shared->connections), read_count(&shared->requests), read_count(&shared->execs),
        (long long)atomic_load(&shared->open_sessions),
        (long long)atomic_load(&shared->open_enumerations),
        (long long)atomic_load(&shared->open_shells));
    for (size_t i = 0; i <= FLEET_ACCOUNTS; i++) {
        if (i < fleet->account_count || i == FLEET_ACCOUNTS) {
            (void)buf_puts(to, separator);
            put_account(i == FLEET_ACCOUNTS ? "*others*" : shared->accounts[i].name,
                        &shared->accounts[i], to);
            separator = ",";
        }
    }
    (void)buf_puts(to, "}}\n");
}

void tell_counts(const struct server *server, struct buf *to)
{
    (void)buf_puts(to, "{\"host\":");
    put_json(to, server->name);
    (void)buf_printf(to,
                     ",\"connections\":%llu,\"requests\":%llu,\"execs\":%llu,"
                     "\"open_enumerations\":%lld,\"open_shells\":%lld}\n",
                     read_count(&server->connections), read_count(&server->requests),
                     read_count(&server->execs), (long long)atomic_load(&server->open_enumerations),
                     (long long)atomic_load(&server->open_shells));
}

void tell_truth(const struct fleet *fleet, const struct server *server, struct buf *to)
{
    struct moment moment = server_moment(fleet, server);
    char boot[CLOCK_TEXT], reported[CLOCK_TEXT], wall[CLOCK_TEXT];
    clock_rfc3339(server->boot_farm_ms, boot);
    clock_rfc3339(moment.boot_ms, reported);
    clock_rfc3339(moment.wall_ms, wall);
    (void)buf_puts(to, "{\"host\":");
    put_json(to, server->name);
    (void)buf_printf(to,
                     ",\"boot\":\"%s\",\"boot_number\":%u,\"boot_reported\":\"%s\",\"wall\":\"%s\","
                     "\"uptime_s\":%lld,\"misbehaviour\":\"%s\",\"services\":{",
                     boot, server->boot_number, reported, wall,
                     (long long)(moment.uptime_ms / 1000),
                     misbehave_rows[server->misdeeds.list[0].what].name);
    for (int service = 0; service < SERVICE_SETTABLE; service++) {
        struct service_now now = service_look(fleet, server, &moment, service);
        (void)buf_printf(to, "%s\"%s\":{\"installed\":%s,\"state\":%d,\"pid\":%u,\"lost\":%s}",
                         service == 0 ? "" : ",", service_rows[service].name,
                         now.installed ? "true" : "false", (int)now.state, now.pid,
                         server->services[service].lost ? "true" : "false");
    }
    (void)buf_puts(to, "}}\n");
}
