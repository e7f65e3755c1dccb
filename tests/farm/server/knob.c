/* knob: the settings of one server, the same in a scenario file and in `pvsfarm ctl set`. */
#include "farm/server/knob_setters.h"

#include "farm/server/service.h"

#include <stdio.h>
#include <string.h>

struct slice knob_slice(const char *text)
{
    return (struct slice){text, strlen(text)};
}

int knob_refuse(const char *value, const char *wanted, struct err *err)
{
    return err_set(err, ERR_USAGE, "", "'%s' is none of %s", value, wanted);
}

int knob_choose(const char *value, const char *const *names, int count, const char *wanted,
                struct err *err)
{
    for (int i = 0; i < count; i++) {
        if (str_ieq(value, names[i])) {
            return i;
        }
    }
    return knob_refuse(value, wanted, err);
}

/* All that may stand there, for the sentence that says so. */
static int refuse_word(const char *value, const struct knob_word *words, size_t count,
                       struct err *err)
{
    char wanted[512] = "";
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        int n =
            snprintf(wanted + at, sizeof(wanted) - at, "%s%s", i == 0 ? "" : ", ", words[i].name);
        at += n > 0 && (size_t)n < sizeof(wanted) - at ? (size_t)n : 0;
    }
    return knob_refuse(value, wanted, err);
}

int knob_parse_words(const char *value, const struct knob_word *words, size_t count,
                     uint32_t *ret_bits, struct err *err)
{
    uint32_t bits = 0;
    for (const char *at = value; *at != '\0';) {
        size_t len = strcspn(at, ","), i = 0;
        struct slice word = slice_trim((struct slice){at, len});
        while (i < count && !slice_ieq(word, words[i].name)) {
            i++;
        }
        if (i == count) {
            return refuse_word(value, words, count, err);
        }
        bits |= words[i].bits;
        at += len + (at[len] == ',' ? 1 : 0);
    }
    *ret_bits = bits;
    return 0;
}

int knob_parse_bool(const char *value, bool *ret, struct err *err)
{
    static const char *const names[] = {"false", "true", "no", "yes"};
    int choice = knob_choose(value, names, 4, "true, false", err);
    if (choice < 0) {
        return -1;
    }
    *ret = choice % 2 == 1;
    return 0;
}

int knob_parse_span(const char *value, int64_t *ret_ms, struct err *err)
{
    bool negative = *value == '-';
    const char *text = *value == '-' || *value == '+' ? value + 1 : value;
    int64_t ms = 0;
    if (!str_duration_ms(knob_slice(text), &ms)) {
        return err_set(err, ERR_USAGE, "", "'%s' is no duration such as 90, 15m or 2h", value);
    }
    *ret_ms = negative ? -ms : ms;
    return 0;
}

