/* knob: the settings of one server, the same in a scenario file and in `pvsfarm ctl set`. */
#include "farm/knob.h"

#include "core/ip.h"
#include "core/str.h"
#include "farm/misbehave.h"
#include "farm/service.h"

#include <string.h>

static struct slice slice_of(const char *text)
{
    return (struct slice){text, strlen(text)};
}

static int no_such_value(const char *value, const char *wanted, struct err *err)
{
    return err_set(err, ERR_USAGE, "", "'%s' is none of %s", value, wanted);
}

/* The index of value among names, or -1 with a sentence. */
static int choose(const char *value, const char *const *names, int count, const char *wanted,
                  struct err *err)
{
    for (int i = 0; i < count; i++) {
        if (str_ieq(value, names[i])) {
            return i;
        }
    }
    return no_such_value(value, wanted, err);
}

static int parse_bool(const char *value, bool *ret, struct err *err)
{
    static const char *const names[] = {"false", "true", "no", "yes"};
    int choice = choose(value, names, 4, "true, false", err);
    if (choice < 0) {
        return -1;
    }
    *ret = choice % 2 == 1;
    return 0;
}

/* "3600", "+3600", "-60", "2h": seconds without a unit. */
static int parse_span(const char *value, int64_t *ret_ms, struct err *err)
{
    bool negative = *value == '-';
    const char *text = *value == '-' || *value == '+' ? value + 1 : value;
    int64_t ms = 0;
    if (!str_duration_ms(slice_of(text), &ms)) {
        return err_set(err, ERR_USAGE, "", "'%s' is no duration such as 90, 15m or 2h", value);
    }
    *ret_ms = negative ? -ms : ms;
    return 0;
}

static int set_startup(struct server *server, const char *value, const struct fleet *fleet,
                       int service, struct err *err)
{
    static const char *const names[] = {[START_AUTO] = "auto",
                                        [START_DELAYED] = "delayed",
                                        [START_MANUAL] = "manual",
                                        [START_DISABLED] = "disabled"};
    (void)fleet;
    int choice = choose(value, names, 4, "auto, delayed, manual, disabled", err);
    if (choice >= 0) {
        server->services[service].start = (uint8_t)choice;
    }
    return choice < 0 ? -1 : 0;
}

static int set_installed(struct server *server, const char *value, const struct fleet *fleet,
                         int service, struct err *err)
{
    bool installed = false;
    (void)fleet;
    if (parse_bool(value, &installed, err) != 0) {
        return -1;
    }
    server->services[service].removed = !installed;
    return 0;
}

static int set_state(struct server *server, const char *value, const struct fleet *fleet,
                     int service, struct err *err)
{
    static const char *const names[] = {[COURSE_BOOT] = "as-booted",
                                        [COURSE_STARTED] = "running",
                                        [COURSE_STOPPED] = "stopped",
                                        [COURSE_HUNG] = "starting"};
    int choice = choose(value, names, 4, "running, stopped, starting, as-booted", err);
    if (choice < 0) {
        return -1;
    }
    if (fleet != NULL && (choice == COURSE_STARTED || choice == COURSE_HUNG) &&
        !service_restart(fleet, server, service)) {
        return err_set(err, ERR_USAGE, "", "%s is disabled or not installed on %s",
                       service_rows[service].name, server->name);
    }
    server->services[service].course = (uint8_t)choice;
    return 0;
}

static int set_lost(struct server *server, const char *value, const struct fleet *fleet,
                    int service, struct err *err)
{
    (void)fleet;
    return parse_bool(value, &server->services[service].lost, err);
}

