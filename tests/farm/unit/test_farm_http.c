/* Tests of the bytes around a request: HTTP, the multipart frame, base64 and UTF-16, NTLM's users.
 */
#include "farm/codec/base64.h"
#include "farm/codec/utf16.h"
#include "farm/gss/ntlm_users.h"
#include "farm/http/http_request.h"
#include "farm/winrm/multipart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Two requests behind each other: a chunked one, and one with a length. */
static const char two_requests[] =
    "\r\nPOST /wsman HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:chunked\r\n\r\n"
    "3;name=value\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n"
    "POST /wsman?x HTTP/1.1\r\ncontent-length: 4\r\nConnection: close\r\n\r\nwxyz";

static void a_request_is_the_same_however_it_is_cut(void **state)
{
    (void)state;
    for (size_t piece = 1; piece < sizeof(two_requests); piece++) {
        struct http_request request;
        http_request_init(&request);
        size_t at = 0, done = 0;
        while (at < sizeof(two_requests) - 1) {
            size_t left = sizeof(two_requests) - 1 - at, used = 0;
            enum http_event event =
                http_request_feed(&request, two_requests + at, left < piece ? left : piece, &used);
            at += used;
            if (event == HTTP_COMPLETE) {
                assert_string_equal(request.body.data, done == 0 ? "abc0123456789" : "wxyz");
                assert_true(slice_eq(request.target, done == 0 ? "/wsman" : "/wsman?x"));
                assert_int_equal(request.close, done == 1);
                done++;
                http_request_reset(&request);
            } else {
                assert_int_equal(event, HTTP_MORE);
            }
        }
        assert_int_equal(done, 2);
        http_request_done(&request);
    }
}

static void fields_are_found_without_regard_to_case(void **state)
{
    static const char text[] = "POST / HTTP/1.1\r\nX-One:  two three \r\nEmpty:\r\n\r\n";
    struct http_request request;
    size_t used = 0;
    (void)state;
    http_request_init(&request);
    assert_int_equal(http_request_feed(&request, text, sizeof(text) - 1, &used), HTTP_COMPLETE);
    assert_true(slice_eq(http_request_field(&request, "x-ONE"), "two three"));
    assert_non_null(http_request_field(&request, "Empty").data);
    assert_null(http_request_field(&request, "Other").data);
    http_request_done(&request);
}

static void a_client_that_waits_is_told_to_go_on_once(void **state)
{
    static const char head[] =
        "POST / HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n";
    struct http_request request;
    size_t used = 0;
    (void)state;
    http_request_init(&request);
    assert_int_equal(http_request_feed(&request, head, sizeof(head) - 1, &used), HTTP_CONTINUE);
    assert_int_equal(http_request_feed(&request, "ab", 2, &used), HTTP_COMPLETE);
    http_request_done(&request);
}

static void what_cannot_be_read_is_refused(void **state)
{
    static const struct {
        const char *text;
        int status;
    } rows[] = {
        {"POST /\r\n\r\n", 400},
        {"POST / HTTP/1.1 x\r\n\r\n", 400},
        {"POST / HTTP/3\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nno colon\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n: x\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nA B: x\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nContent-Length: 4194305\r\n\r\n", 413},
        {"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", 400},
        {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n400001\r\n", 413},
        {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", 400},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct http_request request;
        size_t used = 0;
        http_request_init(&request);
        enum http_event event =
            http_request_feed(&request, rows[i].text, strlen(rows[i].text), &used);
        if (event != HTTP_BAD || request.status != rows[i].status) {
            fail_msg("row %zu", i);
        }
        http_request_done(&request);
    }
}

static void a_frame_is_read_as_it_was_written(void **state)
{
    static const char sealed[] = "\0--Encrypted Boundary--\r\n\xff";
    struct multipart_form form = {.protocol = MULTIPART_SPNEGO, .charset = "UTF-8"};
    (void)state;
    for (int tab = 0; tab < 2; tab++) {
        struct buf body;
        struct multipart parts;
        buf_init(&body, 4096);
        form.plain_headers = tab == 0;
        multipart_write(&body, &form, sizeof(sealed), (struct slice){"0123456789abcdef", 16},
                        (struct slice){sealed, sizeof(sealed)});
        assert_true(multipart_parse((struct slice){body.data, body.len}, &parts));
        assert_true(slice_eq(parts.protocol, MULTIPART_SPNEGO));
        assert_int_equal(parts.length, sizeof(sealed));
        assert_true(slice_eq(parts.header, "0123456789abcdef"));
        assert_int_equal(parts.sealed.len, sizeof(sealed));
        assert_memory_equal(parts.sealed.data, sealed, sizeof(sealed));
        for (size_t len = 0; len + 2 < body.len; len++) {
            assert_false(multipart_parse((struct slice){body.data, len}, &parts));
        }
        buf_done(&body);
    }
}

static void a_length_that_is_not_the_ciphertexts_is_refused(void **state)
{
    struct multipart_form form = {.protocol = MULTIPART_KERBEROS, .charset = "UTF-8"};
    (void)state;
    for (uint64_t length = 0; length < 12; length++) {
        struct buf body;
        struct multipart parts;
        buf_init(&body, 4096);
        multipart_write(&body, &form, length, (struct slice){"sig", 3},
                        (struct slice){"sealed", 6});
        assert_int_equal(multipart_parse((struct slice){body.data, body.len}, &parts), length == 6);
        buf_done(&body);
    }
}

static void base64_both_ways(void **state)
{
    static const struct {
        const char *plain, *text;
    } rows[] = {{"", ""},
                {"f", "Zg=="},
                {"fo", "Zm8="},
                {"foo", "Zm9v"},
                {"foob", "Zm9vYg=="},
                {"fooba", "Zm9vYmE="},
                {"foobar", "Zm9vYmFy"}};
    static const char *const wrong[] = {"Z", "Zg", "Zg=", "Z===", "Zm9v\n", "Zm9*", "=Zg="};
    struct buf to;
    (void)state;
    buf_init(&to, 100);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        buf_clear(&to);
        base64_encode(rows[i].plain, strlen(rows[i].plain), &to);
        assert_string_equal(to.data == NULL ? "" : to.data, rows[i].text);
        buf_clear(&to);
        assert_true(base64_decode((struct slice){rows[i].text, strlen(rows[i].text)}, &to));
        assert_string_equal(to.data == NULL ? "" : to.data, rows[i].plain);
    }
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        buf_clear(&to);
        assert_false(base64_decode((struct slice){wrong[i], strlen(wrong[i])}, &to));
    }
    buf_done(&to);
}

