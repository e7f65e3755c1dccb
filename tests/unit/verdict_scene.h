/* verdict_scene: a server whose verdict is asked for, which a test changes in what it is about. */
#ifndef PVSAUDIT_TESTS_UNIT_VERDICT_SCENE_H
#define PVSAUDIT_TESTS_UNIT_VERDICT_SCENE_H

#include "model/verdict.h"

#include "core/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NOW_MS INT64_C(1700000000000)
#define SECONDS(n) ((int64_t)(n)*1000)
#define MINUTES(n) SECONDS((n)*60)
#define WIZARD "HKLM\\SOFTWARE\\Citrix\\ProvisioningServices\\Wizard"

enum { SERVICE_PID = 1000, CHILD_PID = 1001, GRANDCHILD_PID = 1002, OTHER_PID = 2000 };

static const struct registry_condition dhcp_here[] = {{"DHCPType", 0}, {"PXEType", 1}};
static const struct registry_condition pxe_here[] = {{"PXEType", 1}};
static const struct registry_condition pxe_away[] = {{"PXEType", 0x40000000}};
static const struct registry_rule wizard_rules[] = {
    {dhcp_here, 2, true, 4011}, {pxe_here, 1, true, 0}, {pxe_away, 1, false, 0}};

/* A server an hour after its boot, which each test changes in the one thing it is about:
 * BNPXE runs since the boot, is Automatic, and nobody holds 67. */
struct scene {
    struct expectation expectation;
    struct snapshot snapshot;
    struct verdict_question question;
    struct verdict verdict;
    struct service *service;
    struct process *process; /* the service's; valid until another one is added */
    struct ip pxe_addresses[4];
    char text[128];
};

static inline struct ip address_of(const char *text)
{
    struct ip ip = {0};
    assert_true(ip_parse((struct slice){text, strlen(text)}, &ip));
    return ip;
}

static inline void hold_port(struct scene *scene, uint16_t port, const char *address, int64_t pid)
{
    struct endpoint *endpoint = snapshot_add_endpoint(&scene->snapshot);
    assert_non_null(endpoint);
    endpoint->proto = scene->expectation.proto;
    endpoint->port = port;
    endpoint->address = address_of(address);
    endpoint->pid = pid;
}

static inline void hold(struct scene *scene, const char *address, int64_t pid)
{
    hold_port(scene, scene->expectation.port, address, pid);
}

static inline void run_process(struct scene *scene, int64_t pid, int64_t parent, int64_t age_ms,
                               const char *name)
{
    struct process *process = snapshot_add_process(&scene->snapshot);
    assert_non_null(process);
    *process = (struct process){pid, parent, NOW_MS - age_ms, name};
    scene->process = &scene->snapshot.processes[0];
}

static inline void give_address(struct scene *scene, const char *text)
{
    struct host_address *address = snapshot_add_address(&scene->snapshot);
    assert_non_null(address);
    *address = (struct host_address){address_of(text), 24};
}

static inline void give_registry(struct scene *scene, const char *name, uint64_t number)
{
    struct registry_value *value = snapshot_add_registry(&scene->snapshot);
    assert_non_null(value);
    *value =
        (struct registry_value){.key = WIZARD, .name = name, .is_number = true, .number = number};
}

static inline void declare_pxe_address(struct scene *scene, const char *text)
{
    scene->pxe_addresses[scene->question.pxe_address_count++] = address_of(text);
}

static inline void cut_section(struct scene *scene, enum section_id id, enum outcome outcome)
{
    snapshot_set_section(&scene->snapshot, id, outcome, NULL, 5, NULL);
}

static inline void forget_process_age(struct scene *scene)
{
    scene->process->created_ms = 0;
}

static inline void set_up_scene(struct scene *scene)
{
    memset(scene, 0, sizeof(*scene));
    scene->expectation = (struct expectation){
        .profile = "pvs",
        .id = "BNPXE",
        .os = "windows",
        .service = "BNPXE",
        .process = "BNPXE.exe",
        .proto = PROTO_UDP,
        .port = 67,
        .watch = WATCH_ALWAYS,
        .settle_running_ms = SECONDS(60),
    };
    struct snapshot *snapshot = &scene->snapshot;
    snapshot_init(snapshot);
    snapshot->visit.read = true;
    snapshot->visit.time_ms = NOW_MS;
    snapshot->boot.host_clock_ms = NOW_MS;
    snapshot->boot.uptime_ms = MINUTES(60);
    snapshot->auto_start_delay_ms = SECONDS(120);
    for (int id = 0; id < SECTION_COUNT; id++) {
        cut_section(scene, (enum section_id)id, OUTCOME_COMPLETE);
    }
    scene->service = snapshot_add_service(snapshot);
    scene->service->name = "BNPXE";
    scene->service->canary = PRESENCE_PRESENT;
    scene->service->visible = true;
    scene->service->state = SERVICE_RUNNING;
    scene->service->startup = STARTUP_AUTOMATIC;
    scene->service->pid = SERVICE_PID;
    scene->service->pid_after = SERVICE_PID;
    scene->service->exit_code = 0;
    run_process(scene, SERVICE_PID, 500, MINUTES(59), "BNPXE.exe");
    hold_port(scene, 123, "0.0.0.0", OTHER_PID);
    give_address(scene, "10.0.0.5");
    give_address(scene, "169.254.7.7");
    give_address(scene, "127.0.0.1");
    give_address(scene, "2001:db8::5");
    scene->question.expectation = &scene->expectation;
    scene->question.snapshot = snapshot;
    scene->question.pxe_addresses = scene->pxe_addresses;
}

static inline void ask_registry_too(struct scene *scene)
{
    scene->expectation.registry_key = WIZARD;
    scene->expectation.rules = wizard_rules;
    scene->expectation.rule_count = sizeof(wizard_rules) / sizeof(wizard_rules[0]);
}

static inline const char *judge(struct scene *scene)
{
    snapshot_normalise(&scene->snapshot);
    verdict_judge(&scene->question, &scene->verdict);
    const struct verdict *verdict = &scene->verdict;
    return verdict_text(verdict->code, verdict->reason, verdict->detail, scene->text,
                        sizeof(scene->text));
}

static inline int set_up(void **state)
{
    static struct scene scene;
    set_up_scene(&scene);
    *state = &scene;
    return 0;
}

static inline int tear_down(void **state)
{
    struct scene *scene = *state;
    snapshot_done(&scene->snapshot);
    return 0;
}

#define SCENE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
