/* knob_machine: settings of the machine: its system, rights, addresses and clocks. */
#include "farm/server/knob_setters.h"

#include "core/ip.h"
#include "farm/server/misbehave.h"

#include <string.h>

int knob_set_rights(struct server *server, const char *value, const struct fleet *fleet,
                    int service, struct err *err)
{
    enum { SERVICES = RIGHT_SC | RIGHT_SC_OTHERS };
    static const struct knob_word words[] = {
        {"admin", 0},
        {"no-cim", RIGHT_CIM},
        {"no-sc", SERVICES},
        {"no-reg", RIGHT_REG},
        {"no-eventlog", RIGHT_EVENTLOG},
        {"no-other-services", RIGHT_SC_OTHERS},
        {"no-cimv2", RIGHT_CIMV2},
        {"no-standardcimv2", RIGHT_STANDARDCIMV2},
        {"no-default", RIGHT_DEFAULT},
        {"no-shell", RIGHT_SHELL},
        {"no-winrm", RIGHT_WINRM | RIGHT_SHELL},
        {"tier-a", SERVICES | RIGHT_EVENTLOG | RIGHT_SHELL},
        {"tier-b", RIGHT_SC_OTHERS | RIGHT_EVENTLOG | RIGHT_SHELL},
        {"remote-management-users", RIGHT_ALL & ~(RIGHT_WINRM | RIGHT_REG)},
        {"filtered", RIGHT_ALL},
    };
    uint32_t taken = 0;
    (void)fleet;
    (void)service;
    if (knob_parse_words(value, words, sizeof(words) / sizeof(words[0]), &taken, err) != 0) {
        return -1;
    }
    server->rights = (uint16_t)(RIGHT_ALL & ~taken);
    return 0;
}

/* What was not set by hand is what the version has of itself. */
static void follow(uint32_t *setting, uint32_t before, uint32_t now)
{
    *setting = *setting == 0 || *setting == before ? now : *setting;
}

int knob_set_os(struct server *server, const char *value, const struct fleet *fleet, int service,
                struct err *err)
{
    const char *names[OS_COUNT];
    (void)fleet;
    (void)service;
    for (int i = 0; i < OS_COUNT; i++) {
        names[i] = editions[i].name;
    }
    int choice =
        knob_choose(value, names, OS_COUNT, "2008 R2, 2012, 2012 R2, 2016, 2019, 2022, 2025", err);
    if (choice < 0) {
        return -1;
    }
    const struct edition *before = &editions[server->os], *now = &editions[choice];
    follow(&server->winrm.max_operations, before->max_operations, now->max_operations);
    follow(&server->winrm.max_envelope, before->max_envelope_kb << 10, now->max_envelope_kb << 10);
    server->os = (uint8_t)choice;
    server->build = now->build;
    server->revision = now->revision;
    return 0;
}

int knob_set_build(struct server *server, const char *value, const struct fleet *fleet, int service,
                   struct err *err)
{
    (void)fleet;
    (void)service;
    uint64_t build = 0, revision = 0;
    size_t dot = strcspn(value, ".");
    if (value[dot] != '.' || !str_u64((struct slice){value, dot}, 999999, &build) ||
        !str_u64(knob_slice(value + dot + 1), 999999, &revision)) {
        return err_set(err, ERR_USAGE, "", "'%s' is no build such as 17763.5576", value);
    }
    server->build = (uint32_t)build;
    server->revision = (uint32_t)revision;
    return 0;
}

int knob_set_language(struct server *server, const char *value, const struct fleet *fleet,
                      int service, struct err *err)
{
    static const char *const names[] = {"en", "de", "ja"};
    (void)fleet;
    (void)service;
    int choice = knob_choose(value, names, 3, "en, de, ja", err);
    if (choice >= 0) {
        server->language = (uint8_t)choice;
    }
    return choice < 0 ? -1 : 0;
}

int knob_set_category(struct server *server, const char *value, const struct fleet *fleet,
                      int service, struct err *err)
{
    static const char *const names[] = {
        [CATEGORY_PUBLIC] = "public", [CATEGORY_PRIVATE] = "private", [CATEGORY_DOMAIN] = "domain"};
    (void)fleet;
    (void)service;
    int choice = knob_choose(value, names, 3, "domain, private, public", err);
    if (choice >= 0) {
        server->category = (uint8_t)choice;
    }
    return choice < 0 ? -1 : 0;
}

int knob_set_shell(struct server *server, const char *value, const struct fleet *fleet, int service,
                   struct err *err)
{
    static const char *const names[] = {"cmd", "powershell"};
    (void)fleet;
    (void)service;
    int choice = knob_choose(value, names, 2, "cmd, powershell", err);
    if (choice >= 0) {
        server->shell = (uint8_t)choice;
    }
    return choice < 0 ? -1 : 0;
}

/* "svchost.exe@0.0.0.0", "ended@0.0.0.0", "svchost.exe@172.26.240.1 shared", "none". */
int knob_set_clock_step(struct server *server, const char *value, const struct fleet *fleet,
                        int service, struct err *err)
{
    int64_t ms = 0;
    (void)fleet;
    (void)service;
    if (knob_parse_span(value, &ms, err) != 0) {
        return -1;
    }
    server->wall_offset_ms += ms;
    return 0;
}

