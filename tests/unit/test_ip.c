/* test_ip: addresses as text and back, and the questions about loopback, link-local and wildcard.
 */
#include "core/ip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct slice slice_of(const char *text)
{
    return (struct slice){text, strlen(text)};
}

static struct ip ip_of(const char *text)
{
    struct ip ip = {.family = 99};
    if (!ip_parse(slice_of(text), &ip)) {
        fail_msg("%s is no address", text);
    }
    return ip;
}

static void addresses_are_read_and_written_in_their_short_form(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint8_t family;
        const char *again;
    } rows[] = {
        {"10.0.0.5", 4, "10.0.0.5"},
        {"0.0.0.0", 4, "0.0.0.0"},
        {"255.255.255.255", 4, "255.255.255.255"},
        {"[10.0.0.5]", 4, "10.0.0.5"},
        {"::", 6, "::"},
        {"[::]", 6, "::"},
        {"::1", 6, "::1"},
        {"2001:DB8:0:0::1", 6, "2001:db8::1"},
        {"fe80::1%9", 6, "fe80::1"},
        {"[fe80::1%eth0]", 6, "fe80::1"},
        {"fe80:0000:0000:0000:0202:b3ff:fe1e:8329%ethernet_32768_with_a_long_name", 6,
         "fe80::202:b3ff:fe1e:8329"},
        {"::ffff:10.0.0.5", 6, "::ffff:10.0.0.5"},
        {"0000:0000:0000:0000:0000:ffff:255.255.255.255", 6, "::ffff:255.255.255.255"},
        {"*", 0, "*"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[IP_TEXT];
        struct ip ip = ip_of(rows[i].text);
        assert_int_equal(ip.family, rows[i].family);
        ip_text(&ip, text);
        assert_string_equal(text, rows[i].again);
    }
}

static void bytes_are_those_of_the_wire_and_the_rest_is_zero(void **state)
{
    (void)state;
    static const struct ip four = {4, {192, 168, 1, 254}};
    static const struct ip six = {6, {0x20, 0x01, 0x0d, 0xb8, [14] = 0x12, [15] = 0x34}};
    struct ip ip = ip_of("192.168.1.254");
    assert_memory_equal(&ip, &four, sizeof(ip));
    ip = ip_of("2001:db8::1234");
    assert_memory_equal(&ip, &six, sizeof(ip));
}

static void what_is_no_address_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",
        "1",
        "1.2.3",
        "1.2.3.4.5",
        "256.1.1.1",
        "1.2.3.-4",
        "01.2.3.4",
        " 1.2.3.4",
        "1.2.3.4 ",
        "1.2.3.4:80",
        "[1.2.3.4",
        "1.2.3.4]",
        "[]",
        "[[::1]]",
        "%9",
        "[%9]",
        ":::",
        "1::2::3",
        "::g",
        "::12345",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "**",
        "[*]",
        "localhost",
        "::ffff:1.2.3",
        "0x7f.1",
        "::1/128",
        "0000:0000:0000:0000:0000:ffff:255.255.255.2555",
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct ip ip = {.family = 99};
        if (ip_parse(slice_of(rows[i]), &ip)) {
            fail_msg("%s was taken for an address", rows[i]);
        }
        assert_int_equal(ip.family, 99);
    }
    struct ip ip;
    assert_false(ip_parse((struct slice){NULL, 0}, &ip));
    assert_false(ip_parse((struct slice){"1.2.3.4\0", 8}, &ip));
    assert_true(ip_parse((struct slice){"1.2.3.45", 7}, &ip)); /* not past the slice's end */
    assert_int_equal(ip.bytes[3], 4);
}

static void questions_are_answered_by_ranges(void **state)
{
    (void)state;
    enum { NONE = 0, WILDCARD = 1, LOOPBACK = 2, LINKLOCAL = 4 };
    static const struct {
        const char *text;
        int is;
    } rows[] = {
        {"*", WILDCARD},
        {"0.0.0.0", WILDCARD},
        {"::", WILDCARD},
        {"0.0.0.1", NONE},
        {"127.0.0.0", LOOPBACK},
        {"127.255.255.255", LOOPBACK},
        {"126.255.255.255", NONE},
        {"128.0.0.0", NONE},
        {"::1", LOOPBACK},
        {"::2", NONE},
        {"::127.0.0.1", NONE},
        {"7f00::", NONE},
        {"::ffff:127.0.0.1", LOOPBACK},
        {"::ffff:126.0.0.1", NONE},
        {"169.254.0.0", LINKLOCAL},
        {"169.254.255.255", LINKLOCAL},
        {"169.253.255.255", NONE},
        {"169.255.0.0", NONE},
        {"fe80::", LINKLOCAL},
        {"febf:ffff::1", LINKLOCAL},
        {"fec0::", NONE},
        {"fe7f::", NONE},
        {"a9fe::", NONE},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct ip ip = ip_of(rows[i].text);
        int is = (ip_is_wildcard(&ip) ? WILDCARD : 0) | (ip_is_loopback(&ip) ? LOOPBACK : 0) |
                 (ip_is_linklocal(&ip) ? LINKLOCAL : 0);
        if (is != rows[i].is) {
            fail_msg("%s is %d, not %d", rows[i].text, is, rows[i].is);
        }
    }
}

static int sign(int n)
{
    return (n > 0) - (n < 0);
}

static void addresses_have_one_order(void **state)
{
    (void)state;
    static const char *const rows[] = {"*",  "0.0.0.0", "9.0.0.0",         "10.0.0.5", "200.0.0.1",
                                       "::", "::1",     "::ffff:10.0.0.5", "fe80::1"};
    int count = (int)(sizeof(rows) / sizeof(rows[0]));
    for (int i = 0; i < count; i++) {
        for (int k = 0; k < count; k++) {
            struct ip a = ip_of(rows[i]);
            struct ip b = ip_of(rows[k]);
            assert_int_equal(sign(ip_compare(&a, &b)), sign(i - k));
            assert_int_equal(ip_equal(&a, &b), i == k);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read_and_written_in_their_short_form),
        cmocka_unit_test(bytes_are_those_of_the_wire_and_the_rest_is_zero),
        cmocka_unit_test(what_is_no_address_is_refused_and_changes_nothing),
        cmocka_unit_test(questions_are_answered_by_ranges),
        cmocka_unit_test(addresses_have_one_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
