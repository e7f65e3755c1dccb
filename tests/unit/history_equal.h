/* history_equal: every field of two snapshots, compared; the first difference fails the test. */
#ifndef PVSAUDIT_TESTS_HISTORY_EQUAL_H
#define PVSAUDIT_TESTS_HISTORY_EQUAL_H

#include "history_scene.h"

static inline void equal_text(const char *what, const char *a, const char *b)
{
    if ((a == NULL) != (b == NULL) || (a != NULL && strcmp(a, b) != 0)) {
        fail_msg("%s: %s and %s", what, a == NULL ? "NULL" : a, b == NULL ? "NULL" : b);
    }
}

static inline void equal_number(const char *what, int64_t a, int64_t b)
{
    if (a != b) {
        fail_msg("%s: %lld and %lld", what, (long long)a, (long long)b);
    }
}

static inline void equal_visit(const struct visit *a, const struct visit *b)
{
    equal_text("host", a->host, b->host);
    equal_text("source", a->source, b->source);
    equal_number("kind", a->kind, b->kind);
    equal_number("time", a->time_ms, b->time_ms);
    equal_number("duration", a->duration_ms, b->duration_ms);
    equal_text("os", a->os, b->os);
    equal_text("transport", a->transport, b->transport);
    equal_text("address", a->address, b->address);
    equal_text("mechanism", a->mechanism, b->mechanism);
    equal_text("principal", a->principal, b->principal);
    equal_text("account", a->account, b->account);
    equal_number("read", a->read, b->read);
    equal_number("reason", a->reason, b->reason);
    equal_number("code", a->code, b->code);
    equal_text("detail", a->detail, b->detail);
}

static inline void equal_services(const struct snapshot *a, const struct snapshot *b)
{
    equal_number("services", (int64_t)a->service_count, (int64_t)b->service_count);
    for (size_t i = 0; i < a->service_count; i++) {
        const struct service *x = &a->services[i];
        const struct service *y = &b->services[i];
        equal_text("service", x->name, y->name);
        equal_text("display name", x->display_name, y->display_name);
        equal_number("canary", x->canary, y->canary);
        equal_number("visible", x->visible, y->visible);
        equal_number("state", x->state, y->state);
        equal_number("startup", x->startup, y->startup);
        equal_number("service pid", x->pid, y->pid);
        equal_number("service pid after", x->pid_after, y->pid_after);
        equal_number("exit code", x->exit_code, y->exit_code);
        equal_text("image", x->image, y->image);
        equal_text("service account", x->account, y->account);
    }
}

static inline void equal_endpoints(const struct snapshot *a, const struct snapshot *b)
{
    equal_number("endpoints", (int64_t)a->endpoint_count, (int64_t)b->endpoint_count);
    for (size_t i = 0; i < a->endpoint_count; i++) {
        const struct endpoint *x = &a->endpoints[i];
        const struct endpoint *y = &b->endpoints[i];
        equal_number("proto", x->proto, y->proto);
        equal_number("port", x->port, y->port);
        assert_true(ip_equal(&x->address, &y->address));
        equal_number("endpoint pid", x->pid, y->pid);
        equal_number("bound at", x->created_ms, y->created_ms);
    }
}

static inline void equal_processes(const struct snapshot *a, const struct snapshot *b)
{
    equal_number("processes", (int64_t)a->process_count, (int64_t)b->process_count);
    for (size_t i = 0; i < a->process_count; i++) {
        const struct process *x = &a->processes[i];
        const struct process *y = &b->processes[i];
        equal_number("pid", x->pid, y->pid);
        equal_number("parent", x->parent, y->parent);
        equal_number("created", x->created_ms, y->created_ms);
        equal_text("process", x->name, y->name);
    }
}

static inline void equal_boot(const struct boot *a, const struct boot *b)
{
    equal_number("boot time", a->boot_time_ms, b->boot_time_ms);
    equal_number("host clock", a->host_clock_ms, b->host_clock_ms);
    equal_number("uptime", a->uptime_ms, b->uptime_ms);
    equal_text("boot id", a->boot_id, b->boot_id);
    equal_number("weak", a->weak, b->weak);
    equal_number("witnesses", (int64_t)a->witness_count, (int64_t)b->witness_count);
    for (size_t i = 0; i < a->witness_count; i++) {
        equal_text("witness", a->witnesses[i].name, b->witnesses[i].name);
        equal_number("witness pid", a->witnesses[i].pid, b->witnesses[i].pid);
        equal_number("witness created", a->witnesses[i].created_ms, b->witnesses[i].created_ms);
    }
}

static inline void equal_rest(const struct snapshot *a, const struct snapshot *b)
{
    for (int i = 0; i < SECTION_COUNT; i++) {
        equal_number("outcome", a->sections[i].outcome, b->sections[i].outcome);
        equal_number("section code", a->sections[i].code, b->sections[i].code);
        equal_text("section source", a->sections[i].source, b->sections[i].source);
        equal_text("section detail", a->sections[i].detail, b->sections[i].detail);
    }
    equal_text("machine", a->machine.id, b->machine.id);
    equal_text("computer name", a->machine.computer_name, b->machine.computer_name);
    equal_text("host key", a->machine.host_key, b->machine.host_key);
    equal_text("os name", a->machine.os_name, b->machine.os_name);
    equal_text("os build", a->machine.os_build, b->machine.os_build);
    equal_text("pvs build", a->machine.pvs_build, b->machine.pvs_build);
    equal_text("unknown members", a->extra, b->extra);
    equal_number("delay", a->auto_start_delay_ms, b->auto_start_delay_ms);
    equal_number("dynamic first", a->dynamic_first, b->dynamic_first);
    equal_number("dynamic last", a->dynamic_last, b->dynamic_last);
    equal_number("addresses", (int64_t)a->address_count, (int64_t)b->address_count);
    for (size_t i = 0; i < a->address_count; i++) {
        assert_true(ip_equal(&a->addresses[i].ip, &b->addresses[i].ip));
        equal_number("prefix", a->addresses[i].prefix, b->addresses[i].prefix);
    }
    equal_number("registry", (int64_t)a->registry_count, (int64_t)b->registry_count);
    for (size_t i = 0; i < a->registry_count; i++) {
        equal_text("key", a->registry[i].key, b->registry[i].key);
        equal_text("value", a->registry[i].name, b->registry[i].name);
        equal_number("is number", a->registry[i].is_number, b->registry[i].is_number);
        assert_true(a->registry[i].number == b->registry[i].number);
        equal_text("text", a->registry[i].text, b->registry[i].text);
    }
    equal_number("files", (int64_t)a->file_count, (int64_t)b->file_count);
    for (size_t i = 0; i < a->file_count; i++) {
        equal_text("path", a->files[i].path, b->files[i].path);
        equal_text("version", a->files[i].version, b->files[i].version);
        equal_number("modified", a->files[i].modified_ms, b->files[i].modified_ms);
    }
    equal_number("networks", (int64_t)a->network_count, (int64_t)b->network_count);
    for (size_t i = 0; i < a->network_count; i++) {
        equal_text("adapter", a->networks[i].adapter, b->networks[i].adapter);
        equal_number("category", a->networks[i].category, b->networks[i].category);
    }
}

static inline void equal_snapshots(const struct snapshot *a, const struct snapshot *b)
{
    equal_visit(&a->visit, &b->visit);
    equal_boot(&a->boot, &b->boot);
    equal_services(a, b);
    equal_processes(a, b);
    equal_endpoints(a, b);
    equal_rest(a, b);
}

#endif
