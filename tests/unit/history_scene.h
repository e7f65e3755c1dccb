/* history_scene: a server with 120 bindings, a clock and a few knobs, for the tests of the history.
 */
#ifndef PVSAUDIT_TESTS_HISTORY_SCENE_H
#define PVSAUDIT_TESTS_HISTORY_SCENE_H

#include "core/err.h"
#include "db/query/query.h"
#include "db/store/store.h"
#include "model/expectation.h"
#include "model/snapshot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum {
    SCENE_EPHEMERAL = 40,
    SCENE_SVCHOSTS = 20,
    SECOND = 1000,
    MINUTE = 60 * SECOND,
    HOUR = 60 * MINUTE,
};
#define DAY ((int64_t)24 * HOUR)
/* 2026-11-20T02:00:00Z */
#define NIGHT INT64_C(1795140000000)

#define assert_ok(call)                                \
    do {                                               \
        struct err scene_err = {.code = ERR_NONE};     \
        if ((call) != 0) {                             \
            fail_msg("%s: %s", #call, scene_err.text); \
        }                                              \
    } while (0)

/* What the server is like at a visit. */
struct scene {
    const char *host;
    const char *source; /* NULL = "local" */
    int64_t time_ms;
    int64_t boot_ms; /* by true time */
    int64_t clock_off_ms; /* host's clock less ours */
    int64_t paused_ms; /* the machine stood still for so long: its uptime lacks it */
    int boot; /* number of the boot: makes pids differ */
    bool light;
    bool unread;
    enum reason reason; /* where it is unread */
    bool boot_denied; /* boot section not read */
    bool no_witness;
    bool udp_partial;
    bool lost; /* BNPXE runs and holds nothing */
    bool pxe_stopped;
    bool pxe_absent; /* not installed any more */
    int64_t pxe_restart_ms; /* BNPXE started anew then, 0 = with the boot */
    enum startup_type startup; /* of BNPXE; STARTUP_UNKNOWN = Automatic */
    bool rival; /* another process holds 67 */
    bool linux_host;
    const char *boot_id;
    const char *machine; /* NULL = "guid-HOST" */
    const char *computer; /* what the machine calls itself; NULL = the host's name */
    int drift; /* changes some ephemeral ports */
};

static inline struct slice scene_none(void)
{
    return (struct slice){NULL, 0};
}

static inline const struct expectation_set *scene_expectations(void)
{
    static const struct registry_condition here[] = {{"PXEType", 1}};
    static const struct registry_condition elsewhere[] = {{"PXEType", 1073741824}};
    static const struct registry_rule rules[] = {{here, 1, true, 0}, {elsewhere, 1, false, 0}};
    static struct expectation items[] = {
        {.profile = "pvs",
         .id = "BNPXE",
         .os = "windows",
         .service = "BNPXE",
         .display_name = "Citrix PVS PXE Service",
         .process = "BNPXE.exe",
         .proto = PROTO_UDP,
         .port = 67,
         .settle_running_ms = 60 * SECOND,
         .registry_key = "HKLM\\SOFTWARE\\Citrix\\ProvisioningServices\\Wizard",
         .rules = rules,
         .rule_count = 2,
         .remedy = "Restart-Service BNPXE",
         .prevention = "delayed start"},
        {.profile = "pvs",
         .id = "BNTFTP",
         .os = "windows",
         .service = "BNTFTP",
         .display_name = "Citrix PVS TFTP Service",
         .process = "BNTFTP.exe",
         .proto = PROTO_UDP,
         .port = 69,
         .settle_running_ms = 120 * SECOND,
         .remedy = "Restart-Service BNTFTP"},
        {.profile = "pvs",
         .id = "PVSTSB",
         .os = "windows",
         .service = "PVSTSB",
         .display_name = "Citrix PVS Two-Stage Boot Service",
         .process = "PVSTSB.exe",
         .proto = PROTO_UDP,
         .port = 6969,
         .watch = WATCH_DECLARED,
         .settle_running_ms = 120 * SECOND,
         .remedy = "Restart-Service PVSTSB"},
        {.profile = "pvs",
         .id = "soapserver",
         .os = "windows",
         .service = "soapserver",
         .display_name = "Citrix PVS Soap Server",
         .process = "SoapServer.exe",
         .proto = PROTO_TCP,
         .port = 54321,
         .watch = WATCH_INFORM,
         .settle_running_ms = 120 * SECOND,
         .remedy = "Restart-Service soapserver"},
        {.profile = "kea",
         .id = "kea-dhcp4-server",
         .os = "linux",
         .service = "kea-dhcp4-server",
         .display_name = "Kea",
         .process = "kea-dhcp4",
         .proto = PROTO_UDP,
         .port = 67,
         .settle_running_ms = 10 * SECOND,
         .remedy = "systemctl restart kea-dhcp4-server"},
    };
    static struct expectation_set set = {.items = items, .count = 5};
    return &set;
}

static inline struct ip scene_ip(const char *text)
{
    struct ip ip;
    assert_true(ip_parse((struct slice){text, strlen(text)}, &ip));
    return ip;
}

static inline void scene_endpoint(struct snapshot *snapshot, enum proto proto, const char *address,
                                  unsigned port, int64_t pid, int64_t created_ms)
{
    struct endpoint *endpoint = snapshot_add_endpoint(snapshot);
    endpoint->proto = proto;
    endpoint->address = scene_ip(address);
    endpoint->port = (uint16_t)port;
    endpoint->pid = pid;
    endpoint->created_ms = created_ms;
}

static inline void scene_process(struct snapshot *snapshot, int64_t pid, int64_t parent,
                                 int64_t created_ms, const char *name)
{
    struct process *process = snapshot_add_process(snapshot);
    process->pid = pid;
    process->parent = parent;
    process->created_ms = created_ms;
    process->name = arena_strdup(&snapshot->arena, name);
}

static inline struct service *scene_service(struct snapshot *snapshot, const char *name,
                                            int64_t pid)
{
    struct service *service = snapshot_add_service(snapshot);
    service->name = name;
    service->display_name = name;
    service->canary = PRESENCE_PRESENT;
    service->visible = true;
    service->state = SERVICE_RUNNING;
    service->startup = STARTUP_AUTOMATIC;
    service->pid = pid;
    service->pid_after = pid;
    service->exit_code = 0;
    service->image = arena_printf(&snapshot->arena, "\"C:\\Program Files\\Citrix\\%s.exe\"", name);
    service->account = "NT AUTHORITY\\NetworkService";
    return service;
}

/* Pids of a boot, away from those of another. */
static inline int64_t scene_pid(const struct scene *scene, int n)
{
    return 400 + (int64_t)scene->boot * 1000 + (int64_t)n * 4;
}

static inline void scene_boot(const struct scene *scene, struct snapshot *snapshot)
{
    struct boot *boot = &snapshot->boot;
    static const char *const names[] = {"lsass.exe", "wininit.exe", "services.exe"};
    boot->boot_time_ms = scene->boot_ms + scene->clock_off_ms + scene->paused_ms;
    boot->host_clock_ms = scene->time_ms + scene->clock_off_ms;
    boot->uptime_ms = scene->time_ms - scene->boot_ms - scene->paused_ms;
    boot->boot_id = scene->boot_id;
    for (int i = 0; i < 3 && !scene->no_witness && !scene->linux_host; i++) {
        struct boot_witness *witness = snapshot_add_witness(snapshot);
        witness->name = names[i];
        witness->pid = scene_pid(scene, i + 1);
        witness->created_ms = scene->boot_ms + (i + 1) * SECOND;
    }
}

static inline void scene_services(const struct scene *scene, struct snapshot *snapshot)
{
    struct service *pxe = scene_service(snapshot, "BNPXE", scene_pid(scene, 60));
    pxe->startup = scene->startup == STARTUP_UNKNOWN ? STARTUP_AUTOMATIC : scene->startup;
    if (scene->pxe_restart_ms != 0) {
        pxe->pid = pxe->pid_after = scene_pid(scene, 90);
    }
    if (scene->pxe_stopped || scene->pxe_absent) {
        pxe->state = scene->pxe_absent ? SERVICE_STATE_UNKNOWN : SERVICE_STOPPED;
        pxe->pid = pxe->pid_after = 0;
        pxe->exit_code = 1077;
    }
    if (scene->pxe_absent) {
        pxe->visible = false;
        pxe->canary = PRESENCE_ABSENT;
        pxe->startup = STARTUP_UNKNOWN;
        pxe->image = NULL;
    }
    (void)scene_service(snapshot, "BNTFTP", scene_pid(scene, 61));
    (void)scene_service(snapshot, "soapserver", scene_pid(scene, 62));
    (void)scene_service(snapshot, "StreamService", scene_pid(scene, 63));
}

static inline void scene_processes(const struct scene *scene, struct snapshot *snapshot)
{
    int64_t boot = scene->boot_ms;
    scene_process(snapshot, 4, 0, boot, "System");
    scene_process(snapshot, scene_pid(scene, 1), scene_pid(scene, 2), boot + SECOND, "lsass.exe");
    scene_process(snapshot, scene_pid(scene, 2), 396, boot + 2 * SECOND, "wininit.exe");
    scene_process(snapshot, scene_pid(scene, 3), scene_pid(scene, 2), boot + 3 * SECOND,
                  "services.exe");
    for (int i = 0; i < SCENE_SVCHOSTS; i++) {
        scene_process(snapshot, scene_pid(scene, 10 + i), scene_pid(scene, 3),
                      boot + (10 + i) * SECOND, "svchost.exe");
    }
    if (!scene->pxe_stopped && !scene->pxe_absent) {
        bool again = scene->pxe_restart_ms != 0;
        scene_process(snapshot, scene_pid(scene, again ? 90 : 60), scene_pid(scene, 3),
                      again ? scene->pxe_restart_ms : boot + 40 * SECOND, "BNPXE.exe");
    }
    scene_process(snapshot, scene_pid(scene, 61), scene_pid(scene, 3), boot + 41 * SECOND,
                  "BNTFTP.exe");
    scene_process(snapshot, scene_pid(scene, 62), scene_pid(scene, 3), boot + 42 * SECOND,
                  "SoapServer.exe");
    scene_process(snapshot, scene_pid(scene, 63), scene_pid(scene, 3), boot + 43 * SECOND,
                  "StreamService.exe");
    scene_process(snapshot, scene_pid(scene, 64), scene_pid(scene, 63), boot + 44 * SECOND,
                  "StreamProcess.exe");
    for (int i = 0; i < 30; i++) {
        scene_process(snapshot, scene_pid(scene, 120 + i), scene_pid(scene, 3),
                      boot + (60 + i) * SECOND, "notepad.exe");
    }
    if (scene->rival) {
        scene_process(snapshot, scene_pid(scene, 99), scene_pid(scene, 3), boot + 5 * SECOND,
                      "tftpd64.exe");
    }
}

static inline void scene_endpoints(const struct scene *scene, struct snapshot *snapshot)
{
    static const unsigned tcp[] = {135, 139, 445, 3389, 5985, 47001, 54321, 54322, 54323, 2598};
    int64_t boot = scene->boot_ms;
    int64_t pxe = scene_pid(scene, scene->pxe_restart_ms != 0 ? 90 : 60);
    if (!scene->lost && !scene->pxe_stopped && !scene->pxe_absent && !scene->rival) {
        scene_endpoint(snapshot, PROTO_UDP, "0.0.0.0", 67, pxe, boot + 45 * SECOND);
        scene_endpoint(snapshot, PROTO_UDP, "0.0.0.0", 4011, pxe, boot + 45 * SECOND);
    }
    if (scene->rival) {
        scene_endpoint(snapshot, PROTO_UDP, "0.0.0.0", 67, scene_pid(scene, 99), boot + SECOND);
    }
    scene_endpoint(snapshot, PROTO_UDP, "0.0.0.0", 69, scene_pid(scene, 61), boot + 46 * SECOND);
    for (unsigned i = 0; i < 10; i++) {
        scene_endpoint(snapshot, PROTO_TCP, "0.0.0.0", tcp[i],
                       tcp[i] >= 54321 ? scene_pid(scene, 62) : scene_pid(scene, 10 + (int)i),
                       boot + 47 * SECOND);
        scene_endpoint(snapshot, PROTO_TCP, "::", tcp[i],
                       tcp[i] >= 54321 ? scene_pid(scene, 62) : scene_pid(scene, 10 + (int)i),
                       boot + 47 * SECOND);
    }
    for (unsigned i = 0; i < 21; i++) {
        scene_endpoint(snapshot, PROTO_UDP, "10.0.0.5", 6910 + i, scene_pid(scene, 64),
                       boot + 48 * SECOND);
    }
    static const unsigned udp[] = {123, 500, 4500, 5353, 5355, 1900, 3702, 137, 138, 161, 6890};
    static const char *const where[] = {"0.0.0.0", "::", "10.0.0.5"};
    for (unsigned i = 0; i < 11; i++) {
        for (unsigned k = 0; k < 3; k++) {
            scene_endpoint(snapshot, PROTO_UDP, where[k], udp[i], scene_pid(scene, 10 + (int)i),
                           boot + 49 * SECOND);
        }
    }
    scene_endpoint(snapshot, PROTO_UDP, "fe80::1c2", 1900, scene_pid(scene, 15), boot + SECOND);
    scene_endpoint(snapshot, PROTO_UDP, "127.0.0.1", 1900, scene_pid(scene, 15), boot + SECOND);
    scene_endpoint(snapshot, PROTO_UDP, "::1", 1900, scene_pid(scene, 15), boot + SECOND);
    for (int i = 0; i < SCENE_EPHEMERAL; i++) {
        int moved = i < 4 ? scene->drift * 7 : 0;
        scene_endpoint(snapshot, i % 8 == 7 ? PROTO_TCP : PROTO_UDP, i % 2 == 0 ? "0.0.0.0" : "::",
                       (unsigned)(49200 + scene->boot * 97 % 5000 + i * 37 + moved),
                       scene_pid(scene, 10 + i % SCENE_SVCHOSTS), boot + (50 + i) * SECOND);
    }
}

static inline void scene_sections(const struct scene *scene, struct snapshot *snapshot)
{
    for (int i = 0; i < SECTION_COUNT; i++) {
        snapshot_set_section(snapshot, (enum section_id)i, OUTCOME_COMPLETE, "cim", 0, NULL);
    }
    if (scene->boot_denied) {
        snapshot_set_section(snapshot, SECTION_BOOT, OUTCOME_DENIED, "cim", 5, "access is denied");
    }
    if (scene->udp_partial) {
        snapshot_set_section(snapshot, SECTION_UDP, OUTCOME_PARTIAL, "netstat", 0, "cut");
    }
}

static inline void scene_registry(struct snapshot *snapshot)
{
    struct registry_value *key = snapshot_add_registry(snapshot);
    key->key = "HKLM\\SOFTWARE\\Citrix\\ProvisioningServices\\Wizard";
    key->name = "";
    key->text = "present";
    struct registry_value *type = snapshot_add_registry(snapshot);
    type->key = key->key = "HKLM\\SOFTWARE\\Citrix\\ProvisioningServices\\Wizard";
    type->name = "PXEType";
    type->is_number = true;
    type->number = 1;
}

static inline void scene_visit(const struct scene *scene, struct snapshot *snapshot)
{
    struct visit *visit = &snapshot->visit;
    visit->host = scene->host;
    visit->source = scene->source == NULL ? "local" : scene->source;
    visit->kind = scene->light ? VISIT_LIGHT : VISIT_FULL;
    visit->time_ms = scene->time_ms;
    visit->duration_ms = 812;
    visit->os = scene->linux_host ? "linux" : "windows";
    visit->transport = "ssh";
    visit->address = "10.0.0.5";
    visit->mechanism = "publickey";
    visit->principal = "audit";
    visit->account = "audit";
    visit->read = !scene->unread;
    if (scene->unread) {
        visit->reason = scene->reason == REASON_NONE ? REASON_UNREACHABLE : scene->reason;
        visit->code = 113;
        visit->detail = "no route to host";
    }
}

/* What a visit of the scene brings; the caller frees it with snapshot_done. */
static inline void scene_snapshot(const struct scene *scene, struct snapshot *ret)
{
    snapshot_init(ret);
    scene_visit(scene, ret);
    if (scene->unread) {
        return;
    }
    scene_sections(scene, ret);
    if (!scene->boot_denied) {
        scene_boot(scene, ret);
    }
    ret->machine.id =
        scene->machine != NULL ? scene->machine : arena_printf(&ret->arena, "guid-%s", scene->host);
    ret->machine.computer_name = scene->computer != NULL ? scene->computer : scene->host;
    ret->machine.host_key = "SHA256:abcdef";
    ret->machine.os_name = "Windows Server 2019";
    ret->machine.os_build = "10.0.17763";
    ret->machine.pvs_build = "2203.0.0.33";
    ret->auto_start_delay_ms = 120 * SECOND;
    ret->dynamic_first = 49152;
    ret->dynamic_last = 65535;
    scene_services(scene, ret);
    scene_processes(scene, ret);
    scene_endpoints(scene, ret);
    struct host_address *address = snapshot_add_address(ret);
    address->ip = scene_ip("10.0.0.5");
    address->prefix = 24;
    address = snapshot_add_address(ret);
    address->ip = scene_ip("fe80::1c2");
    address->prefix = 64;
    scene_registry(ret);
}

/* A server of the story: booted a day before the night, everything bound. */
static inline struct scene scene_server(const char *host, int64_t time_ms)
{
    return (struct scene){.host = host, .time_ms = time_ms, .boot_ms = NIGHT - DAY, .boot = 1};
}

static inline struct host scene_host(const char *name)
{
    return (struct host){.name = name,
                         .address = name,
                         .os = HOST_WINDOWS,
                         .site = "paris",
                         .farm = "emea",
                         .state = HOST_ACTIVE};
}

/* A folder of the test's own, removed by scene_folder_done. */
static inline const char *scene_folder(void)
{
    static char folders[16][64];
    static unsigned next;
    char *folder = folders[next++ % 16];
    (void)snprintf(folder, sizeof(folders[0]), "/tmp/pvsaudit-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return folder;
}

static inline const char *scene_path(const char *folder, const char *name)
{
    static char paths[16][256];
    static unsigned next;
    char *path = paths[next++ % 16];
    (void)snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
    return path;
}

static inline void scene_folder_done(const char *folder)
{
    char command[256];
    (void)snprintf(command, sizeof(command), "chmod -R u+rwx '%s'; rm -rf '%s'", folder, folder);
    assert_int_equal(system(command), 0);
}

/* One visit into the store. */
static inline void scene_add(struct store *store, const struct scene *scene,
                             const struct host *host)
{
    struct snapshot snapshot;
    struct err err = {.code = ERR_NONE};
    scene_snapshot(scene, &snapshot);
    if (store_add(store, &snapshot, host, scene_expectations(), scene_none(), &err) != 0) {
        fail_msg("store_add: %s", err.text);
    }
    snapshot_done(&snapshot);
}

static inline struct store *scene_open(const char *path)
{
    struct store *store = NULL;
    struct err err = {.code = ERR_NONE};
    if (store_open(path, &store, &err) != 0) {
        fail_msg("store_open: %s", err.text);
    }
    return store;
}

static inline struct query *scene_query(const char *path)
{
    struct query *query = NULL;
    struct err err = {.code = ERR_NONE};
    if (query_open(path, &query, &err) != 0) {
        fail_msg("query_open: %s", err.text);
    }
    return query;
}

/* A scan of the fleet of one host, begun and ended around its visit. */
static inline void scene_scan(struct store *store, const struct scene *scene,
                              const struct host *host)
{
    struct err err = {.code = ERR_NONE};
    struct scan_begin begin = {.source = scene->source == NULL ? "local" : scene->source,
                               .kind = scene->light ? VISIT_LIGHT : VISIT_FULL,
                               .time_ms = scene->time_ms - SECOND,
                               .version = "0.1.0",
                               .whole_fleet = true,
                               .hosts = host,
                               .host_count = 1,
                               .expectations = scene_expectations()};
    if (store_scan_begin(store, &begin, &err) != 0) {
        fail_msg("store_scan_begin: %s", err.text);
    }
    scene_add(store, scene, host);
    struct scan_end end = {.time_ms = scene->time_ms + SECOND};
    if (store_scan_end(store, &end, &err) != 0) {
        fail_msg("store_scan_end: %s", err.text);
    }
}

#endif
