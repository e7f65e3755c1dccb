/* test_log: a line on standard error names the program and the host, and steers no terminal. */
#include "core/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* What log_line writes, caught in a pipe; text is "" where it writes nothing. */
static void catch_line(enum log_level level, const char *host, const char *text, char to[16384])
{
    int ends[2];
    int old = dup(2);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(dup2(ends[1], 2), 2);
    log_line(level, host, "%s", text);
    (void)fflush(stderr);
    (void)dup2(old, 2);
    (void)close(old);
    (void)close(ends[1]);
    size_t len = 0;
    ssize_t n;
    while ((n = read(ends[0], to + len, 16383 - len)) > 0) {
        len += (size_t)n;
    }
    to[len] = '\0';
    (void)close(ends[0]);
}

static void assert_line(const char *text, const char *line)
{
    char got[16384];
    char wanted[16384];
    catch_line(LOG_ERROR, NULL, text, got);
    (void)snprintf(wanted, sizeof(wanted), "prog: error: %s\n", line);
    assert_string_equal(got, wanted);
}

static void line_names_program_level_and_host(void **state)
{
    (void)state;
    char got[16384];
    log_open("prog", LOG_DEBUG);
    catch_line(LOG_ERROR, NULL, "no", got);
    assert_string_equal(got, "prog: error: no\n");
    catch_line(LOG_WARNING, "pvs01", "slow", got);
    assert_string_equal(got, "prog: warning: pvs01: slow\n");
    catch_line(LOG_INFO, "pvs01", "read", got);
    assert_string_equal(got, "prog: info: pvs01: read\n");
    catch_line(LOG_DEBUG, NULL, "step", got);
    assert_string_equal(got, "prog: debug: step\n");
}

static void lines_above_the_level_are_dropped(void **state)
{
    (void)state;
    char got[16384];
    log_open("prog", LOG_WARNING);
    catch_line(LOG_WARNING, NULL, "shown", got);
    assert_string_equal(got, "prog: warning: shown\n");
    catch_line(LOG_INFO, NULL, "hidden", got);
    assert_string_equal(got, "");
    catch_line(LOG_DEBUG, NULL, "hidden", got);
    assert_string_equal(got, "");
}

static void control_bytes_are_escaped(void **state)
{
    (void)state;
    log_open("prog", LOG_DEBUG);
    assert_line("a\x1b[31mb", "a\\x1b[31mb");
    assert_line("two\nlines\r\n", "two\\x0alines\\x0d\\x0a");
    assert_line("\t\x07\x7f\x01", "\\x09\\x07\\x7f\\x01");
    assert_line("100 %s of %n", "100 %s of %n");
}

static void every_byte_below_blank_is_escaped(void **state)
{
    (void)state;
    log_open("prog", LOG_DEBUG);
    for (int byte = 1; byte < 0x20; byte++) {
        const char text[2] = {(char)byte, '\0'};
        char escaped[8];
        (void)snprintf(escaped, sizeof(escaped), "\\x%02x", (unsigned)byte);
        assert_line(text, escaped);
    }
}

static void letters_of_every_script_are_shown(void **state)
{
    (void)state;
    log_open("prog", LOG_DEBUG);
    assert_line("M\xc3\xbcnchen \xe6\x9d\xb1\xe4\xba\xac \xf0\x9f\x98\x80",
                "M\xc3\xbcnchen \xe6\x9d\xb1\xe4\xba\xac \xf0\x9f\x98\x80");
    assert_line("\xc2\xa0", "\xc2\xa0"); /* the first after the controls */
}

static void terminal_controls_beyond_ascii_are_escaped(void **state)
{
    (void)state;
    log_open("prog", LOG_DEBUG);
    assert_line("\xc2\x9b"
                "31m",
                "\\xc2\\x9b31m"); /* CSI of a UTF-8 terminal */
    assert_line("\xc2\x80\xc2\x9f", "\\xc2\\x80\\xc2\\x9f");
    assert_line("\x9b"
                "31m",
                "\\x9b31m"); /* CSI of an 8-bit terminal */
    assert_line("caf\xe9 \xc3", "caf\\xe9 \\xc3"); /* not UTF-8, cut */
    assert_line("\xed\xa0\x80", "\\xed\\xa0\\x80"); /* a surrogate */
}

static void host_is_escaped_like_the_text(void **state)
{
    (void)state;
    char got[16384];
    log_open("prog", LOG_DEBUG);
    catch_line(LOG_ERROR, "p\x1b]0;x\x07", "no", got);
    assert_string_equal(got, "prog: error: p\\x1b]0;x\\x07: no\n");
}

static void long_line_is_cut_and_still_ends(void **state)
{
    (void)state;
    static char text[5000];
    char got[16384];
    memset(text, '\x1b', sizeof(text) - 1);
    log_open("prog", LOG_DEBUG);
    catch_line(LOG_ERROR, NULL, text, got);
    size_t len = strlen(got);
    assert_true(len > 4 * 2000 && len <= strlen("prog: error: \n") + (size_t)4 * 2048);
    assert_int_equal(got[len - 1], '\n');
}

static void quiet_beats_verbose(void **state)
{
    (void)state;
    assert_int_equal(log_level_of(false, 0), LOG_WARNING);
    assert_int_equal(log_level_of(false, 1), LOG_INFO);
    assert_int_equal(log_level_of(false, 2), LOG_DEBUG);
    assert_int_equal(log_level_of(false, 3), LOG_DEBUG);
    assert_int_equal(log_level_of(true, 2), LOG_ERROR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(line_names_program_level_and_host),
        cmocka_unit_test(lines_above_the_level_are_dropped),
        cmocka_unit_test(control_bytes_are_escaped),
        cmocka_unit_test(every_byte_below_blank_is_escaped),
        cmocka_unit_test(letters_of_every_script_are_shown),
        cmocka_unit_test(terminal_controls_beyond_ascii_are_escaped),
        cmocka_unit_test(host_is_escaped_like_the_text),
        cmocka_unit_test(long_line_is_cut_and_still_ends),
        cmocka_unit_test(quiet_beats_verbose),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
