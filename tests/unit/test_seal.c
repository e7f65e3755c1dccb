/* test_seal: the body of a sealed message, as it is written and as servers write it. */
#include "unit/fixture.h"

#include "collector/transport/winrm/seal.h"

#define SPNEGO "application/HTTP-SPNEGO-session-encrypted"
#define ORIGINAL "OriginalContent: type=application/soap+xml;charset=UTF-8;Length=5\r\n"
/* The length of a two-byte header, the header, and five bytes that look like a boundary. */
#define DATA "\x02\x00\x00\x00HH--Enc"

static struct slice bytes_of(const char *text, size_t len)
{
    return (struct slice){text, len};
}

static void what_is_written_is_what_windows_reads(void **state)
{
    (void)state;
    struct buf body;
    static const char expected[] =
        "--Encrypted Boundary\r\nContent-Type: " SPNEGO "\r\n" ORIGINAL
        "--Encrypted Boundary\r\nContent-Type: application/octet-stream\r\n" DATA
        "--Encrypted Boundary--\r\n";
    buf_init(&body, 4096);
    assert_int_equal(seal_write(SEAL_SPNEGO, 5, bytes_of("HH", 2), bytes_of("--Enc", 5), &body), 0);
    assert_int_equal(body.len, sizeof(expected) - 1);
    assert_memory_equal(body.data, expected, body.len);
    buf_done(&body);
}

/* Each with the same two bytes of header and five of data. */
static void every_form_that_servers_have_is_read(void **state)
{
    (void)state;
#define FORM(text)             \
    {                          \
        text, sizeof(text) - 1 \
    }
    static const struct slice forms[] = {
        FORM("--Encrypted Boundary\r\nContent-Type: " SPNEGO "\r\n" ORIGINAL
             "--Encrypted Boundary\r\nContent-Type: application/octet-stream\r\n" DATA
             "--Encrypted Boundary--\r\n"),
        FORM("\r\n--Encrypted Boundary\r\n\tContent-Type: " SPNEGO "\r\n\t" ORIGINAL
             "--Encrypted Boundary\r\n\tContent-Type: application/octet-stream\r\n" DATA
             "--Encrypted Boundary--"),
        FORM("-- Encrypted Boundary\r\nORIGINALCONTENT: Length=5; type=x ;charset=UTF-16\r\n"
             "content-type:application/HTTP-Kerberos-session-encrypted\r\n"
             "-- Encrypted Boundary\r\ncontent-type: Application/Octet-Stream\r\n" DATA
             "-- Encrypted Boundary\r\n\r\n"),
        FORM("--Encrypted Boundary\nContent-Type: " SPNEGO "\nOriginalContent: Length=5\n"
             "--Encrypted Boundary\nContent-Type: application/octet-stream\n" DATA
             "--Encrypted Boundary--\n"),
    };
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        struct seal_message message;
        struct err err = {0};
        if (seal_parse(forms[i], &message, &err) != 0) {
            fail_msg("form %zu: %s", i, err.text);
        }
        assert_int_equal(message.plain_len, 5);
        assert_int_equal(message.header.len, 2);
        assert_int_equal(message.data.len, 5);
        assert_memory_equal(message.data.data, "--Enc", 5);
    }
}

static void no_prefix_is_a_whole_message(void **state)
{
    (void)state;
    struct buf body;
    buf_init(&body, 4096);
    (void)seal_write(SEAL_KERBEROS, 5, bytes_of("HH", 2), bytes_of("12345", 5), &body);
    size_t whole = body.len - strlen("--\r\n"); /* what follows the boundary may be missing */
    for (size_t len = 0; len < whole; len++) {
        struct seal_message message;
        struct err err = {0};
        char *copy = malloc(len + 1);
        memcpy(copy, body.data, len);
        assert_int_equal(seal_parse(bytes_of(copy, len), &message, &err), -1);
        assert_true(err.code == ERR_PARTIAL || err.code == ERR_FORMAT);
        free(copy);
    }
    buf_done(&body);
}

static void lengths_that_lie_are_refused(void **state)
{
    (void)state;
    static const struct slice bodies[] = {
        /* a header longer than what is there */
        FORM("--Encrypted Boundary\r\nContent-Type: " SPNEGO "\r\n" ORIGINAL
             "--Encrypted Boundary\r\nContent-Type: application/octet-stream\r\n"
             "\x09\x00\x00\x00HH12345--Encrypted Boundary--\r\n"),
        /* none at all */
        FORM("--Encrypted Boundary\r\nContent-Type: " SPNEGO "\r\n" ORIGINAL
             "--Encrypted Boundary\r\nContent-Type: application/octet-stream\r\n"
             "\x00\x00\x00\x00HH12345--Encrypted Boundary--\r\n"),
        /* no length of what was sealed, or one that is no number */
        FORM("--Encrypted Boundary\r\nContent-Type: " SPNEGO "\r\nOriginalContent: type=x\r\n"
             "--Encrypted Boundary\r\nContent-Type: application/octet-stream\r\n" DATA
             "--Encrypted Boundary--\r\n"),
        FORM("--Encrypted Boundary\r\nContent-Type: " SPNEGO "\r\nOriginalContent: Length=-5\r\n"
             "--Encrypted Boundary\r\nContent-Type: application/octet-stream\r\n" DATA
             "--Encrypted Boundary--\r\n"),
        /* another seal */
        FORM("--Encrypted Boundary\r\nContent-Type: "
             "application/HTTP-CredSSP-session-encrypted\r\n" ORIGINAL
             "--Encrypted Boundary\r\nContent-Type: application/octet-stream\r\n" DATA
             "--Encrypted Boundary--\r\n"),
    };
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        struct seal_message message;
        struct err err = {0};
        assert_int_equal(seal_parse(bodies[i], &message, &err), -1);
        assert_int_equal(err.code, ERR_FORMAT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_what_windows_reads),
        cmocka_unit_test(every_form_that_servers_have_is_read),
        cmocka_unit_test(no_prefix_is_a_whole_message),
        cmocka_unit_test(lengths_that_lie_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