int knob_set_pause(struct server *server, const char *value, const struct fleet *fleet, int service,
                   struct err *err)
{
    int64_t ms = 0;
    (void)service;
    if (knob_parse_span(value, &ms, err) != 0) {
        return -1;
    }
    if (ms < 0 || (fleet != NULL && server_moment(fleet, server).uptime_ms <= ms)) {
        return err_set(err, ERR_USAGE, "", "%s has not been up for so long", server->name);
    }
    server->paused_ms += ms;
    return 0;
}

int knob_set_guid(struct server *server, const char *value, const struct fleet *fleet, int service,
                  struct err *err)
{
    (void)fleet;
    (void)service;
    if (!str_eq(value, "new")) {
        return knob_refuse(value, "new", err);
    }
    server->guid_generation++;
    return 0;
}

int knob_set_autostart_delay(struct server *server, const char *value, const struct fleet *fleet,
                             int service, struct err *err)
{
    int64_t ms = -1000;
    (void)fleet;
    (void)service;
    if (!str_eq(value, "none") && knob_parse_span(value, &ms, err) != 0) {
        return -1;
    }
    if (ms < 0 && !str_eq(value, "none")) {
        return err_set(err, ERR_USAGE, "", "'%s': a delay is not negative", value);
    }
    server->autostart_delay_s = (int32_t)(ms / 1000);
    return 0;
}

int knob_set_servicing(struct server *server, const char *value, const struct fleet *fleet,
                       int service, struct err *err)
{
    (void)fleet;
    (void)service;
    return knob_parse_span(value, &server->servicing_ms, err);
}

int knob_set_latency(struct server *server, const char *value, const struct fleet *fleet,
                     int service, struct err *err)
{
    uint64_t ms = 0;
    (void)fleet;
    (void)service;
    size_t len = strlen(value);
    if (len > 2 && str_eq(value + len - 2, "ms") &&
        str_u64((struct slice){value, len - 2}, 3600000, &ms)) {
        server->latency_ms = (int64_t)ms;
        return 0;
    }
    return knob_parse_span(value, &server->latency_ms, err);
}

int knob_set_misbehave(struct server *server, const char *value, const struct fleet *fleet,
                       int service, struct err *err)
{
    (void)fleet;
    (void)service;
    return misbehave_set(server, value, err);
}

bool knob_parse_address(const char *text, struct server_address *ret)
{
    size_t slash = strcspn(text, "/");
    uint64_t prefix = 24;
    struct ip ip;
    if (!ip_parse((struct slice){text, slash}, &ip) || ip.family != 4 ||
        (text[slash] == '/' && !str_u64(knob_slice(text + slash + 1), 32, &prefix))) {
        return false;
    }
    ret->ip = (uint32_t)ip.bytes[0] << 24 | (uint32_t)ip.bytes[1] << 16 |
              (uint32_t)ip.bytes[2] << 8 | ip.bytes[3];
    ret->prefix = (uint8_t)prefix;
    return true;
}

int knob_set_addresses(struct server *server, const char *value, const struct fleet *fleet,
                       int service, struct err *err)
{
    (void)fleet;
    (void)service;
    struct server_address addresses[FLEET_ADDRESSES];
    uint8_t count = 0;
    for (const char *at = value; *at != '\0';) {
        size_t len = strcspn(at, ",");
        struct slice word = slice_trim((struct slice){at, len});
        char text[FLEET_ADDRESS] = "";
        if (word.len < sizeof(text)) {
            memcpy(text, word.data, word.len);
        }
        if (count == FLEET_ADDRESSES || !knob_parse_address(text, &addresses[count++])) {
            return err_set(err, ERR_USAGE, "", "'%s' is not up to %d addresses such as 10.1.0.5/24",
                           value, FLEET_ADDRESSES);
        }
        at += len + (at[len] == ',' ? 1 : 0);
    }
    memcpy(server->addresses, addresses, sizeof(addresses[0]) * count);
    server->address_count = count;
    return 0;
}

int knob_set_uptime(struct server *server, const char *value, const struct fleet *fleet,
                    int service, struct err *err)
{
    (void)fleet;
    (void)service;
    return knob_parse_span(value, &server->uptime_ms, err);
}

int knob_set_reach(struct server *server, const char *value, const struct fleet *fleet, int service,
                   struct err *err)
{
    static const char *const names[] = {
        [REACH_OPEN] = "open", [REACH_REFUSED] = "refused", [REACH_BLACKHOLE] = "blackhole"};
    (void)fleet;
    (void)service;
    int choice = knob_choose(value, names, 3, "open, refused, blackhole", err);
    if (choice >= 0) {
        server->reach = (uint8_t)choice;
    }
    return choice < 0 ? -1 : 0;
}

#define STRING_KNOB(field)                                                                    \
    int knob_set_##field(struct server *server, const char *value, const struct fleet *fleet, \
                         int service, struct err *err)                                        \
    {                                                                                         \
        (void)fleet;                                                                          \
        (void)service;                                                                        \
        return str_copy(server->field, sizeof(server->field), value)                          \
                   ? 0                                                                        \
                   : err_set(err, ERR_USAGE, "", "'%s' is too long", value);                  \
    }

STRING_KNOB(pvs)
STRING_KNOB(site)
STRING_KNOB(farm)
STRING_KNOB(account)
STRING_KNOB(expect)