const struct knob knobs[] = {
    {"site", "NAME", "site, a group of the inventory", knob_set_site, false, true},
    {"farm", "NAME", "PVS farm", knob_set_farm, false, true},
    {"account", "NAME", "who the inventory logs in as", knob_set_account, false, true},
    {"expect", "[ID, ...]", "the inventory's pvsaudit_expect", knob_set_expect, false, true},
    {"reach", "open | refused | blackhole", "what a connection meets", knob_set_reach, false, true},
    {"uptime", "DURATION", "time since the boot when the scenario starts", knob_set_uptime, false,
     true},
    {"os", "2008 R2 | 2012 | 2012 R2 | 2016 | 2019 | 2022 | 2025", "Windows Server version",
     knob_set_os, false, false},
    {"build", "BUILD.REVISION", "OS build", knob_set_build, false, false},
    {"pvs", "VERSION", "version of Citrix Provisioning", knob_set_pvs, false, false},
    {"category", "domain | private | public", "category of its network", knob_set_category, false,
     false},
    {"language", "en | de | ja", "language of Windows", knob_set_language, false, false},
    {"shell", "cmd | powershell", "sshd's default shell", knob_set_shell, false, false},
    {"keyboard", "true | false", "ssh: passwords by keyboard-interactive alone", knob_set_keyboard,
     false, false},
    {"rights", "admin | LIST of no-cim, tier-a ...", "what the account may ask", knob_set_rights,
     false, false},
    {"addresses", "[IP/PREFIX, ...]", "IPv4 addresses", knob_set_addresses, false, false},
    {"pxe", "true | false | manual", "a site with PXE, or one that boots from ISO", knob_set_pxe,
     false, false},
    {"wizard", "pxe | elsewhere | bootp | absent", "what the Configuration Wizard wrote",
     knob_set_wizard, false, false},
    {"dhcp", "true | false", "a DHCP server on the box owns 67", knob_set_dhcp, false, false},
    {"startup", "auto | delayed | manual | disabled", "startup type, from the next boot on",
     knob_set_startup, true, false},
    {"installed", "true | false", "the service is there", knob_set_installed, true, false},
    {"state", "running | stopped | starting | as-booted", "service state", knob_set_state, true,
     false},
    {"lost", "true | false", "Running without its ports, now", knob_set_lost, true, false},
    {"bind", "ADDRESS", "where BNPXE binds", knob_set_bind, false, false},
    {"rival", "IMAGE@ADDRESS | ended@ADDRESS | none", "who else holds UDP 67", knob_set_rival,
     false, false},
    {"flapping", "true | false", "BNPXE has another pid at every look", knob_set_flapping, false,
     false},
    {"autostart_delay", "DURATION | none", "AutoStartDelay of the registry",
     knob_set_autostart_delay, false, false},
    {"servicing", "DURATION", "services start so much later after a boot", knob_set_servicing,
     false, false},
    {"latency", "DURATION | Nms", "time before a command's first byte", knob_set_latency, false,
     false},
    {"clock_step", "+DURATION | -DURATION", "moves the server's wall clock", knob_set_clock_step,
     false, false},
    {"pause", "DURATION", "the VM was paused for so long, until now", knob_set_pause, false, false},
    {"guid", "new", "another MachineGuid: the machine was replaced", knob_set_guid, false, false},
    {"transport", "ssh | winrm", "how the server is reached", knob_set_transport, false, true},
    {"scheme", "http | https", "winrm: what the inventory names", knob_set_scheme, false, true},
    {"auth", "ntlm | negotiate | kerberos | basic | certificate",
     "winrm: how the inventory logs in", knob_set_auth, false, true},
    {"offers", "LIST of negotiate, kerberos, basic, certificate, no-ntlm", "winrm: what is taken",
     knob_set_offers, false, false},
    {"unencrypted", "true | false", "winrm: AllowUnencrypted", knob_set_unencrypted, false, false},
    {"cbt", "none | relaxed | strict", "winrm: CbtHardeningLevel", knob_set_cbt, false, false},
    {"spn", "both | HTTP | WSMAN", "winrm: whose tickets are its own", knob_set_spn, false, false},
    {"wire", "LIST of first-one, filled ...", "winrm: forms that differ from the version's",
     knob_set_wire, false, false},
    {"max_operations", "NUMBER", "winrm: MaxConcurrentOperationsPerUser", knob_set_max_operations,
     false, false},
    {"max_shells", "NUMBER", "winrm: MaxShellsPerUser", knob_set_max_shells, false, false},
    {"max_envelope", "NUMBER", "winrm: MaxEnvelopeSizekb", knob_set_max_envelope, false, false},
    {"idle_timeout", "DURATION", "winrm: IdleTimeout of shells", knob_set_idle_timeout, false,
     false},
    {"enumeration_timeout", "DURATION", "winrm: EnumerationTimeoutms", knob_set_enumeration_timeout,
     false, false},
    {"misbehave", "KIND[@WHEN][+KIND@WHEN][:TIMES]", "see the list of misbehaviours",
     knob_set_misbehave, false, false},
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
    server->winrm = (struct winrm_settings){.offers = OFFER_NEGOTIATE | OFFER_KERBEROS | OFFER_NTLM,
                                            .cbt = CBT_RELAXED,
                                            .max_shells = 30,
                                            .enumeration_timeout_ms = 240000,
                                            .idle_timeout_ms = 7200000};
    server->services[SERVICE_PVSTSB].start = START_MANUAL;
    server->services[SERVICE_BNBOOTP].start = START_MANUAL;
    server->services[SERVICE_DHCP_SERVER].removed = true;
    (void)knob_set_os(server, "2019", NULL, 0, NULL);
    server->category = CATEGORY_DOMAIN;
    (void)str_copy(server->pvs, sizeof(server->pvs), "7.41.0.26");
    (void)str_copy(server->site, sizeof(server->site), "main");
    (void)str_copy(server->farm, sizeof(server->farm), "pvslab");
}
