/* fake_dns: a name server on 127.0.0.1, on the test's own loop, that the resolver is made to ask.
 *
 * A program that includes this replaces ares_init_options by one that sets its server. */
#ifndef PVSAUDIT_TESTS_UNIT_FAKE_DNS_H
#define PVSAUDIT_TESTS_UNIT_FAKE_DNS_H

#include <ares.h>
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <uv.h>

enum { DNS_MAX = 512, DNS_A = 1, DNS_AAAA = 28, DNS_NO_SUCH_NAME = 3 };

struct fake_dns_name {
    const char *name;
    const char *address; /* an IPv4 address; "": the server never answers */
    unsigned copies; /* of the address, counted up in its last byte */
};

struct fake_dns {
    uv_udp_t udp;
    const struct fake_dns_name *names; /* ends with NULL; all others do not exist */
    void (*asked)(void *data); /* NULL, or called with each question */
    void *data;
    char last[256]; /* the name that was asked for */
};

static uint16_t fake_dns_port;

/* The dynamic linker takes this one before c-ares' own, whose options are const in some versions
 * and not in others: hence a name of its own in C. */
int fake_dns_init_options(ares_channel *channel, struct ares_options *options,
                          int mask) __asm__("ares_init_options");
int fake_dns_init_options(ares_channel *channel, struct ares_options *options, int mask)
{
    int (*real)(ares_channel *, struct ares_options *, int) = NULL;
    char server[32];
    void *symbol = dlsym(RTLD_NEXT, "ares_init_options");
    memcpy(&real, &symbol, sizeof(symbol));
    int code = real(channel, options, mask);
    (void)snprintf(server, sizeof(server), "127.0.0.1:%u", (unsigned)fake_dns_port);
    return code != ARES_SUCCESS ? code : ares_set_servers_ports_csv(*channel, server);
}

/* The question's name as text; the offset of what follows it, 0 where it is cut. */
static size_t fake_dns_question(const unsigned char *bytes, size_t len, char name[256])
{
    size_t at = 12;
    size_t used = 0;
    while (at < len && bytes[at] != 0) {
        size_t label = bytes[at];
        if (at + 1 + label >= len || used + label + 2 > 256) {
            return 0;
        }
        memcpy(name + used, bytes + at + 1, label);
        used += label;
        name[used++] = '.';
        at += label + 1;
    }
    name[used > 0 ? used - 1 : 0] = '\0';
    return at + 5 <= len ? at + 5 : 0;
}

static size_t fake_dns_put_address(unsigned char *to, const char *text, unsigned copy)
{
    static const unsigned char head[] = {0xc0, 12, 0, DNS_A, 0, 1, 0, 0, 0, 60, 0, 4};
    memcpy(to, head, sizeof(head));
    (void)inet_pton(AF_INET, text, to + sizeof(head));
    to[sizeof(head) + 3] = (unsigned char)(to[sizeof(head) + 3] + copy);
    return sizeof(head) + 4;
}

static void fake_dns_answer(struct fake_dns *dns, unsigned char *bytes, size_t len,
                            const struct sockaddr *from)
{
    size_t end = fake_dns_question(bytes, len, dns->last);
    const struct fake_dns_name *found = dns->names;
    if (dns->asked != NULL) {
        dns->asked(dns->data);
    }
    while (found->name != NULL && strcmp(found->name, dns->last) != 0) {
        found++;
    }
    if (end == 0 || (found->name != NULL && *found->address == '\0')) {
        return;
    }
    unsigned copies = found->name != NULL && bytes[end - 3] == DNS_A ? found->copies : 0;
    bytes[2] = 0x81; /* an answer, recursion desired */
    bytes[3] = found->name != NULL ? 0x80 : 0x80 | DNS_NO_SUCH_NAME;
    memset(bytes + 6, 0, 6);
    bytes[7] = (unsigned char)copies;
    for (unsigned i = 0; i < copies; i++) {
        end += fake_dns_put_address(bytes + end, found->address, i);
    }
    uv_buf_t answer = uv_buf_init((char *)bytes, (unsigned)end);
    (void)uv_udp_try_send(&dns->udp, &answer, 1, from);
}

static void fake_dns_block(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
    static char block[DNS_MAX];
    (void)handle;
    (void)suggested;
    *ret = uv_buf_init(block, sizeof(block));
}

static void fake_dns_read(uv_udp_t *udp, ssize_t n, const uv_buf_t *block,
                          const struct sockaddr *from, unsigned flags)
{
    (void)flags;
    if (n >= 17 && from != NULL) {
        fake_dns_answer(udp->data, (unsigned char *)block->base, (size_t)n, from);
    }
}

/* Before resolver_open; the handle keeps no loop alive. */
static int fake_dns_open(struct fake_dns *dns, uv_loop_t *loop, const struct fake_dns_name *names)
{
    struct sockaddr_in address;
    int size = sizeof(address);
    *dns = (struct fake_dns){.names = names};
    (void)uv_ip4_addr("127.0.0.1", 0, &address);
    (void)uv_udp_init(loop, &dns->udp);
    dns->udp.data = dns;
    (void)uv_udp_bind(&dns->udp, (const struct sockaddr *)&address, 0);
    (void)uv_udp_getsockname(&dns->udp, (struct sockaddr *)&address, &size);
    fake_dns_port = ntohs(address.sin_port);
    uv_unref((uv_handle_t *)&dns->udp);
    return uv_udp_recv_start(&dns->udp, fake_dns_block, fake_dns_read);
}

static void fake_dns_close(struct fake_dns *dns)
{
    uv_close((uv_handle_t *)&dns->udp, NULL);
}

#endif
