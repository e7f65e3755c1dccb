/* knob_setters: the functions behind the settings, and how their values are read. */
#ifndef PVSAUDIT_FARM_SERVER_KNOB_SETTERS_H
#define PVSAUDIT_FARM_SERVER_KNOB_SETTERS_H

#include "core/str.h"
#include "farm/server/knob.h"

struct slice knob_slice(const char *text);
int knob_refuse(const char *value, const char *wanted, struct err *err);
/* The index of value among names, or -1 with a sentence. */
int knob_choose(const char *value, const char *const *names, int count, const char *wanted,
                struct err *err);
int knob_parse_bool(const char *value, bool *ret, struct err *err);
/* "3600", "+3600", "-60", "2h": seconds without a unit. */
int knob_parse_span(const char *value, int64_t *ret_ms, struct err *err);

knob_setter knob_set_startup, knob_set_installed, knob_set_state, knob_set_lost, knob_set_pxe,
    knob_set_wizard, knob_set_dhcp, knob_set_rights, knob_set_os, knob_set_build, knob_set_language,
    knob_set_shell, knob_set_rival, knob_set_bind, knob_set_clock_step, knob_set_pause,
    knob_set_guid, knob_set_flapping, knob_set_autostart_delay, knob_set_servicing,
    knob_set_latency, knob_set_misbehave, knob_set_addresses, knob_set_uptime, knob_set_reach,
    knob_set_site, knob_set_farm, knob_set_account, knob_set_expect;

#endif
