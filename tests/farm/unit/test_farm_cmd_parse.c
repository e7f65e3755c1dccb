/* test_farm_cmd_parse: how the simulated cmd.exe takes a line apart. */
#include "core/str.h"
#include "farm/cmd/cmd_parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void render(const struct cmd_node *node, struct buf *to)
{
    static const char *const signs[] = {
        [CMD_THEN] = " & ", [CMD_AND] = " && ", [CMD_OR] = " || ", [CMD_PIPE] = " | "};
    switch (node->kind) {
    case CMD_SIMPLE:
        (void)buf_printf(to, "<%s", node->text);
        for (const struct cmd_redirect *r = node->redirects; r != NULL; r = r->next) {
            if (r->from_handle >= 0) {
                (void)buf_printf(to, "|%d=%d", r->handle, r->from_handle);
            } else {
                (void)buf_printf(to, "|%d%s%s", r->handle, r->append ? "+" : "", r->path);
            }
        }
        (void)buf_puts(to, ">");
        return;
    case CMD_GROUP:
        (void)buf_puts(to, "(");
        render(node->left, to);
        (void)buf_puts(to, node->redirects == NULL ? ")" : ")r");
        return;
    case CMD_IF:
        (void)buf_printf(to, "if %s%s %d %s: ", node->negated ? "not " : "", node->a,
                         (int)node->test, node->b == NULL ? "" : node->b);
        render(node->left, to);
        if (node->right != NULL) {
            (void)buf_puts(to, " else ");
            render(node->right, to);
        }
        return;
    default:
        (void)buf_puts(to, "{");
        render(node->left, to);
        (void)buf_puts(to, signs[node->kind]);
        render(node->right, to);
        (void)buf_puts(to, "}");
    }
}

struct parse_case {
    const char *line, *tree;
};

static void check(const struct parse_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct arena arena = {0};
        struct cmd_node *node = NULL;
        const char *unexpected = "";
        struct buf tree;
        buf_init(&tree, 65536);
        if (cmd_parse(cases[i].line, &arena, &node, &unexpected) != 0) {
            (void)buf_printf(&tree, "error [%s]", unexpected);
        } else if (node != NULL) {
            render(node, &tree);
        }
        assert_string_equal(tree.data == NULL ? "" : tree.data, cases[i].tree);
        buf_done(&tree);
        arena_done(&arena);
    }
}

#define CHECK(cases) check(cases, sizeof(cases) / sizeof((cases)[0]))

static void separators_bind_as_in_cmd(void **state)
{
    (void)state;
    static const struct parse_case cases[] = {
        {"a", "<a>"},
        {"  @a b", "<a b>"},
        {"a&b", "{<a> & <b>}"},
        {"a & b&&c||d|e", "{<a > & {{<b> && <c>} || {<d> | <e>}}}"},
        {"a&", "<a>"},
        {"(a&b)&c", "{({<a> & <b>}) & <c>}"},
        {"", ""},
        {") ignored", ""},
    };
    CHECK(cases);
}

static void quotes_and_carets_protect(void **state)
{
    (void)state;
    static const struct parse_case cases[] = {
        {"echo \"a&b\"", "<echo \"a&b\">"},
        {"echo a^&b", "<echo a&b>"},
        {"echo a^^b", "<echo a^b>"},
        {"echo \"a^b\"", "<echo \"a^b\">"},
        {"(echo a^)b)", "(<echo a)b>)"},
        {"echo a)b", "<echo a)b>"},
        {"echo open\" & still", "<echo open\" & still>"},
        {"echo a^", "<echo a>"},
    };
    CHECK(cases);
}

static void redirections_are_cut_out(void **state)
{
    (void)state;
    static const struct parse_case cases[] = {
        {"chcp 65001>nul", "<chcp 65001|1nul>"},
        {"a 2>nul", "<a |2nul>"},
        {"a2>nul", "<a2|1nul>"},
        {"a >nul 2>&1", "<a  |1nul|2=1>"},
        {"a>>\"b c\" d", "<a d|1+b c>"},
        {"a 2>&1&b", "{<a |2=1> & <b>}"},
        {"(a)>nul", "(<a>)r"},
        {"(a) 2>&1 & b", "{(<a>)r & <b>}"},
        {">nul a", "< a|1nul>"},
        {"a >", "error []"},
        {"a > & b", "error [&]"},
    };
    CHECK(cases);
}

static void an_unescaped_parenthesis_ends_a_group(void **state)
{
    (void)state;
    static const struct parse_case cases[] = {
        {"(echo a (b) c)", "error [c]"},
        {"(echo a ^(b^) c)", "(<echo a (b) c>)"},
        {"(a))", "error [)]"},
        {"(a", "error []"},
        {"()", "error [)]"},
        {"(a) b", "error [b]"},
    };
    CHECK(cases);
}

