/* remedy: the cure of each verdict, and the list of those that are needed. */
#include "out/remedy.h"

#include "core/str.h"
#include "out/escape.h"
#include "out/fold.h"

const char *remedy_text(struct arena *arena, enum verdict_code code, bool linux_host,
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

const char *remedy_prevention(enum verdict_code code, enum startup_type startup,
                              const char *general)
{
    if (code != VERDICT_NOT_BOUND || general == NULL) {
        return NULL;
    }
    return startup == STARTUP_AUTOMATIC_DELAYED
               ? "it is already Automatic (Delayed Start), and was too early even so: raise "
                 "AutoStartDelay (HKLM\\SYSTEM\\CurrentControlSet\\Control, 120 s where it is not "
                 "set; from the next boot on), or let the service depend on what brings the "
                 "network "
                 "up (sc config SERVICE depend= ...)"
               : general;
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
