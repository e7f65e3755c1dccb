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
/* "a, b": the bits of every word that is named, or -1 with a sentence. */
struct knob_word {
    const char *name;
    uint32_t bits;
};
int knob_parse_words(const char *value, const struct knob_word *words, size_t count,
                     uint32_t *ret_bits, struct err *err);
int knob_parse_bool(const char *value, bool *ret, struct err *err);
/* "3600", "+3600", "-60", "2h": seconds without a unit. */
int knob_parse_span(const char *value, int64_t *ret_ms, struct err *err);

knob_setter knob_set_startup, knob_set_installed, knob_set_state, knob_set_lost, knob_set_pxe,
    knob_set_wizard, knob_set_dhcp, knob_set_rights, knob_set_os, knob_set_build, knob_set_language,
    knob_set_shell, knob_set_rival, knob_set_bind, knob_set_clock_step, knob_set_pause,
    knob_set_guid, knob_set_flapping, knob_set_keyboard, knob_set_autostart_delay,
    knob_set_servicing, knob_set_latency, knob_set_misbehave, knob_set_addresses, knob_set_uptime,
    knob_set_reach, knob_set_category, knob_set_pvs, knob_set_site, knob_set_farm, knob_set_account,
    knob_set_expect, knob_set_transport, knob_set_scheme, knob_set_auth, knob_set_offers,
    knob_set_unencrypted, knob_set_cbt, knob_set_spn, knob_set_wire, knob_set_max_operations,
    knob_set_max_shells, knob_set_max_envelope, knob_set_enumeration_timeout, knob_set_idle_timeout;

#endif