static void utf_16_both_ways(void **state)
{
    static const char text[] = "a\xc3\xa4\xe3\x82\xa2\xf0\x9f\x98\x80";
    static const char wide[] = "a\0\xe4\0\xa2\x30\x3d\xd8\x00\xde";
    struct buf there, back;
    (void)state;
    buf_init(&there, 100);
    buf_init(&back, 100);
    utf16_from_utf8((struct slice){text, sizeof(text) - 1}, &there);
    assert_int_equal(there.len, sizeof(wide) - 1);
    assert_memory_equal(there.data, wide, sizeof(wide) - 1);
    assert_true(utf16_to_utf8((struct slice){there.data, there.len}, &back));
    assert_string_equal(back.data, text);
    assert_false(utf16_to_utf8((struct slice){"\x3d\xd8", 2}, &back));
    assert_false(utf16_to_utf8((struct slice){"a\0b", 3}, &back));
    buf_done(&there);
    buf_done(&back);
}

/* MS-NLMP 4.2.2.1.2: NTOWFv1 of "Password" is a4f49c40 6510bdca b6824ee7 c30fd852. */
static void the_hash_of_a_password_is_that_of_the_specification(void **state)
{
    struct fleet *fleet = calloc(1, sizeof(*fleet));
    struct buf to;
    (void)state;
    assert_non_null(fleet);
    (void)str_copy(fleet->accounts[0].name, FLEET_NAME, "User");
    (void)str_copy(fleet->accounts[0].password, FLEET_NAME, "Password");
    (void)str_copy(fleet->accounts[1].name, FLEET_NAME, "key only");
    fleet->account_count = 2;
    buf_init(&to, 4096);
    ntlm_users_write(fleet, "Domain", &to);
    assert_non_null(strstr(to.data, "\\User:0:XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX:"
                                    "A4F49C406510BDCAB6824EE7C30FD852:"));
    assert_non_null(strstr(to.data, "\nDomain\\User:0:"));
    assert_null(strstr(to.data, "key only"));
    buf_done(&to);
    free(fleet);
}

static void the_user_of_an_authenticate_message(void **state)
{
    char token[100] = "xxNTLMSSP\0\3\0\0\0";
    struct buf user;
    (void)state;
    buf_init(&user, 100);
    token[2 + 36] = 4; /* the length of the user's name, and where it stands */
    token[2 + 40] = 70;
    memcpy(token + 2 + 70, "m\0e\0", 4);
    assert_true(ntlm_users_named((struct slice){token, sizeof(token)}, &user));
    assert_string_equal(user.data, "me");
    token[2 + 40] = 97;
    assert_false(ntlm_users_named((struct slice){token, sizeof(token)}, &user));
    token[2 + 8] = 1;
    assert_false(ntlm_users_named((struct slice){token, sizeof(token)}, &user));
    buf_done(&user);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_the_same_however_it_is_cut),
        cmocka_unit_test(fields_are_found_without_regard_to_case),
        cmocka_unit_test(a_client_that_waits_is_told_to_go_on_once),
        cmocka_unit_test(what_cannot_be_read_is_refused),
        cmocka_unit_test(a_frame_is_read_as_it_was_written),
        cmocka_unit_test(a_length_that_is_not_the_ciphertexts_is_refused),
        cmocka_unit_test(base64_both_ways),
        cmocka_unit_test(utf_16_both_ways),
        cmocka_unit_test(the_hash_of_a_password_is_that_of_the_specification),
        cmocka_unit_test(the_user_of_an_authenticate_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
