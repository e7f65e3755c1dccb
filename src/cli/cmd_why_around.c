/* cmd_why_around: what was seen around the services and decides nothing. */
#include "cli/cmd_why_around.h"

#include "cli/phrase.h"
#include "out/escape.h"

static void tell_dhcp(const struct snapshot *snapshot, FILE *to)
{
    const struct service *service = snapshot_service(snapshot, "DHCPServer");
    if (service != NULL && service->canary == PRESENCE_PRESENT) {
        (void)fprintf(to, "DHCP server: installed here, %s\n",
                      service->visible ? service_state_name(service->state)
                                       : "its state is denied to this account");
    }
}

/* Behind the last backslash or slash. */
static const char *name_of(const char *path)
{
    const char *name = path;
    for (const char *p = path; *p != '\0'; p++) {
        name = *p == '\\' || *p == '/' ? p + 1 : name;
    }
    return name;
}

static void tell_boot_files(const struct snapshot *snapshot, const char *zone, struct arena *arena,
                            FILE *to)
{
    size_t told = 0;
    for (size_t i = 0; i < snapshot->file_count; i++) {
        const struct host_file *file = &snapshot->files[i];
        if (file->path != NULL && file->version == NULL && file->modified_ms > 0) {
            const char *name = escape_text(arena, name_of(file->path));
            (void)fprintf(to, "%s%s of %s", told++ == 0 ? "Boot files: " : ", ",
                          name == NULL ? "-" : name, phrase_time(arena, file->modified_ms, zone));
        }
    }
    (void)fputs(told > 0 ? "\n" : "", to);
}

static void tell_networks(const struct snapshot *snapshot, struct arena *arena, FILE *to)
{
    for (size_t i = 0; i < snapshot->network_count; i++) {
        const char *adapter = escape_text(arena, snapshot->networks[i].adapter);
        (void)fprintf(to, "%s%s: %s%s", i == 0 ? "Network of " : ", ",
                      adapter == NULL ? "-" : adapter,
                      network_category_name(snapshot->networks[i].category),
                      i + 1 == snapshot->network_count ? "\n" : "");
    }
}

void why_print_around(const struct snapshot *snapshot, const char *zone, struct arena *arena,
                      FILE *to)
{
    tell_dhcp(snapshot, to);
    tell_boot_files(snapshot, zone, arena, to);
    tell_networks(snapshot, arena, to);
}
