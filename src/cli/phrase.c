/* phrase: text for people; whatever came from a host is escaped here. */
#include "cli/phrase.h"

#include "core/str.h"
#include "out/escape.h"
#include "out/fold.h"

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

const char *phrase_time(struct arena *arena, int64_t ms)
{
    char text[CLOCK_TEXT];
    if (ms <= 0) {
        return "never";
    }
    clock_local(ms, text);
    return arena_strdup(arena, text);
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
    };
    return remedies[section];
}

const char *phrase_remedy(struct arena *arena, enum verdict_code code, bool linux_host,
                          const char *service, const char *general)
{
    /* NULL: the general remedy, after these words. */
    static const struct {
        const char *before, *windows, *linux;
    } remedies[VERDICT_COUNT] = {
        [VERDICT_PORT_IN_USE] = {"stop what holds the port, then: ", NULL, NULL},
        [VERDICT_WRONG_ADDRESS] = {"check the addresses that it is set to use, then: ", NULL, NULL},
        [VERDICT_STOPPED] = {"", "Start-Service", "systemctl start"},
        [VERDICT_DISABLED] = {"", "Set-Service -StartupType Automatic, then Start-Service",
                              "systemctl enable --now"},
        [VERDICT_SERVICE_REMOVED] = {"install the service again, or take it out of pvsaudit_expect",
                                     "", ""},
        [VERDICT_RESTARTING] = {"it does not stay up: read its log and the event log, then: ", NULL,
                                NULL},
    };
    const char *before = remedies[code].before == NULL ? "" : remedies[code].before;
    const char *command = linux_host ? remedies[code].linux : remedies[code].windows;
    if (command == NULL) {
        return general == NULL || before[0] == '\0' ? general
                                                    : arena_printf(arena, "%s%s", before, general);
    }
    return command[0] == '\0' || service == NULL ? before
                                                 : arena_printf(arena, "%s %s", command, service);
}

const char *phrase_prevention(enum verdict_code code, const char *general)
{
    return code == VERDICT_NOT_BOUND ? general : NULL;
}

static struct remedy_row *remedy_find(struct remedy_list *list, const char *remedy,
                                      const char *prevention)
{
    for (size_t i = 0; i < list->count; i++) {
        if (str_eq(list->rows[i].remedy, remedy) && str_eq(list->rows[i].prevention, prevention)) {
            return &list->rows[i];
        }
    }
    void *items = list->rows;
    struct remedy_row *row = arena_push(&list->arena, &items, &list->count, sizeof(*row));
    list->rows = items;
    if (row != NULL) {
        row->remedy = arena_strdup(&list->arena, remedy);
        row->prevention = arena_strdup(&list->arena, prevention);
    }
    return row;
}

int remedy_add(struct remedy_list *list, const char *host, const char *remedy,
               const char *prevention)
{
    if (remedy == NULL) {
        return 0;
    }
    struct remedy_row *row = remedy_find(list, remedy, prevention);
    if (row == NULL) {
        return -1;
    }
    void *items = (void *)row->hosts;
    const char **place = arena_push(&list->arena, &items, &row->host_count, sizeof(*place));
    row->hosts = items;
    if (place == NULL) {
        return -1;
    }
    *place = arena_strdup(&list->arena, host);
    return *place == NULL ? -1 : 0;
}

void remedy_print(struct remedy_list *list, FILE *to)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct remedy_row *row = &list->rows[i];
        const char *hosts =
            escape_text(&list->arena, fold_names(&list->arena, row->hosts, row->host_count));
        (void)fprintf(to, "Remedy (%s): %s\n", hosts, escape_text(&list->arena, row->remedy));
        if (row->prevention != NULL) {
            (void)fprintf(to, "Prevention (%s): %s\n", hosts,
                          escape_text(&list->arena, row->prevention));
        }
    }
}

void remedy_list_done(struct remedy_list *list)
{
    arena_done(&list->arena);
}
