/* phrase: text for people; whatever came from a host is escaped here. */
#include "cli/phrase.h"

#include "core/str.h"
#include "out/escape.h"

#include <string.h>

enum { DETAIL_SHOWN = 24 };

const char phrase_bound_note[] =
    "\"bound\" means that the service holds the socket; it does not prove that a target device "
    "reaches it.";

const char *phrase_service(struct arena *arena, const char *display_name, const char *service)
{
    const char *shown = escape_text(arena, display_name != NULL ? display_name : service);
    const char *name = escape_text(arena, service);
    if (display_name == NULL || service == NULL || str_eq(display_name, service)) {
        return shown == NULL ? "-" : shown;
    }
    return arena_printf(arena, "%s (%s)", shown, name);
}

const char *phrase_state(struct arena *arena, const char *service, enum service_state state,
                         int64_t pid)
{
    if (state != SERVICE_STATE_DENIED) {
        return arena_printf(arena, "%s is %s", service, service_state_name(state));
    }
    return arena_printf(arena, "%s's state is denied%s", service,
                        pid > 0    ? ", its process lives"
                        : pid == 0 ? ", no process of it lives"
                                   : "");
}

const char *phrase_port(struct arena *arena, enum proto proto, uint16_t port)
{
    return arena_printf(arena, "%s %u", proto == PROTO_UDP ? "UDP" : "TCP", (unsigned)port);
}

const char *phrase_port_short(struct arena *arena, enum proto proto, uint16_t port)
{
    return arena_printf(arena, "%s/%u", proto_name(proto), (unsigned)port);
}

const char *phrase_socket(struct arena *arena, const struct endpoint *endpoint)
{
    char text[IP_TEXT];
    ip_text(&endpoint->address, text);
    return arena_printf(arena, endpoint->address.family == 6 ? "[%s]:%u" : "%s:%u", text,
                        (unsigned)endpoint->port);
}

const char *phrase_verdict(struct arena *arena, enum verdict_code code, enum reason reason,
                           const char *detail)
{
    char text[512];
    if (detail != NULL && strlen(detail) > DETAIL_SHOWN) {
        detail = NULL;
    }
    return escape_text(arena,
                       arena_strdup(arena, verdict_text(code, reason, detail, text, sizeof(text))));
}

const char *phrase_time(struct arena *arena, int64_t ms, const char *zone)
{
    char text[CLOCK_TEXT];
    if (ms <= 0) {
        return "never";
    }
    clock_local_in(ms, zone, text);
    return arena_strdup(arena, text);
}

const char *phrase_startup(struct arena *arena, enum startup_type startup,
                           const struct changes *changes, const char *zone)
{
    const char *name = startup_type_name(startup);
    if (changes->startup_was == STARTUP_UNKNOWN) {
        return name;
    }
    const char *was = startup_type_name(changes->startup_was);
    return changes->startup_until_ms == 0
               ? arena_printf(arena, "%s (was %s)", name, was)
               : arena_printf(arena, "%s (was %s until %s)", name, was,
                              phrase_time(arena, changes->startup_until_ms, zone));
}

const char *phrase_changes(struct arena *arena, const struct changes *changes)
{
    const char *reverted =
        changes->startup_reverted ? "; startup-type-reverted: a change of it was undone" : "";
    return changes->owner_was == NULL
               ? reverted
               : arena_printf(arena, "%s; owner-changed: at the last good reading %s held it",
                              reverted, escape_text(arena, changes->owner_was));
}

const char *phrase_after_boot(struct arena *arena, int64_t created_ms, int64_t boot_ms)
{
    char age[CLOCK_TEXT];
    if (created_ms <= 0 || boot_ms <= 0 || created_ms < boot_ms) {
        return NULL;
    }
    clock_age(created_ms - boot_ms, age);
    return arena_printf(arena, "%s after boot", age);
}

const char *phrase_seconds(struct arena *arena, int64_t ms)
{
    return ms < 0 ? NULL
                  : arena_printf(arena, "%lld.%lld s", (long long)(ms / 1000),
                                 (long long)(ms % 1000 / 100));
}

const char *phrase_denied_remedy(enum section_id section)
{
    static const char *const remedies[SECTION_COUNT] = {
        [SECTION_UDP] = "let the account run netstat, or read the network's WMI namespace",
        [SECTION_TCP] = "let the account run netstat, or read the network's WMI namespace",
        [SECTION_SERVICES] = ("grant the account to query the watched services by Group Policy "
                              "(System Services), or do without: processes and registry tell most"),
        [SECTION_BOOT] = "let the account read the event log or root\\cimv2",
        [SECTION_PROCESSES] = "let the account read root\\cimv2",
        [SECTION_ADDRESSES] = "let the account read root\\cimv2",
        [SECTION_REGISTRY] = "let the account read HKLM\\SOFTWARE\\Citrix and the services' keys",
        [SECTION_MACHINE] = "let the account read root\\cimv2 and the machine's identity",
        [SECTION_FILES] = "let the account read root\\cimv2; no verdict needs it",
        [SECTION_NETWORKS] = "let the account read root\\standardcimv2; no verdict needs it",
    };
    return remedies[section];
}
