/* ip: an IPv4 or IPv6 address as a value, without scope. */
#include "core/ip.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

bool ip_parse(struct slice text, struct ip *ret)
{
    char plain[INET6_ADDRSTRLEN];
    struct ip ip = {0};
    if (slice_eq(text, "*")) {
        *ret = ip;
        return true;
    }
    if (text.len >= 2 && text.data[0] == '[' && text.data[text.len - 1] == ']') {
        text.data++;
        text.len -= 2;
    }
    const char *scope = text.len == 0 ? NULL : memchr(text.data, '%', text.len);
    if (scope != NULL) {
        text.len = (size_t)(scope - text.data);
    }
    if (text.len == 0 || text.len >= sizeof(plain) || memchr(text.data, '\0', text.len) != NULL) {
        return false;
    }
    memcpy(plain, text.data, text.len);
    plain[text.len] = '\0';
    if (inet_pton(AF_INET, plain, ip.bytes) == 1) {
        ip.family = 4;
    } else if (inet_pton(AF_INET6, plain, ip.bytes) == 1) {
        ip.family = 6;
    } else {
        return false;
    }
    *ret = ip;
    return true;
}

void ip_text(const struct ip *ip, char to[IP_TEXT])
{
    if (ip->family == 0 ||
        inet_ntop(ip->family == 4 ? AF_INET : AF_INET6, ip->bytes, to, IP_TEXT) == NULL) {
        (void)snprintf(to, IP_TEXT, "*");
    }
}

int ip_compare(const struct ip *a, const struct ip *b)
{
    if (a->family != b->family) {
        return a->family < b->family ? -1 : 1;
    }
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

bool ip_equal(const struct ip *a, const struct ip *b)
{
    return ip_compare(a, b) == 0;
}

bool ip_is_wildcard(const struct ip *ip)
{
    static const uint8_t zero[16];
    return memcmp(ip->bytes, zero, sizeof(zero)) == 0;
}

static bool is_v4_mapped(const struct ip *ip)
{
    static const uint8_t prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return ip->family == 6 && memcmp(ip->bytes, prefix, sizeof(prefix)) == 0;
}

bool ip_is_loopback(const struct ip *ip)
{
    static const uint8_t one[16] = {[15] = 1};
    if (ip->family == 4) {
        return ip->bytes[0] == 127;
    }
    return (ip->family == 6 && memcmp(ip->bytes, one, sizeof(one)) == 0) ||
           (is_v4_mapped(ip) && ip->bytes[12] == 127);
}

bool ip_is_linklocal(const struct ip *ip)
{
    if (ip->family == 4) {
        return ip->bytes[0] == 169 && ip->bytes[1] == 254;
    }
    return ip->family == 6 && ip->bytes[0] == 0xfe && (ip->bytes[1] & 0xc0) == 0x80;
}
