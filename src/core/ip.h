/* ip: an IPv4 or IPv6 address as a value, without scope. */
#ifndef PVSAUDIT_CORE_IP_H
#define PVSAUDIT_CORE_IP_H

#include "core/str.h"

#include <stdbool.h>
#include <stdint.h>

enum { IP_TEXT = 48 };

/* family 4 or 6; 0 is the dual-stack wildcard that Linux shows as "*". Unused bytes are zero, so
 * that two equal addresses are equal bytes. */
struct ip {
    uint8_t family;
    uint8_t bytes[16];
};

/* "10.0.0.5", "fe80::1", "[fe80::1%9]", "*"; brackets and %scope are stripped; an IPv4-mapped IPv6
 * address stays IPv6. false leaves *ret alone. */
bool ip_parse(struct slice text, struct ip *ret);
void ip_text(const struct ip *ip, char to[IP_TEXT]); /* without brackets; "*" for the wildcard */
int ip_compare(const struct ip *a, const struct ip *b);
bool ip_equal(const struct ip *a, const struct ip *b);
bool ip_is_wildcard(const struct ip *ip); /* 0.0.0.0, ::, * */
bool ip_is_loopback(const struct ip *ip); /* 127/8, ::1, ::ffff:127/104 */
bool ip_is_linklocal(const struct ip *ip); /* 169.254/16, fe80::/10 */

#endif
