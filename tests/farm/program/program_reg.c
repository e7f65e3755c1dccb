/* program_reg: reg.exe query KEY [/v NAME] [/s]. */
#include "core/str.h"
#include "farm/program/program.h"
#include "farm/server/registry.h"
#include "farm/server/text.h"

#include <string.h>

#define MACHINE "HKEY_LOCAL_MACHINE"

struct question {
    const char *key; /* below HKEY_LOCAL_MACHINE, as asked */
    const char *value;
    bool deep;
};

static bool parse_question(const struct call *call, struct question *question)
{
    static const char *const roots[] = {"HKLM\\", MACHINE "\\"};
    *question = (struct question){0};
    if (call->argc < 3 || !str_ieq(call->argv[1], "query")) {
        return false;
    }
    for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
        if (strncasecmp(call->argv[2], roots[i], strlen(roots[i])) == 0) {
            question->key = call->argv[2] + strlen(roots[i]);
        }
    }
    for (int i = 3; i < call->argc; i++) {
        if (str_ieq(call->argv[i], "/s")) {
            question->deep = true;
        } else if (str_ieq(call->argv[i], "/v") && i + 1 < call->argc) {
            question->value = call->argv[++i];
        } else if (strncasecmp(call->argv[i], "/reg:", 5) != 0) {
            return false;
        }
    }
    return question->key != NULL;
}

/* 0: another key; 1: the key itself; 2: below it, and then *ret_child is the end of the child. */
static int relation(const char *key, const char *asked, size_t *ret_child)
{
    size_t len = strlen(asked);
    while (len > 0 && asked[len - 1] == '\\') {
        len--;
    }
    if (strncasecmp(key, asked, len) != 0) {
        return 0;
    }
    if (key[len] == '\0') {
        return 1;
    }
    if (key[len] != '\\') {
        return 0;
    }
    *ret_child = len + 1 + strcspn(key + len + 1, "\\");
    return 2;
}

static void print_value(struct call *call, const struct registry_value *value)
{
    console_printf(call->console, call->out, "    %s    %s    %s\r\n", value->name, value->type,
                   value->data);
}

/* One key with its values, as they follow each other in the list. */
static size_t print_key(struct call *call, const struct registry *registry, size_t at,
                        const char *only)
{
    const char *key = registry->values[at].key;
    bool titled = false;
    size_t printed = 0;
    for (; at < registry->count && str_eq(registry->values[at].key, key); at++) {
        const struct registry_value *value = &registry->values[at];
        if (value->name == NULL || (only != NULL && !str_ieq(value->name, only))) {
            continue;
        }
        if (!titled) {
            console_printf(call->console, call->out, "\r\n" MACHINE "\\%s\r\n", key);
            titled = true;
        }
        print_value(call, value);
        printed++;
    }
    return printed;
}

/* Names of the keys directly below, once each. */
static size_t print_children(struct call *call, const struct registry *registry,
                             const struct question *question)
{
    size_t printed = 0;
    const char *last = "";
    size_t last_len = 0;
    for (size_t i = 0; i < registry->count; i++) {
        size_t child = 0;
        const char *key = registry->values[i].key;
        if (relation(key, question->key, &child) != 2 ||
            (child == last_len && strncasecmp(key, last, child) == 0)) {
            continue;
        }
        console_printf(call->console, call->out, MACHINE "\\%.*s\r\n", (int)child, key);
        last = key;
        last_len = child;
        printed++;
    }
    return printed;
}

static bool answer(struct call *call, const struct registry *registry,
                   const struct question *question)
{
    bool exists = false;
    size_t printed = 0;
    for (size_t i = 0; i < registry->count; i++) {
        size_t child = 0;
        bool first = i == 0 || !str_eq(registry->values[i].key, registry->values[i - 1].key);
        int related = relation(registry->values[i].key, question->key, &child);
        exists |= related != 0;
        if (first && (related == 1 || (related == 2 && question->deep))) {
            printed += print_key(call, registry, i, question->value);
        }
    }
    if (exists && question->value == NULL) {
        console_print(call->console, call->out, "\r\n");
        if (!question->deep) {
            (void)print_children(call, registry, question);
        }
        return true;
    }
    if (printed > 0) {
        console_print(call->console, call->out, "\r\n");
    }
    return printed > 0;
}

int program_reg(struct call *call)
{
    struct console *console = call->console;
    enum language language = console_language(console);
    struct question question;
    struct registry registry;
    enum text_id error = TEXT_REG_SYNTAX;
    if (parse_question(call, &question)) {
        error = TEXT_REG_DENIED;
        if (console_may(console, RIGHT_REG) &&
            registry_list(console->fleet, console->server, &console->arena, &registry) == 0) {
            if (answer(call, &registry, &question)) {
                return 0;
            }
            error = TEXT_REG_NOT_FOUND;
        }
    }
    console_print(console, call->err, text_get(language, error));
    return 1;
}