static int set_pxe(struct server *server, const char *value, const struct fleet *fleet, int service,
                   struct err *err)
{
    static const char *const names[] = {"true", "false", "manual"};
    static const uint8_t starts[] = {START_AUTO, START_DISABLED, START_MANUAL};
    (void)fleet;
    (void)service;
    int choice = choose(value, names, 3, "true, false, manual", err);
    if (choice < 0) {
        return -1;
    }
    server->wizard = choice == 0 ? WIZARD_PXE : WIZARD_ELSEWHERE;
    server->tftp_used = choice == 0;
    server->services[SERVICE_BNPXE].start = starts[choice];
    server->services[SERVICE_BNTFTP].start = starts[choice];
    return 0;
}

static int set_wizard(struct server *server, const char *value, const struct fleet *fleet,
                      int service, struct err *err)
{
    static const char *const names[] = {[WIZARD_PXE] = "pxe",
                                        [WIZARD_ELSEWHERE] = "elsewhere",
                                        [WIZARD_BOOTP] = "bootp",
                                        [WIZARD_ABSENT] = "absent"};
    (void)fleet;
    (void)service;
    int choice = choose(value, names, 4, "pxe, elsewhere, bootp, absent", err);
    if (choice >= 0) {
        server->wizard = (uint8_t)choice;
    }
    return choice < 0 ? -1 : 0;
}

static int set_dhcp(struct server *server, const char *value, const struct fleet *fleet,
                    int service, struct err *err)
{
    bool on = false;
    (void)service;
    if (parse_bool(value, &on, err) != 0) {
        return -1;
    }
    struct service_settings *dhcp = &server->services[SERVICE_DHCP_SERVER];
    dhcp->removed = !on;
    dhcp->start = dhcp->boot_start = START_AUTO;
    return on && fleet != NULL && !service_restart(fleet, server, SERVICE_DHCP_SERVER) ? -1 : 0;
}

static int set_rights(struct server *server, const char *value, const struct fleet *fleet,
                      int service, struct err *err)
{
    static const struct {
        const char *name;
        uint8_t taken;
    } names[] = {{"admin", 0},
                 {"no-cim", RIGHT_CIM},
                 {"no-sc", RIGHT_SC},
                 {"no-reg", RIGHT_REG},
                 {"no-eventlog", RIGHT_EVENTLOG}};
    (void)fleet;
    (void)service;
    uint8_t rights = RIGHT_ALL;
    for (const char *at = value; *at != '\0';) {
        size_t len = strcspn(at, ","), i = 0;
        struct slice word = slice_trim((struct slice){at, len});
        while (i < 5 && !slice_ieq(word, names[i].name)) {
            i++;
        }
        if (i == 5) {
            return no_such_value(value, "admin, no-cim, no-sc, no-reg, no-eventlog", err);
        }
        rights &= (uint8_t)~names[i].taken;
        at += len + (at[len] == ',' ? 1 : 0);
    }
    server->rights = rights;
    return 0;
}

static int set_os(struct server *server, const char *value, const struct fleet *fleet, int service,
                  struct err *err)
{
    static const char *const names[] = {[OS_2012R2] = "2012 R2",
                                        [OS_2016] = "2016",
                                        [OS_2019] = "2019",
                                        [OS_2022] = "2022",
                                        [OS_2025] = "2025"};
    static const uint32_t builds[][2] = {
        {9600, 21620}, {14393, 6796}, {17763, 5576}, {20348, 2340}, {26100, 1742}};
    (void)fleet;
    (void)service;
    int choice = choose(value, names, 5, "2012 R2, 2016, 2019, 2022, 2025", err);
    if (choice < 0) {
        return -1;
    }
    server->os = (uint8_t)choice;
    server->build = builds[choice][0];
    server->revision = builds[choice][1];
    return 0;
}

static int set_build(struct server *server, const char *value, const struct fleet *fleet,
                     int service, struct err *err)
{
    (void)fleet;
    (void)service;
    uint64_t build = 0, revision = 0;
    size_t dot = strcspn(value, ".");
    if (value[dot] != '.' || !str_u64((struct slice){value, dot}, 999999, &build) ||
        !str_u64(slice_of(value + dot + 1), 999999, &revision)) {
        return err_set(err, ERR_USAGE, "", "'%s' is no build such as 17763.5576", value);
    }
    server->build = (uint32_t)build;
    server->revision = (uint32_t)revision;
    return 0;
}

