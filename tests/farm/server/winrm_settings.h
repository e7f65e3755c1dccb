/* winrm_settings: how a server's WinRM service is configured, and in what form it answers. */
#ifndef PVSAUDIT_FARM_SERVER_WINRM_SETTINGS_H
#define PVSAUDIT_FARM_SERVER_WINRM_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

/* What the 401 names. OFFER_NTLM: Negotiate takes NTLM too, as it does unless a policy forbids. */
enum offer {
    OFFER_NEGOTIATE = 1,
    OFFER_KERBEROS = 2,
    OFFER_BASIC = 4,
    OFFER_NTLM = 8,
    OFFER_CERTIFICATE = 16, /* named by no 401: the client's certificate of the TLS handshake */
};

/* CbtHardeningLevel: a channel binding over https is ignored, checked where it is sent, demanded.
 */
enum cbt { CBT_NONE, CBT_RELAXED, CBT_STRICT };

/* Which service class of a ticket is the WinRM service's own. */
enum spn { SPN_BOTH, SPN_HTTP, SPN_WSMAN };

/* How the inventory logs in. */
enum winrm_auth {
    AUTH_NTLM,
    AUTH_NEGOTIATE,
    AUTH_KERBEROS,
    AUTH_BASIC,
    AUTH_CERTIFICATE,
    AUTH_COUNT
};

/* Forms of an answer that differ from those of the server's own Windows version. */
enum wire {
    WIRE_ONE_FIRST = 1 << 0, /* an enumeration begins with one item, then Pulls of about 75 kB */
    WIRE_FILLED = 1 << 1, /* as many items as the envelope holds */
    WIRE_WHOLE = 1 << 2, /* everything at once, whatever was asked */
    WIRE_END_W = 1 << 3, /* w:EndOfSequence everywhere */
    WIRE_END_N = 1 << 4, /* n:EndOfSequence everywhere */
    WIRE_CIM_DATETIME = 1 << 5,
    WIRE_BARE_DATETIME = 1 << 6,
    WIRE_INLINE_DATETIME = 1 << 7,
    WIRE_ZONE_OFFSET = 1 << 8, /* +01:00 in place of Z */
    WIRE_NO_FRACTION = 1 << 9,
    WIRE_SIX_DIGITS = 1 << 10,
    WIRE_UPPER_BOOLEANS = 1 << 11,
    WIRE_PROVIDER_FAULTS = 1 << 12, /* WMI's faults in the form of 2008 R2 */
    WIRE_COMMA_CHALLENGE = 1 << 13, /* one WWW-Authenticate line */
    WIRE_PLAIN_PARTS = 1 << 14, /* no TAB before the headers of a part */
    WIRE_SPACED_BOUNDARY = 1 << 15, /* "-- Encrypted Boundary" */
    WIRE_BARE_END = 1 << 16, /* the last boundary without its closing -- */
    WIRE_EXTRA_CRLF = 1 << 17, /* one more line end after the last boundary */
    WIRE_UTF16 = 1 << 18, /* envelopes in UTF-16 with a byte order mark */
    WIRE_CHUNKED = 1 << 19, /* Transfer-Encoding: chunked */
    WIRE_CLOSING_401 = 1 << 20, /* a 401 without a token closes the connection */
};

struct winrm_settings {
    bool https; /* what the inventory names; both listeners serve */
    bool unencrypted; /* AllowUnencrypted */
    uint8_t offers; /* of enum offer */
    uint8_t auth; /* enum winrm_auth */
    uint8_t cbt; /* enum cbt */
    uint8_t spn; /* enum spn */
    uint32_t wire; /* of enum wire */
    uint32_t max_operations; /* MaxConcurrentOperationsPerUser */
    uint32_t max_shells; /* MaxShellsPerUser */
    uint32_t max_envelope; /* bytes */
    int64_t idle_timeout_ms; /* a shell that nobody uses is closed then, if not earlier */
    int64_t enumeration_timeout_ms; /* an enumeration that nobody pulls from is dropped then */
};

#endif
