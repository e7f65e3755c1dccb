/* knob_service: settings of the services and of who holds the PXE ports. */
#include "farm/server/knob_setters.h"

#include "core/ip.h"
#include "farm/server/service.h"

#include <string.h>

int knob_set_startup(struct server *server, const char *value, const struct fleet *fleet,
                     int service, struct err *err)
{
    static const char *const names[] = {[START_AUTO] = "auto",
                                        [START_DELAYED] = "delayed",
                                        [START_MANUAL] = "manual",
                                        [START_DISABLED] = "disabled"};
    (void)fleet;
    int choice = knob_choose(value, names, 4, "auto, delayed, manual, disabled", err);
    if (choice >= 0) {
        server->services[service].start = (uint8_t)choice;
    }
    return choice < 0 ? -1 : 0;
}

int knob_set_installed(struct server *server, const char *value, const struct fleet *fleet,
                       int service, struct err *err)
{
    bool installed = false;
    (void)fleet;
    if (knob_parse_bool(value, &installed, err) != 0) {
        return -1;
    }
    server->services[service].removed = !installed;
    return 0;
}

int knob_set_state(struct server *server, const char *value, const struct fleet *fleet, int service,
                   struct err *err)
{
    static const char *const names[] = {[COURSE_BOOT] = "as-booted",
                                        [COURSE_STARTED] = "running",
                                        [COURSE_STOPPED] = "stopped",
                                        [COURSE_HUNG] = "starting"};
    int choice = knob_choose(value, names, 4, "running, stopped, starting, as-booted", err);
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

int knob_set_lost(struct server *server, const char *value, const struct fleet *fleet, int service,
                  struct err *err)
{
    (void)fleet;
    return knob_parse_bool(value, &server->services[service].lost, err);
}

int knob_set_pxe(struct server *server, const char *value, const struct fleet *fleet, int service,
                 struct err *err)
{
    static const char *const names[] = {"true", "false", "manual"};
    static const uint8_t starts[] = {START_AUTO, START_DISABLED, START_MANUAL};
    (void)fleet;
    (void)service;
    int choice = knob_choose(value, names, 3, "true, false, manual", err);
    if (choice < 0) {
        return -1;
    }
    server->wizard = choice == 0 ? WIZARD_PXE : WIZARD_ELSEWHERE;
    server->tftp_used = choice == 0;
    server->services[SERVICE_BNPXE].start = starts[choice];
    server->services[SERVICE_BNTFTP].start = starts[choice];
    return 0;
}

int knob_set_wizard(struct server *server, const char *value, const struct fleet *fleet,
                    int service, struct err *err)
{
    static const char *const names[] = {[WIZARD_PXE] = "pxe",
                                        [WIZARD_ELSEWHERE] = "elsewhere",
                                        [WIZARD_BOOTP] = "bootp",
                                        [WIZARD_ABSENT] = "absent"};
    (void)fleet;
    (void)service;
    int choice = knob_choose(value, names, 4, "pxe, elsewhere, bootp, absent", err);
    if (choice >= 0) {
        server->wizard = (uint8_t)choice;
    }
    return choice < 0 ? -1 : 0;
}

int knob_set_dhcp(struct server *server, const char *value, const struct fleet *fleet, int service,
                  struct err *err)
{
    bool on = false;
    (void)service;
    if (knob_parse_bool(value, &on, err) != 0) {
        return -1;
    }
    struct service_settings *dhcp = &server->services[SERVICE_DHCP_SERVER];
    dhcp->removed = !on;
    dhcp->start = dhcp->boot_start = START_AUTO;
    return on && fleet != NULL && !service_restart(fleet, server, SERVICE_DHCP_SERVER) ? -1 : 0;
}

int knob_set_rival(struct server *server, const char *value, const struct fleet *fleet, int service,
                   struct err *err)
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

int knob_set_bind(struct server *server, const char *value, const struct fleet *fleet, int service,
                  struct err *err)
{
    struct ip ip;
    (void)fleet;
    (void)service;
    if (!ip_parse(knob_slice(value), &ip) || !str_copy(server->bind, sizeof(server->bind), value)) {
        return err_set(err, ERR_USAGE, "", "'%s' is no address", value);
    }
    return 0;
}

int knob_set_flapping(struct server *server, const char *value, const struct fleet *fleet,
                      int service, struct err *err)
{
    (void)fleet;
    (void)service;
    return knob_parse_bool(value, &server->flapping, err);
}

int knob_set_keyboard(struct server *server, const char *value, const struct fleet *fleet,
                      int service, struct err *err)
{
    (void)fleet;
    (void)service;
    return knob_parse_bool(value, &server->keyboard, err);
}