static int set_language(struct server *server, const char *value, const struct fleet *fleet,
                        int service, struct err *err)
{
    static const char *const names[] = {"en", "de", "ja"};
    (void)fleet;
    (void)service;
    int choice = choose(value, names, 3, "en, de, ja", err);
    if (choice >= 0) {
        server->language = (uint8_t)choice;
    }
    return choice < 0 ? -1 : 0;
}

static int set_shell(struct server *server, const char *value, const struct fleet *fleet,
                     int service, struct err *err)
{
    static const char *const names[] = {"cmd", "powershell"};
    (void)fleet;
    (void)service;
    int choice = choose(value, names, 2, "cmd, powershell", err);
    if (choice >= 0) {
        server->shell = (uint8_t)choice;
    }
    return choice < 0 ? -1 : 0;
}

/* "svchost.exe@0.0.0.0", "ended@0.0.0.0", "svchost.exe@172.26.240.1 shared", "none". */
static int set_rival(struct server *server, const char *value, const struct fleet *fleet,
                     int service, struct err *err)
{
    (void)fleet;
    (void)service;
    if (str_eq(value, "none")) {
        server->rival[0] = '\0';
        return 0;
    }
    size_t at = strcspn(value, "@");
    size_t len = value[at] == '@' ? strcspn(value + at + 1, " ") : 0;
    struct slice address = {value + at + 1, len};
    const char *rest = value + at + (len > 0 ? 1 + len : 0);
    struct ip ip;
    if (len == 0 || at == 0 || at >= sizeof(server->rival) || len >= FLEET_ADDRESS ||
        !ip_parse(address, &ip) || (*rest != '\0' && !str_eq(rest, " shared"))) {
        return err_set(err, ERR_USAGE, "",
                       "'%s' is not IMAGE@ADDRESS, ended@ADDRESS (and ' shared') or none", value);
    }
    memcpy(server->rival, value, at);
    server->rival[at] = '\0';
    memcpy(server->rival_address, address.data, len);
    server->rival_address[len] = '\0';
    server->rival_ended = str_eq(server->rival, "ended");
    server->rival_shares = *rest != '\0';
    return 0;
}

static int set_bind(struct server *server, const char *value, const struct fleet *fleet,
                    int service, struct err *err)
{
    struct ip ip;
    (void)fleet;
    (void)service;
    if (!ip_parse(slice_of(value), &ip) || !str_copy(server->bind, sizeof(server->bind), value)) {
        return err_set(err, ERR_USAGE, "", "'%s' is no address", value);
    }
    return 0;
}

static int set_clock_step(struct server *server, const char *value, const struct fleet *fleet,
                          int service, struct err *err)
{
    int64_t ms = 0;
    (void)fleet;
    (void)service;
    if (parse_span(value, &ms, err) != 0) {
        return -1;
    }
    server->wall_offset_ms += ms;
    return 0;
}

static int set_pause(struct server *server, const char *value, const struct fleet *fleet,
                     int service, struct err *err)
{
    int64_t ms = 0;
    (void)service;
    if (parse_span(value, &ms, err) != 0) {
        return -1;
    }
    if (ms < 0 || (fleet != NULL && server_moment(fleet, server).uptime_ms <= ms)) {
        return err_set(err, ERR_USAGE, "", "%s has not been up for so long", server->name);
    }
    server->paused_ms += ms;
    return 0;
}

static int set_guid(struct server *server, const char *value, const struct fleet *fleet,
                    int service, struct err *err)
{
    (void)fleet;
    (void)service;
    if (!str_eq(value, "new")) {
        return no_such_value(value, "new", err);
    }
    server->guid_generation++;
    return 0;
}

