/* snapshot_text: a snapshot as lines of text, the form of tests/fixtures/answers/.../x.expect. */
#ifndef PVSAUDIT_TESTS_UNIT_SNAPSHOT_TEXT_H
#define PVSAUDIT_TESTS_UNIT_SNAPSHOT_TEXT_H

#include "unit/fixture.h"

#include "core/clock.h"
#include "model/snapshot.h"

/* "-" where not known; bytes outside ASCII as \xNN. */
static inline void text_put(struct buf *to, const char *label, const char *text)
{
    (void)buf_printf(to, " %s=", label);
    if (text == NULL) {
        (void)buf_puts(to, "-");
    } else {
        fixture_put(to, (struct slice){text, strlen(text)});
    }
}

static inline void text_time(struct buf *to, const char *label, int64_t ms)
{
    char text[CLOCK_TEXT] = "-";
    if (ms != 0) {
        clock_rfc3339(ms, text);
    }
    text_put(to, label, text);
}

static inline void text_machine(struct buf *to, const struct snapshot *snapshot)
{
    const struct boot *boot = &snapshot->boot;
    (void)buf_puts(to, "machine");
    text_put(to, "id", snapshot->machine.id);
    text_put(to, "name", snapshot->machine.computer_name);
    text_put(to, "os", snapshot->machine.os_name);
    text_put(to, "build", snapshot->machine.os_build);
    if (snapshot->machine.pvs_build != NULL) {
        text_put(to, "pvs", snapshot->machine.pvs_build);
    }
    (void)buf_puts(to, "\nboot");
    text_time(to, "time", boot->boot_time_ms);
    text_time(to, "clock", boot->host_clock_ms);
    (void)buf_printf(to, " uptime=%lld", (long long)boot->uptime_ms);
    text_put(to, "id", boot->boot_id);
    (void)buf_printf(to, "%s\n", boot->weak ? " weak" : "");
    for (size_t i = 0; i < boot->witness_count; i++) {
        const struct boot_witness *witness = &boot->witnesses[i];
        (void)buf_printf(to, "witness %s %lld", witness->name, (long long)witness->pid);
        text_time(to, "created", witness->created_ms);
        (void)buf_puts(to, "\n");
    }
    (void)buf_printf(to, "delay %lld dynamic %u-%u\n", (long long)snapshot->auto_start_delay_ms,
                     snapshot->dynamic_first, snapshot->dynamic_last);
}

static inline void text_services(struct buf *to, const struct snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->service_count; i++) {
        const struct service *service = &snapshot->services[i];
        (void)buf_printf(to, "service %s %s", service->name, presence_name(service->canary));
        (void)buf_printf(to, " %s",
                         service->visible ? service_state_name(service->state) : "invisible");
        (void)buf_printf(to, ", %s, pid %lld then %lld, exit %lld\n",
                         startup_type_name(service->startup), (long long)service->pid,
                         (long long)service->pid_after, (long long)service->exit_code);
        if (service->image != NULL || service->account != NULL || service->display_name != NULL) {
            (void)buf_puts(to, " ");
            text_put(to, "image", service->image);
            text_put(to, "account", service->account);
            text_put(to, "display", service->display_name);
            (void)buf_puts(to, "\n");
        }
    }
}

static inline void text_rows(struct buf *to, const struct snapshot *snapshot)
{
    char ip[IP_TEXT];
    for (size_t i = 0; i < snapshot->endpoint_count; i++) {
        const struct endpoint *endpoint = &snapshot->endpoints[i];
        ip_text(&endpoint->address, ip);
        (void)buf_printf(to, "endpoint %s %s %u %lld\n", proto_name(endpoint->proto), ip,
                         endpoint->port, (long long)endpoint->pid);
    }
    for (size_t i = 0; i < snapshot->process_count; i++) {
        const struct process *process = &snapshot->processes[i];
        (void)buf_printf(to, "process %lld parent %lld", (long long)process->pid,
                         (long long)process->parent);
        text_time(to, "created", process->created_ms);
        text_put(to, "name", process->name);
        (void)buf_puts(to, "\n");
    }
    for (size_t i = 0; i < snapshot->address_count; i++) {
        ip_text(&snapshot->addresses[i].ip, ip);
        (void)buf_printf(to, "address %s/%u\n", ip, snapshot->addresses[i].prefix);
    }
    for (size_t i = 0; i < snapshot->registry_count; i++) {
        const struct registry_value *value = &snapshot->registry[i];
        (void)buf_printf(to, "registry %s", value->key);
        text_put(to, "name", value->name);
        text_put(to, "text", value->text);
        if (value->is_number) {
            (void)buf_printf(to, " number=%llu", (unsigned long long)value->number);
        }
        (void)buf_puts(to, "\n");
    }
}

static inline void text_around(struct buf *to, const struct snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->file_count; i++) {
        const struct host_file *file = &snapshot->files[i];
        (void)buf_puts(to, "file ");
        fixture_put(to, (struct slice){file->path, strlen(file->path)});
        text_put(to, "version", file->version);
        text_time(to, "modified", file->modified_ms);
        (void)buf_puts(to, "\n");
    }
    for (size_t i = 0; i < snapshot->network_count; i++) {
        const struct network *network = &snapshot->networks[i];
        (void)buf_puts(to, "network ");
        fixture_put(to, (struct slice){network->adapter, strlen(network->adapter)});
        (void)buf_printf(to, " %s\n", network_category_name(network->category));
    }
}

static inline void snapshot_text(struct buf *to, const struct snapshot *snapshot)
{
    for (unsigned i = 0; i < SECTION_COUNT; i++) {
        const struct section *section = &snapshot->sections[i];
        if (section_is_optional(i) && section->outcome == OUTCOME_NOT_ASKED) {
            continue;
        }
        (void)buf_printf(to, "section %s %s", section_name(i), outcome_name(section->outcome));
        text_put(to, "by", section->source);
        if (section->code != 0) {
            (void)buf_printf(to, " code=%lld", (long long)section->code);
        }
        if (section->detail != NULL) {
            text_put(to, "detail", section->detail);
        }
        (void)buf_puts(to, "\n");
    }
    text_machine(to, snapshot);
    text_services(to, snapshot);
    text_rows(to, snapshot);
    text_around(to, snapshot);
}

#endif
