/* test_resolve: literals, /etc/hosts and DNS, answered once, from the loop, and closed cleanly. */
#include "collector/resolve.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "unit/fake_dns.h"

static const struct fake_dns_name names[] = {
    {"pvs01.example", "127.0.0.9", 1},
    {"many.example", "127.0.0.10", 20},
    {"xn--bcher-kva.example", "127.0.0.11", 1},
    {"silent.example", "", 0},
    {"nothing.example", "127.0.0.12", 0}, /* exists and has no address */
    {NULL, NULL, 0},
};

struct lookup {
    uv_loop_t loop;
    struct fake_dns dns;
    struct resolver *resolver;
    struct resolver_query *query;
    unsigned answers;
    size_t count;
    int code;
    struct sockaddr_storage addresses[RESOLVE_MAX];
    char detail[512];
};

static void lookup_open(struct lookup *lookup, int64_t timeout_ms)
{
    struct err err = {0};
    *lookup = (struct lookup){.answers = 0};
    assert_int_equal(uv_loop_init(&lookup->loop), 0);
    assert_int_equal(fake_dns_open(&lookup->dns, &lookup->loop, names), 0);
    if (resolver_open(&lookup->loop, timeout_ms, &lookup->resolver, &err) != 0) {
        fail_msg("%s", err.text);
    }
}

static void lookup_close(struct lookup *lookup)
{
    resolver_close(lookup->resolver);
    fake_dns_close(&lookup->dns);
    (void)uv_run(&lookup->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&lookup->loop), 0);
}

static void answered(void *data, const struct resolver_answer *answer)
{
    struct lookup *lookup = data;
    lookup->answers++;
    lookup->query = NULL;
    lookup->count = answer->count;
    lookup->code = answer->code;
    assert_true(answer->count <= RESOLVE_MAX);
    memcpy(lookup->addresses, answer->addresses, answer->count * sizeof(answer->addresses[0]));
    (void)snprintf(lookup->detail, sizeof(lookup->detail), "%s", answer->detail);
}

static void lookup_start(struct lookup *lookup, const char *name, uint16_t port)
{
    struct err err = {0};
    lookup->answers = 0;
    lookup->query = NULL;
    if (resolver_start(lookup->resolver, name, port, answered, lookup, &lookup->query, &err) != 0) {
        fail_msg("%s", err.text);
    }
    assert_int_equal(lookup->answers, 0);
    assert_non_null(lookup->query);
}

static void lookup_run(struct lookup *lookup, const char *name, uint16_t port)
{
    lookup_start(lookup, name, port);
    while (lookup->answers == 0) {
        (void)uv_run(&lookup->loop, UV_RUN_ONCE);
    }
    (void)uv_run(&lookup->loop, UV_RUN_NOWAIT);
    assert_int_equal(lookup->answers, 1);
}

static void assert_found(struct lookup *lookup, const char *name, const char *wanted)
{
    char text[INET6_ADDRSTRLEN] = "";
    lookup_run(lookup, name, 2222);
    if (lookup->count == 0) {
        fail_msg("%s: %s", name, lookup->detail);
    }
    const struct sockaddr_in *four = (const struct sockaddr_in *)&lookup->addresses[0];
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&lookup->addresses[0];
    if (four->sin_family == AF_INET) {
        (void)uv_ip4_name(four, text, sizeof(text));
    } else {
        (void)uv_ip6_name(six, text, sizeof(text));
    }
    assert_string_equal(text, wanted);
    assert_int_equal(ntohs(four->sin_family == AF_INET ? four->sin_port : six->sin6_port), 2222);
}

static void assert_not_found(struct lookup *lookup, const char *name, const char *words)
{
    lookup_run(lookup, name, 22);
    assert_int_equal(lookup->count, 0);
    assert_int_not_equal(lookup->code, ARES_SUCCESS);
    if (strstr(lookup->detail, words) == NULL) {
        fail_msg("%s: %s", name, lookup->detail);
    }
}

static void literals_are_answered_without_a_question(void **state)
{
    (void)state;
    struct lookup lookup;
    lookup_open(&lookup, 200);
    assert_found(&lookup, "127.0.0.1", "127.0.0.1");
    assert_int_equal(lookup.count, 1);
    assert_found(&lookup, "::1", "::1");
    assert_found(&lookup, "2001:DB8::7", "2001:db8::7");
    assert_int_equal(lookup.count, 1);
    assert_string_equal(lookup.dns.last, "");
    lookup_close(&lookup);
}

static void scope_is_an_interface_by_name_or_number(void **state)
{
    (void)state;
    static const char *const texts[] = {"fe80::1%lo", "fe80::1%1"};
    struct lookup lookup;
    lookup_open(&lookup, 200);
    for (size_t i = 0; i < 2; i++) {
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&lookup.addresses[0];
        assert_found(&lookup, texts[i], "fe80::1");
        assert_int_equal(six->sin6_scope_id, 1); /* lo is the first everywhere */
    }
    assert_not_found(&lookup, "fe80::1%nosuch0", "nosuch0");
    assert_not_found(&lookup, "fe80::1%", "interface");
    assert_not_found(&lookup, "fe80::1%0", "interface");
    assert_not_found(&lookup, "fe80::1%4294967297", "interface");
    assert_string_equal(lookup.dns.last, "");
    lookup_close(&lookup);
}