static int set_flapping(struct server *server, const char *value, const struct fleet *fleet,
                        int service, struct err *err)
{
    (void)fleet;
    (void)service;
    return parse_bool(value, &server->flapping, err);
}

static int set_autostart_delay(struct server *server, const char *value, const struct fleet *fleet,
                               int service, struct err *err)
{
    int64_t ms = -1000;
    (void)fleet;
    (void)service;
    if (!str_eq(value, "none") && parse_span(value, &ms, err) != 0) {
        return -1;
    }
    if (ms < 0 && !str_eq(value, "none")) {
        return err_set(err, ERR_USAGE, "", "'%s': a delay is not negative", value);
    }
    server->autostart_delay_s = (int32_t)(ms / 1000);
    return 0;
}

static int set_servicing(struct server *server, const char *value, const struct fleet *fleet,
                         int service, struct err *err)
{
    (void)fleet;
    (void)service;
    return parse_span(value, &server->servicing_ms, err);
}

static int set_latency(struct server *server, const char *value, const struct fleet *fleet,
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
    return parse_span(value, &server->latency_ms, err);
}

static int set_misbehave(struct server *server, const char *value, const struct fleet *fleet,
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
        (text[slash] == '/' && !str_u64(slice_of(text + slash + 1), 32, &prefix))) {
        return false;
    }
    ret->ip = (uint32_t)ip.bytes[0] << 24 | (uint32_t)ip.bytes[1] << 16 |
              (uint32_t)ip.bytes[2] << 8 | ip.bytes[3];
    ret->prefix = (uint8_t)prefix;
    return true;
}

static int set_addresses(struct server *server, const char *value, const struct fleet *fleet,
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

static int set_uptime(struct server *server, const char *value, const struct fleet *fleet,
                      int service, struct err *err)
{
    (void)fleet;
    (void)service;
    return parse_span(value, &server->uptime_ms, err);
}

static int set_reach(struct server *server, const char *value, const struct fleet *fleet,
                     int service, struct err *err)
{
    static const char *const names[] = {
        [REACH_OPEN] = "open", [REACH_REFUSED] = "refused", [REACH_BLACKHOLE] = "blackhole"};
    (void)fleet;
    (void)service;
    int choice = choose(value, names, 3, "open, refused, blackhole", err);
    if (choice >= 0) {
        server->reach = (uint8_t)choice;
    }
    return choice < 0 ? -1 : 0;
}

#define STRING_KNOB(field)                                                                      \
    static int set_##field(struct server *server, const char *value, const struct fleet *fleet, \
                           int service, struct err *err)                                        \
    {                                                                                           \
        (void)fleet;                                                                            \
        (void)service;                                                                          \
        return str_copy(server->field, sizeof(server->field), value)                            \
                   ? 0                                                                          \
                   : err_set(err, ERR_USAGE, "", "'%s' is too long", value);                    \
    }

STRING_KNOB(site)
STRING_KNOB(farm)
STRING_KNOB(account)
STRING_KNOB(expect)

