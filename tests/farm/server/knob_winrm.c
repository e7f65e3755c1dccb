/* knob_winrm: settings of the WinRM service. */
#include "farm/server/knob_setters.h"

enum { OPERATIONS_MOST = 100000, ENVELOPE_MOST_KB = 2000 };

int knob_set_transport(struct server *server, const char *value, const struct fleet *fleet,
                       int service, struct err *err)
{
    static const char *const names[] = {[TRANSPORT_SSH] = "ssh", [TRANSPORT_WINRM] = "winrm"};
    (void)fleet;
    (void)service;
    int choice = knob_choose(value, names, 2, "ssh, winrm", err);
    if (choice >= 0) {
        server->transport = (uint8_t)choice;
    }
    return choice < 0 ? -1 : 0;
}

int knob_set_scheme(struct server *server, const char *value, const struct fleet *fleet,
                    int service, struct err *err)
{
    static const char *const names[] = {"http", "https"};
    (void)fleet;
    (void)service;
    int choice = knob_choose(value, names, 2, "http, https", err);
    server->winrm.https = choice == 1;
    return choice < 0 ? -1 : 0;
}

int knob_set_auth(struct server *server, const char *value, const struct fleet *fleet, int service,
                  struct err *err)
{
    static const char *const names[AUTH_COUNT] = {[AUTH_NTLM] = "ntlm",
                                                  [AUTH_NEGOTIATE] = "negotiate",
                                                  [AUTH_KERBEROS] = "kerberos",
                                                  [AUTH_BASIC] = "basic",
                                                  [AUTH_CERTIFICATE] = "certificate"};
    (void)fleet;
    (void)service;
    int choice =
        knob_choose(value, names, AUTH_COUNT, "ntlm, negotiate, kerberos, basic, certificate", err);
    if (choice >= 0) {
        server->winrm.auth = (uint8_t)choice;
    }
    return choice < 0 ? -1 : 0;
}

int knob_set_offers(struct server *server, const char *value, const struct fleet *fleet,
                    int service, struct err *err)
{
    static const struct knob_word words[] = {{"negotiate", OFFER_NEGOTIATE},
                                             {"kerberos", OFFER_KERBEROS},
                                             {"basic", OFFER_BASIC},
                                             {"certificate", OFFER_CERTIFICATE},
                                             {"no-ntlm", OFFER_NTLM}};
    uint32_t bits = 0;
    (void)fleet;
    (void)service;
    if (knob_parse_words(value, words, sizeof(words) / sizeof(words[0]), &bits, err) != 0) {
        return -1;
    }
    server->winrm.offers = (uint8_t)(bits ^ OFFER_NTLM);
    return 0;
}

int knob_set_unencrypted(struct server *server, const char *value, const struct fleet *fleet,
                         int service, struct err *err)
{
    (void)fleet;
    (void)service;
    return knob_parse_bool(value, &server->winrm.unencrypted, err);
}

int knob_set_cbt(struct server *server, const char *value, const struct fleet *fleet, int service,
                 struct err *err)
{
    static const char *const names[] = {
        [CBT_NONE] = "none", [CBT_RELAXED] = "relaxed", [CBT_STRICT] = "strict"};
    (void)fleet;
    (void)service;
    int choice = knob_choose(value, names, 3, "none, relaxed, strict", err);
    if (choice >= 0) {
        server->winrm.cbt = (uint8_t)choice;
    }
    return choice < 0 ? -1 : 0;
}

int knob_set_spn(struct server *server, const char *value, const struct fleet *fleet, int service,
                 struct err *err)
{
    static const char *const names[] = {
        [SPN_BOTH] = "both", [SPN_HTTP] = "HTTP", [SPN_WSMAN] = "WSMAN"};
    (void)fleet;
    (void)service;
    int choice = knob_choose(value, names, 3, "both, HTTP, WSMAN", err);
    if (choice >= 0) {
        server->winrm.spn = (uint8_t)choice;
    }
    return choice < 0 ? -1 : 0;
}

int knob_set_wire(struct server *server, const char *value, const struct fleet *fleet, int service,
                  struct err *err)
{
    static const struct knob_word words[] = {{"as-windows", 0},
                                             {"one-first", WIRE_ONE_FIRST},
                                             {"filled", WIRE_FILLED},
                                             {"whole", WIRE_WHOLE},
                                             {"end-w", WIRE_END_W},
                                             {"end-n", WIRE_END_N},
                                             {"cim-datetime", WIRE_CIM_DATETIME},
                                             {"bare-datetime", WIRE_BARE_DATETIME},
                                             {"inline-datetime", WIRE_INLINE_DATETIME},
                                             {"zone-offset", WIRE_ZONE_OFFSET},
                                             {"no-fraction", WIRE_NO_FRACTION},
                                             {"six-digits", WIRE_SIX_DIGITS},
                                             {"upper-booleans", WIRE_UPPER_BOOLEANS},
                                             {"provider-faults", WIRE_PROVIDER_FAULTS},
                                             {"comma-challenge", WIRE_COMMA_CHALLENGE},
                                             {"plain-parts", WIRE_PLAIN_PARTS},
                                             {"spaced-boundary", WIRE_SPACED_BOUNDARY},
                                             {"bare-end", WIRE_BARE_END},
                                             {"extra-crlf", WIRE_EXTRA_CRLF},
                                             {"utf-16", WIRE_UTF16},
                                             {"chunked", WIRE_CHUNKED},
                                             {"closing-401", WIRE_CLOSING_401}};
    (void)fleet;
    (void)service;
    return knob_parse_words(value, words, sizeof(words) / sizeof(words[0]), &server->winrm.wire,
                            err);
}

static int parse_count(const char *value, uint32_t most, uint32_t *ret, struct err *err)
{
    uint64_t number = 0;
    if (!str_u64(knob_slice(value), most, &number)) {
        return err_set(err, ERR_USAGE, "", "'%s' is no number up to %u", value, most);
    }
    *ret = (uint32_t)number;
    return 0;
}

int knob_set_max_operations(struct server *server, const char *value, const struct fleet *fleet,
                            int service, struct err *err)
{
    (void)fleet;
    (void)service;
    return parse_count(value, OPERATIONS_MOST, &server->winrm.max_operations, err);
}

int knob_set_max_shells(struct server *server, const char *value, const struct fleet *fleet,
                        int service, struct err *err)
{
    (void)fleet;
    (void)service;
    return parse_count(value, OPERATIONS_MOST, &server->winrm.max_shells, err);
}

int knob_set_max_envelope(struct server *server, const char *value, const struct fleet *fleet,
                          int service, struct err *err)
{
    uint32_t kb = 0;
    (void)fleet;
    (void)service;
    if (parse_count(value, ENVELOPE_MOST_KB, &kb, err) != 0) {
        return -1;
    }
    server->winrm.max_envelope = kb << 10;
    return 0;
}

int knob_set_enumeration_timeout(struct server *server, const char *value,
                                 const struct fleet *fleet, int service, struct err *err)
{
    (void)fleet;
    (void)service;
    return knob_parse_span(value, &server->winrm.enumeration_timeout_ms, err);
}

int knob_set_idle_timeout(struct server *server, const char *value, const struct fleet *fleet,
                          int service, struct err *err)
{
    (void)fleet;
    (void)service;
    return knob_parse_span(value, &server->winrm.idle_timeout_ms, err);
}
