/* light_history: a fleet under light scans every five minutes, for a test to measure what they
 * take.
 */
#include "core/log.h"
#include "db/store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t START_MS = INT64_C(1795140000000), DAY_MS = INT64_C(86400000);
enum { EVERY_MS = 300 * 1000, SCANS_A_DAY = 288 };

static struct expectation items[] = {
    {.profile = "pvs",
     .id = "BNPXE",
     .os = "windows",
     .service = "BNPXE",
     .proto = PROTO_UDP,
     .port = 67,
     .settle_running_ms = 60000,
     .remedy = "Restart-Service BNPXE"},
    {.profile = "pvs",
     .id = "BNTFTP",
     .os = "windows",
     .service = "BNTFTP",
     .proto = PROTO_UDP,
     .port = 69,
     .settle_running_ms = 120000,
     .remedy = "Restart-Service BNTFTP"},
};
static const struct expectation_set set = {.items = items, .count = 2};

/* Each host reboots every 14 days, on a day of its own. */
static int boot_of(int host, int64_t time_ms, int64_t *ret_ms)
{
    int64_t days = (time_ms - START_MS) / DAY_MS + 14 - host % 14;
    *ret_ms = START_MS + (days / 14 * 14 - 14 + host % 14) * DAY_MS - 7 * 60000;
    return (int)(days / 14);
}

static void add_service(struct snapshot *snapshot, const char *name, int64_t pid, bool light)
{
    struct service *service = snapshot_add_service(snapshot);
    service->name = name;
    service->canary = PRESENCE_PRESENT;
    service->visible = true;
    service->state = SERVICE_RUNNING;
    service->startup = light ? STARTUP_UNKNOWN : STARTUP_AUTOMATIC;
    service->pid = pid;
    service->exit_code = 0;
}

static void add_endpoint(struct snapshot *snapshot, uint16_t port, int64_t pid)
{
    struct endpoint *endpoint = snapshot_add_endpoint(snapshot);
    (void)ip_parse((struct slice){"0.0.0.0", 7}, &endpoint->address);
    endpoint->proto = PROTO_UDP;
    endpoint->port = port;
    endpoint->pid = pid;
}

static void see(int host, const char *name, int64_t time_ms, bool light, struct snapshot *ret)
{
    int64_t boot_ms = 0;
    int boot = boot_of(host, time_ms, &boot_ms);
    int64_t pid = 600 + 4 * (host % 50) + boot * 400;
    snapshot_init(ret);
    ret->visit = (struct visit){.host = name,
                                .source = "local",
                                .time_ms = time_ms,
                                .kind = light ? VISIT_LIGHT : VISIT_FULL,
                                .duration_ms = 90,
                                .os = "windows",
                                .transport = "winrm",
                                .address = "10.0.0.1",
                                .mechanism = "kerberos",
                                .principal = "audit",
                                .account = "audit",
                                .read = true};
    for (int i = 0; i < SECTION_COUNT; i++) {
        bool asked = !light || i == SECTION_UDP || i == SECTION_SERVICES || i == SECTION_BOOT;
        snapshot_set_section(ret, (enum section_id)i, asked ? OUTCOME_COMPLETE : OUTCOME_NOT_ASKED,
                             "wmi", 0, NULL);
    }
    ret->boot.boot_time_ms = boot_ms;
    ret->boot.host_clock_ms = time_ms + host % 7;
    ret->boot.uptime_ms = time_ms - boot_ms;
    struct boot_witness *witness = snapshot_add_witness(ret);
    *witness = (struct boot_witness){"lsass.exe", pid, light ? 0 : boot_ms + 2000};
    ret->machine.computer_name = name;
    ret->machine.id = light ? NULL : name;
    add_service(ret, "BNPXE", pid + 1000, light);
    add_service(ret, "BNTFTP", pid + 1004, light);
    add_endpoint(ret, 67, pid + 1000);
    add_endpoint(ret, 69, pid + 1004);
    add_endpoint(ret, 123, pid + 8);
}

static int scan(struct store *store, const struct host *hosts, int count, int64_t time_ms,
                bool light, struct err *err)
{
    const struct scan_begin begin = {.source = "local",
                                     .kind = light ? VISIT_LIGHT : VISIT_FULL,
                                     .time_ms = time_ms,
                                     .shift_ms = 1,
                                     .version = "0.1.0",
                                     .inventory = "/etc/pvsaudit/hosts.yaml",
                                     .whole_fleet = true,
                                     .hosts = hosts,
                                     .host_count = (size_t)count,
                                     .expectations = &set};
    const struct scan_end end = {.time_ms = time_ms + 20000};
    if (store_scan_begin(store, &begin, err) != 0) {
        return -1;
    }
    for (int i = 0; i < count; i++) {
        struct snapshot snapshot;
        see(i, hosts[i].name, time_ms + i, light, &snapshot);
        int rc = store_add(store, &snapshot, &hosts[i], &set, (struct slice){NULL, 0}, err);
        snapshot_done(&snapshot);
        if (rc != 0) {
            return -1;
        }
    }
    return store_scan_end(store, &end, err);
}

static int play(const char *path, int count, int days, bool light, struct err *err)
{
    struct store *store = NULL;
    struct host *hosts = calloc((size_t)count, sizeof(*hosts));
    char(*names)[16] = calloc((size_t)count, sizeof(*names));
    int rc = hosts == NULL || names == NULL ? err_memory(err) : store_open(path, &store, err);
    for (int i = 0; rc == 0 && i < count; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "pvs%05d", i);
        hosts[i] = (struct host){
            .name = names[i], .address = names[i], .site = "paris", .state = HOST_ACTIVE};
    }
    for (int i = 0; rc == 0 && i < days * SCANS_A_DAY; i++) {
        bool night = i % SCANS_A_DAY == 0;
        if (night || light) {
            rc = scan(store, hosts, count, START_MS + i * (int64_t)EVERY_MS, !night, err);
        }
    }
    store_close(store);
    free(hosts);
    free(names);
    return rc;
}

int main(int argc, char **argv)
{
    struct err err = {0};
    log_open("light_history", LOG_INFO);
    if (argc != 5) {
        log_line(LOG_ERROR, NULL, "usage: light_history FILE HOSTS DAYS full|light");
        return 2;
    }
    int rc = play(argv[1], (int)strtol(argv[2], NULL, 10), (int)strtol(argv[3], NULL, 10),
                  strcmp(argv[4], "light") == 0, &err);
    if (rc != 0) {
        log_line(LOG_ERROR, NULL, "%s", err.text);
        return err_exit_code(err.code);
    }
    return 0;
}