const struct knob knobs[] = {
    {"site", "NAME", "site, a group of the inventory", set_site, false, true},
    {"farm", "NAME", "PVS farm", set_farm, false, true},
    {"account", "NAME", "who the inventory logs in as", set_account, false, true},
    {"expect", "[ID, ...]", "the inventory's pvsaudit_expect", set_expect, false, true},
    {"reach", "open | refused | blackhole", "what a connection meets", set_reach, false, true},
    {"uptime", "DURATION", "time since the boot when the scenario starts", set_uptime, false, true},
    {"os", "2012 R2 | 2016 | 2019 | 2022 | 2025", "Windows Server version", set_os, false, false},
    {"build", "BUILD.REVISION", "OS build", set_build, false, false},
    {"language", "en | de | ja", "language of Windows", set_language, false, false},
    {"shell", "cmd | powershell", "sshd's default shell", set_shell, false, false},
    {"rights", "admin | no-cim,no-sc,no-reg,no-eventlog", "what the account may ask", set_rights,
     false, false},
    {"addresses", "[IP/PREFIX, ...]", "IPv4 addresses", set_addresses, false, false},
    {"pxe", "true | false | manual", "a site with PXE, or one that boots from ISO", set_pxe, false,
     false},
    {"wizard", "pxe | elsewhere | bootp | absent", "what the Configuration Wizard wrote",
     set_wizard, false, false},
    {"dhcp", "true | false", "a DHCP server on the box owns 67", set_dhcp, false, false},
    {"startup", "auto | delayed | manual | disabled", "startup type, from the next boot on",
     set_startup, true, false},
    {"installed", "true | false", "the service is there", set_installed, true, false},
    {"state", "running | stopped | starting | as-booted", "service state", set_state, true, false},
    {"lost", "true | false", "Running without its ports, now", set_lost, true, false},
    {"bind", "ADDRESS", "where BNPXE binds", set_bind, false, false},
    {"rival", "IMAGE@ADDRESS | ended@ADDRESS | none", "who else holds UDP 67", set_rival, false,
     false},
    {"flapping", "true | false", "BNPXE has another pid at every look", set_flapping, false, false},
    {"autostart_delay", "DURATION | none", "AutoStartDelay of the registry", set_autostart_delay,
     false, false},
    {"servicing", "DURATION", "services start so much later after a boot", set_servicing, false,
     false},
    {"latency", "DURATION | Nms", "time before a command's first byte", set_latency, false, false},
    {"clock_step", "+DURATION | -DURATION", "moves the server's wall clock", set_clock_step, false,
     false},
    {"pause", "DURATION", "the VM was paused for so long, until now", set_pause, false, false},
    {"guid", "new", "another MachineGuid: the machine was replaced", set_guid, false, false},
    {"misbehave", "KIND | KIND:TIMES", "see the list of misbehaviours", set_misbehave, false,
     false},
};

const size_t knob_count = sizeof(knobs) / sizeof(knobs[0]);

/* The row of "startup.BNTFTP" and its service; NULL where there is none. */
static const struct knob *knob_find(const char *name, int *ret_service)
{
    size_t len = strcspn(name, ".");
    for (size_t i = 0; i < knob_count; i++) {
        if (!slice_eq((struct slice){name, len}, knobs[i].name)) {
            continue;
        }
        *ret_service = name[len] == '.' ? service_find(name + len + 1) : SERVICE_BNPXE;
        bool fits = name[len] == '\0' ||
                    (knobs[i].per_service && *ret_service >= 0 && *ret_service < SERVICE_SETTABLE);
        return fits ? &knobs[i] : NULL;
    }
    return NULL;
}

bool knob_known(const char *name)
{
    int service = 0;
    return knob_find(name, &service) != NULL;
}

int knob_set(struct server *server, const char *name, const char *value, const struct fleet *fleet,
             struct err *err)
{
    int service = 0;
    const struct knob *knob = knob_find(name, &service);
    if (knob == NULL) {
        return err_set(err, ERR_USAGE, "", "no setting is called '%s'", name);
    }
    if (knob->scenario_only && fleet != NULL) {
        return err_set(err, ERR_USAGE, "", "'%s' can only stand in a scenario", name);
    }
    return knob->set(server, value, fleet, service, err);
}

void knob_defaults(struct server *server)
{
    *server = (struct server){.rights = RIGHT_ALL,
                              .autostart_delay_s = -1,
                              .tftp_used = true,
                              .uptime_ms = INT64_C(5) * 24 * 3600 * 1000};
    server->services[SERVICE_PVSTSB].start = START_MANUAL;
    server->services[SERVICE_BNBOOTP].start = START_MANUAL;
    server->services[SERVICE_DHCP_SERVER].removed = true;
    (void)set_os(server, "2019", NULL, 0, NULL);
    (void)str_copy(server->site, sizeof(server->site), "main");
    (void)str_copy(server->farm, sizeof(server->farm), "pvslab");
}