static void what_stands_where_nothing_may_is_named(void **state)
{
    (void)state;
    static const struct parse_case cases[] = {
        {"& a", "error [&]"}, {"a && && b", "error [&&]"}, {"a & & b", "error [&]"},
        {"| a", "error [|]"}, {"a ||", "error []"},
    };
    CHECK(cases);
}

static void if_takes_the_rest_of_the_line(void **state)
{
    (void)state;
    static const struct parse_case cases[] = {
        {"if 1==2 a & b", "if 1 0 2: {<a > & <b>}"},
        {"if not !r!==0 a", "if not !r! 0 0: <a>"},
        {"(if not !r!==0 a b)&c", "{(if not !r! 0 0: <a b>) & <c>}"},
        {"if 1 NEQ 2 a", "if 1 2 2: <a>"},
        {"if \"x y\"==\"x y\" a", "if \"x y\" 0 \"x y\": <a>"},
        {"if errorlevel 1 a", "if 1 8 : <a>"},
        {"if defined X (a) else b", "if X 7 : (<a>) else <b>"},
        {"x&if 1==2 (a) else (b)", "{<x> & if 1 0 2: (<a>) else (<b>)}"},
        {"if 1==1 a else b", "if 1 0 1: <a else b>"},
        {"if 1==", "error []"},
        {"if 1==1", "error []"},
        {"if", "error []"},
        {"iffy", "<iffy>"},
    };
    CHECK(cases);
}

static const char *lookup(void *data, const char *name)
{
    (void)data;
    return str_ieq(name, "A") ? "1" : str_ieq(name, "LONG") ? "abcdef" : NULL;
}

static void expect_expansion(void (*expand)(const char *, cmd_lookup *, void *, struct buf *),
                             const char *from, const char *to)
{
    struct buf text;
    buf_init(&text, 4096);
    expand(from, lookup, NULL, &text);
    assert_string_equal(text.data == NULL ? "" : text.data, to);
    buf_done(&text);
}

static void percent_keeps_what_is_not_set(void **state)
{
    (void)state;
    expect_expansion(cmd_expand_percent, "%a% %B% 100%", "1 %B% 100%");
    expect_expansion(cmd_expand_percent, "\"%A%\" ^%A^%", "\"1\" ^%A^%");
    expect_expansion(cmd_expand_percent, "%LONG:~1,3% %LONG:~-2% %LONG:cd=X% %LONG:~0,-1%",
                     "bcd ef abXef abcde");
}

static void late_expansion_drops_what_is_not_set(void **state)
{
    (void)state;
    expect_expansion(cmd_expand_late, "!a!-!b!-", "1--");
    expect_expansion(cmd_expand_late, "a^!b!", "a!b");
    expect_expansion(cmd_expand_late, "no mark: ^^ stays", "no mark: ^^ stays");
    expect_expansion(cmd_expand_late, "with!mark: ^^ goes", "withmark: ^ goes");
}

/* No line may crash the parser or make it run for ever. */
static void nonsense_is_survived(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        "(",    ")",  "&",   "&&", "||", "|",     "^", "\"",    ">",   "2>",   "<", "&1", "if ",
        "not ", "==", "%a%", "!",  " ",  "echo ", "x", "else ", "nul", "rem ", "@", "=",  ","};
    uint64_t dice = 1;
    for (int round = 0; round < 20000; round++) {
        char line[256] = "";
        for (int i = 0; i < 24; i++) {
            dice = dice * UINT64_C(6364136223846793005) + 1442695040888963407U;
            (void)strncat(line, pieces[(dice >> 33) % (sizeof(pieces) / sizeof(pieces[0]))],
                          sizeof(line) - strlen(line) - 1);
        }
        struct arena arena = {0};
        struct cmd_node *node = NULL;
        const char *unexpected = NULL;
        if (cmd_parse(line, &arena, &node, &unexpected) != 0) {
            assert_non_null(unexpected);
        }
        arena_done(&arena);
    }
    char *deep = malloc(20001);
    assert_non_null(deep);
    memset(deep, '(', 20000);
    deep[20000] = '\0';
    struct arena arena = {0};
    struct cmd_node *node = NULL;
    const char *unexpected = NULL;
    assert_int_equal(cmd_parse(deep, &arena, &node, &unexpected), -1);
    arena_done(&arena);
    free(deep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(separators_bind_as_in_cmd),
        cmocka_unit_test(quotes_and_carets_protect),
        cmocka_unit_test(redirections_are_cut_out),
        cmocka_unit_test(an_unescaped_parenthesis_ends_a_group),
        cmocka_unit_test(what_stands_where_nothing_may_is_named),
        cmocka_unit_test(if_takes_the_rest_of_the_line),
        cmocka_unit_test(percent_keeps_what_is_not_set),
        cmocka_unit_test(late_expansion_drops_what_is_not_set),
        cmocka_unit_test(nonsense_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