static bool hosts_file_names_localhost(void)
{
    char line[512];
    bool named = false;
    FILE *file = fopen("/etc/hosts", "r");
    while (file != NULL && !named && fgets(line, sizeof(line), file) != NULL) {
        named = line[0] != '#' && strstr(line, "localhost") != NULL;
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return named;
}

static void localhost_comes_from_the_hosts_file(void **state)
{
    if (!hosts_file_names_localhost()) {
        print_message("skipped: this system's /etc/hosts does not name localhost\n");
        skip();
    }
    (void)state;
    struct lookup lookup;
    lookup_open(&lookup, 200);
    lookup_run(&lookup, "localhost", 22);
    assert_true(lookup.count >= 1);
    for (size_t i = 0; i < lookup.count; i++) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)&lookup.addresses[i];
        assert_true(four->sin_family == AF_INET6 || ntohl(four->sin_addr.s_addr) >> 24 == 127);
    }
    assert_string_equal(lookup.dns.last, "");
    lookup_close(&lookup);
}

static void name_is_asked_of_the_name_server(void **state)
{
    (void)state;
    struct lookup lookup;
    lookup_open(&lookup, 2000);
    assert_found(&lookup, "pvs01.example", "127.0.0.9");
    assert_int_equal(lookup.count, 1);
    assert_found(&lookup,
                 "b\xc3\xbc"
                 "cher.example",
                 "127.0.0.11");
    assert_string_equal(lookup.dns.last, "xn--bcher-kva.example");
    lookup_run(&lookup, "many.example", 22);
    assert_int_equal(lookup.count, RESOLVE_MAX);
    lookup_close(&lookup);
}

static void name_without_address_says_so(void **state)
{
    (void)state;
    struct lookup lookup;
    lookup_open(&lookup, 2000);
    assert_not_found(&lookup, "nothing.invalid", "nothing.invalid has no address");
    assert_not_found(&lookup, "nothing.example", "give ansible_host");
    assert_not_found(&lookup, "", "");
    lookup_close(&lookup);
}

static void silent_name_server_meets_the_timeout(void **state)
{
    (void)state;
    struct lookup lookup;
    lookup_open(&lookup, 100);
    uint64_t began = uv_hrtime();
    assert_not_found(&lookup, "silent.example", "silent.example");
    assert_int_equal(lookup.code, ARES_ETIMEOUT);
    assert_true(uv_hrtime() - began < 1500000000U);
    lookup_close(&lookup);
}

static void what_is_no_host_name_is_not_asked_for(void **state)
{
    (void)state;
    char name[300];
    struct lookup lookup;
    lookup_open(&lookup, 200);
    assert_not_found(&lookup, "caf\xe9.example", "is not a host name"); /* not UTF-8 */
    assert_not_found(&lookup, "\xe2\x98\x83-\xcc\x80.example", "is not a host name");
    memset(name, 'a', sizeof(name));
    name[256] = '\0';
    assert_not_found(&lookup, name, "longer than 255 bytes");
    name[255] = '\0';
    assert_not_found(&lookup, name, "");
    assert_string_equal(lookup.dns.last, "");
    lookup_close(&lookup);
}

static void forgotten_query_is_never_answered(void **state)
{
    (void)state;
    static const char *const texts[] = {"127.0.0.1", "pvs01.example", "localhost"};
    struct lookup lookup;
    lookup_open(&lookup, 200);
    for (size_t i = 0; i < 3; i++) {
        lookup_start(&lookup, texts[i], 22);
        resolver_forget(lookup.query);
        lookup_run(&lookup, "many.example", 22); /* its own answer alone is counted */
        assert_int_equal(lookup.count, RESOLVE_MAX);
    }
    resolver_forget(NULL);
    lookup_close(&lookup);
    assert_int_equal(lookup.answers, 1);
}

static void closing_ends_a_query_in_flight(void **state)
{
    (void)state;
    struct lookup lookup;
    lookup_open(&lookup, 60000);
    lookup_start(&lookup, "silent.example", 22);
    (void)uv_run(&lookup.loop, UV_RUN_NOWAIT);
    assert_int_equal(lookup.answers, 0);
    lookup_close(&lookup);
    assert_int_equal(lookup.answers, 1);
    assert_int_equal(lookup.count, 0);
    assert_int_equal(lookup.code, ARES_EDESTRUCTION);
}

static void closing_with_a_forgotten_query_is_clean(void **state)
{
    (void)state;
    struct lookup lookup;
    lookup_open(&lookup, 60000);
    lookup_start(&lookup, "silent.example", 22);
    (void)uv_run(&lookup.loop, UV_RUN_NOWAIT);
    resolver_forget(lookup.query);
    lookup_close(&lookup);
    assert_int_equal(lookup.answers, 0);
    resolver_close(NULL);
}

static void many_queries_are_answered_once_each(void **state)
{
    (void)state;
    enum { MANY = 100 };
    struct lookup lookup;
    struct err err = {0};
    lookup_open(&lookup, 2000);
    for (size_t i = 0; i < MANY; i++) {
        assert_int_equal(resolver_start(lookup.resolver, names[i % 3].name, 22, answered, &lookup,
                                        &lookup.query, &err),
                         0);
    }
    while (lookup.answers < MANY) {
        (void)uv_run(&lookup.loop, UV_RUN_ONCE);
        assert_true(lookup.answers == 0 || lookup.count > 0);
    }
    lookup_close(&lookup);
    assert_int_equal(lookup.answers, MANY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(literals_are_answered_without_a_question),
        cmocka_unit_test(scope_is_an_interface_by_name_or_number),
        cmocka_unit_test(localhost_comes_from_the_hosts_file),
        cmocka_unit_test(name_is_asked_of_the_name_server),
        cmocka_unit_test(name_without_address_says_so),
        cmocka_unit_test(silent_name_server_meets_the_timeout),
        cmocka_unit_test(what_is_no_host_name_is_not_asked_for),
        cmocka_unit_test(forgotten_query_is_never_answered),
        cmocka_unit_test(closing_ends_a_query_in_flight),
        cmocka_unit_test(closing_with_a_forgotten_query_is_clean),
        cmocka_unit_test(many_queries_are_answered_once_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
