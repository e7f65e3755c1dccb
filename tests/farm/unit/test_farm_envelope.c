/* Tests of what a WS-Management request is read from: XML, envelopes, durations; and of escaping.
 */
#include "farm/wsman/envelope.h"
#include "farm/wsman/fault.h"
#include "farm/wsman/xml_write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define HEAD "<s:Envelope xmlns:s='" NS_SOAP "' xmlns:a='" NS_ADDRESSING "' xmlns:w='" NS_WSMAN "'>"

static struct arena arena;

static int drop_arena(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static enum envelope_problem parse(const char *text, struct envelope *envelope)
{
    return envelope_parse(&arena, text, strlen(text), envelope);
}

static void a_header_is_read_whatever_its_prefixes_and_blanks(void **state)
{
    struct envelope envelope;
    (void)state;
    assert_int_equal(
        parse(HEAD "<s:Header><a:Action s:mustUnderstand='true'>\n do it\t</a:Action>"
                   "<MessageID xmlns='" NS_ADDRESSING "'>uuid:1</MessageID>"
                   "<w:ResourceURI>http://x/y</w:ResourceURI>"
                   "<w:MaxEnvelopeSize>153600</w:MaxEnvelopeSize>"
                   "<w:OperationTimeout>PT1M0.5S</w:OperationTimeout>"
                   "<w:SelectorSet><w:Selector Name='ShellId'> AB </w:Selector></w:SelectorSet>"
                   "<w:OptionSet><w:Option Name='WINRS_CODEPAGE'>850</w:Option>"
                   "<w:Other Name='x'>y</w:Other></w:OptionSet>"
                   "</s:Header><s:Body><q/></s:Body></s:Envelope>",
              &envelope),
        ENVELOPE_FINE);
    assert_string_equal(envelope.action, "do it");
    assert_string_equal(envelope.message_id, "uuid:1");
    assert_string_equal(envelope.resource, "http://x/y");
    assert_int_equal(envelope.max_envelope, 153600);
    assert_int_equal(envelope.timeout_ms, 60500);
    assert_string_equal(envelope_selector(&envelope, "shellid"), "AB");
    assert_string_equal(envelope_option(&envelope, "WINRS_CODEPAGE"), "850");
    assert_null(envelope_option(&envelope, "x"));
    assert_string_equal(envelope.body->name, "q");
}

static void what_is_missing_has_its_default(void **state)
{
    struct envelope envelope;
    (void)state;
    assert_int_equal(parse(HEAD "<s:Header><a:Action>x</a:Action><a:MessageID>1</a:MessageID>"
                                "<w:OperationTimeout>soon</w:OperationTimeout>"
                                "<w:MaxEnvelopeSize>-1</w:MaxEnvelopeSize></s:Header>"
                                "<s:Body/></s:Envelope>",
                           &envelope),
                     ENVELOPE_FINE);
    assert_int_equal(envelope.timeout_ms, 60000);
    assert_int_equal(envelope.max_envelope, 0);
    assert_string_equal(envelope.resource, "");
    assert_null(envelope.body);
    assert_null(envelope_selector(&envelope, "ShellId"));
}

static void problems_are_told_apart(void **state)
{
    static const struct {
        const char *text;
        enum envelope_problem problem;
    } rows[] = {
        {"", ENVELOPE_NO_XML},
        {"<a>", ENVELOPE_NO_XML},
        {"<a/><b/>", ENVELOPE_NO_XML},
        {"<x:a/>", ENVELOPE_NO_XML},
        {"<!DOCTYPE a><a/>", ENVELOPE_NO_XML},
        {"<a b='1' b='2'/>", ENVELOPE_NO_XML},
        {"<a>\xff</a>", ENVELOPE_NO_XML},
        {"<a/>", ENVELOPE_NO_SOAP},
        {"<Envelope xmlns='http://schemas.xmlsoap.org/soap/envelope/'><Body/></Envelope>",
         ENVELOPE_NO_SOAP},
        {HEAD "<s:Header/></s:Envelope>", ENVELOPE_NO_SOAP},
        {HEAD "<s:Header/><s:Body/></s:Envelope>", ENVELOPE_NO_HEADER},
        {HEAD "<s:Header><a:Action>x</a:Action></s:Header><s:Body/></s:Envelope>",
         ENVELOPE_NO_HEADER},
        {HEAD "<s:Header/><s:Body><i:Identify xmlns:i='" NS_IDENTITY "'/></s:Body></s:Envelope>",
         ENVELOPE_FINE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct envelope envelope;
        if (parse(rows[i].text, &envelope) != rows[i].problem) {
            fail_msg("row %zu: %s", i, rows[i].text);
        }
    }
}

static void every_beginning_of_a_request_is_no_request(void **state)
{
    static const char text[] = HEAD "<s:Header><a:Action>x</a:Action><a:MessageID>1</a:MessageID>"
                                    "</s:Header><s:Body><q>&amp;</q></s:Body></s:Envelope>";
    (void)state;
    struct envelope envelope;
    for (size_t len = 0; len < sizeof(text) - 1; len++) {
        assert_int_equal(envelope_parse(&arena, text, len, &envelope), ENVELOPE_NO_XML);
    }
    assert_int_equal(parse(text, &envelope), ENVELOPE_FINE);
    assert_string_equal(envelope.body->text, "&");
}

static void depth_and_count_are_bounded(void **state)
{
    struct buf deep, wide;
    (void)state;
    for (int limit = 31; limit <= 33; limit++) {
        buf_init(&deep, 1 << 20);
        for (int i = 0; i < limit; i++) {
            (void)buf_puts(&deep, "<a>");
        }
        for (int i = 0; i < limit; i++) {
            (void)buf_puts(&deep, "</a>");
        }
        const struct xml_node *root = xml_parse(&arena, deep.data, deep.len);
        assert_int_equal(root != NULL, limit <= 32);
        buf_done(&deep);
    }
    buf_init(&wide, 1 << 20);
    (void)buf_puts(&wide, "<a>");
    for (int i = 0; i < 4096; i++) {
        (void)buf_puts(&wide, "<b/>");
    }
    (void)buf_puts(&wide, "</a>");
    assert_null(xml_parse(&arena, wide.data, wide.len));
    buf_done(&wide);
}

static void durations(void **state)
{
    static const struct {
        const char *text;
        int64_t ms; /* -1: none */
    } rows[] = {
        {"PT60S", 60000},  {"PT60.000S", 60000},
        {"PT0.5S", 500},   {"PT1.2345S", 1234},
        {"PT1M", 60000},   {"P0DT0H1M40S", 100000},
        {"P1D", 86400000}, {"PT1H", 3600000},
        {"", -1},          {"P", -1},
        {"PT", -1},        {"60", -1},
        {"PT60", -1},      {"PTS", -1},
        {"P60S", -1},      {"PT1D", -1},
        {"-PT60S", -1},    {"PT-1S", -1},
        {"PT1.5.5S", -1},  {"PT99999999999S", -1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t ms = -1;
        struct slice text = {rows[i].text, strlen(rows[i].text)};
        if (envelope_duration(text, &ms) != (rows[i].ms >= 0) || ms != rows[i].ms) {
            fail_msg("%s", rows[i].text);
        }
    }
}

static void text_is_escaped_and_what_xml_cannot_hold_is_replaced(void **state)
{
    struct buf to;
    (void)state;
    buf_init(&to, 1000);
    xml_leaf(&to, "p:a", "<a b=\"c\">&\n\x01\x7f \xc3\xa4 \xff\xed\xa0\x80");
    assert_string_equal(to.data, "<p:a>&lt;a b=&quot;c&quot;&gt;&amp;\n?\x7f \xc3\xa4 ???"
                                 "?</p:a>");
    buf_done(&to);
}

static void every_fault_is_well_formed_in_both_forms(void **state)
{
    (void)state;
    for (int id = FAULT_NONE + 1; id < FAULT_COUNT; id++) {
        for (int form = 0; form < 6; form++) {
            struct buf to;
            struct fault fault = {.id = (enum fault_id)id,
                                  .source = (enum fault_source)(form % 3),
                                  .query = "select * from A where a<1 & \"b\"",
                                  .limit = form == 5 ? 15 : 0};
            buf_init(&to, 1 << 16);
            fault_write(&to, &fault, form >= 3, "PVS01", "uuid:1");
            const struct xml_node *root = xml_parse(&arena, to.data, to.len);
            assert_non_null(root);
            assert_non_null(xml_child(xml_child(root, NS_SOAP, "Body"), NS_SOAP, "Fault"));
            assert_true(fault_code((enum fault_id)id) > 0);
            buf_done(&to);
        }
    }
}

static void uuids_are_new_and_well_formed(void **state)
{
    char one[ENVELOPE_UUID], two[ENVELOPE_UUID];
    (void)state;
    envelope_uuid(one);
    envelope_uuid(two);
    assert_string_not_equal(one, two);
    assert_int_equal(strlen(one), 36);
    assert_int_equal(strspn(one, "0123456789ABCDEF-"), 36);
    assert_int_equal(one[14], '4');
}

#define TEST(name) cmocka_unit_test_teardown(name, drop_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_header_is_read_whatever_its_prefixes_and_blanks),
        TEST(what_is_missing_has_its_default),
        TEST(problems_are_told_apart),
        TEST(every_beginning_of_a_request_is_no_request),
        TEST(depth_and_count_are_bounded),
        TEST(durations),
        TEST(text_is_escaped_and_what_xml_cannot_hold_is_replaced),
        TEST(every_fault_is_well_formed_in_both_forms),
        TEST(uuids_are_new_and_well_formed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
