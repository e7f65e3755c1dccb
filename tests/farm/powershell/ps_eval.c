/* ps_eval: the values of PowerShell's expressions on a simulated server. */
#include "farm/powershell/ps_eval.h"

#include "core/str.h"
#include "farm/powershell/ps_cim.h"
#include "farm/powershell/ps_command.h"

#include <string.h>
#include <strings.h>

enum { STEPS_MAX = 1000000, TEXT_LONGEST = 1 << 20 };

struct ps_value ps_throw(struct ps_run *run, int64_t hresult, const char *message)
{
    if (!run->thrown) {
        run->thrown = true;
        run->hresult = hresult;
        run->message = message == NULL ? "" : message;
    }
    return (struct ps_value){0};
}

static struct ps_variable *variable_find(struct ps_run *run, const char *name)
{
    for (struct ps_variable *v = run->variables; v != NULL; v = v->next) {
        if (str_ieq(v->name, name)) {
            return v;
        }
    }
    return NULL;
}

void ps_variable_set(struct ps_run *run, const char *name, struct ps_value value)
{
    struct ps_variable *variable = variable_find(run, name);
    if (variable == NULL) {
        variable = arena_alloc(&run->console->arena, sizeof(*variable));
        if (variable == NULL) {
            return;
        }
        variable->name = name;
        variable->next = run->variables;
        run->variables = variable;
    }
    variable->value = value;
}

struct ps_value ps_variable_get(struct ps_run *run, const char *name)
{
    if (str_ieq(name, "true") || str_ieq(name, "false")) {
        return ps_bool(str_ieq(name, "true"));
    }
    if (strncasecmp(name, "env:", 4) == 0) {
        const char *value = console_get(run->console, name + 4);
        return value == NULL ? (struct ps_value){0} : ps_text(value);
    }
    const struct ps_variable *variable = variable_find(run, name);
    return variable == NULL ? (struct ps_value){0} : variable->value;
}

static struct ps_value take_text(struct ps_run *run, struct buf *text)
{
    struct ps_value value = ps_text(
        arena_strndup(&run->console->arena, text->data == NULL ? "" : text->data, text->len));
    buf_done(text);
    return value;
}

static struct ps_value expand(struct ps_run *run, const char *template)
{
    struct buf text;
    buf_init(&text, TEXT_LONGEST);
    while (*template != '\0') {
        size_t len = *template == '$' ? strspn(template + 1, "abcdefghijklmnopqrstuvwxyz_"
                                                             "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
                                      : 0;
        if (*template == '`' && template[1] != '\0') {
            (void)buf_putc(&text, template[1] == 'n'   ? '\n'
                                  : template[1] == 't' ? '\t'
                                                       : template[1]);
            template += 2;
        } else if (len > 0) {
            const char *name = arena_strndup(&run->console->arena, template + 1, len);
            struct ps_value value = ps_variable_get(run, name == NULL ? "" : name);
            ps_append(&value, &text);
            template += 1 + len;
        } else {
            (void)buf_putc(&text, *template ++);
        }
    }
    return take_text(run, &text);
}

void ps_print_error(struct ps_run *run, const char *message)
{
    console_printf(run->console, run->err,
                   "%s\r\n    + CategoryInfo          : NotSpecified: (:) "
                   "[], RuntimeException\r\n",
                   message);
}

/* ---- operators and members ---- */

struct ps_value ps_add(struct ps_run *run, const struct ps_value *a, const struct ps_value *b)
{
    if (a->type == VALUE_NULL) {
        return *b;
    }
    if (a->type == VALUE_TEXT) {
        struct buf text;
        buf_init(&text, TEXT_LONGEST);
        ps_append(a, &text);
        ps_append(b, &text);
        return take_text(run, &text);
    }
    int64_t number = b->number;
    if (a->type == VALUE_INT &&
        (b->type == VALUE_INT || b->type == VALUE_NULL ||
         (b->type == VALUE_TEXT && str_i64((struct slice){b->text, strlen(b->text)}, &number)))) {
        return ps_number((int64_t)((uint64_t)a->number + (uint64_t)number));
    }
    return ps_throw(run, PS_RUNTIME_ERROR, "Cannot convert value: the operands do not add up.");
}

static struct ps_value eval_binary(struct ps_run *run, const struct ps_node *node)
{
    struct ps_value a = ps_eval(run, node->left);
    if (run->thrown) {
        return a;
    }
    if (node->op == OP_AND || node->op == OP_OR) {
        bool left = ps_is_true(&a);
        if (left == (node->op == OP_OR)) {
            return ps_bool(left);
        }
        struct ps_value b = ps_eval(run, node->right);
        return ps_bool(ps_is_true(&b));
    }
    struct ps_value b = ps_eval(run, node->right);
    if (run->thrown) {
        return b;
    }
    if (node->op == OP_ADD) {
        return ps_add(run, &a, &b);
    }
    if (node->op == OP_SUBTRACT) {
        bool numbers = a.type == VALUE_INT && b.type == VALUE_INT;
        return numbers
                   ? ps_number((int64_t)((uint64_t)a.number - (uint64_t)b.number))
                   : ps_throw(run, PS_RUNTIME_ERROR, "op_Subtraction is not simulated for this");
    }
    int order = 0;
    if (!ps_compare(&a, &b, &order)) {
        return ps_throw(run, PS_RUNTIME_ERROR, "Cannot compare these because they are objects.");
    }
    switch (node->op) {
    case OP_EQ:
        return ps_bool(order == 0);
    case OP_NE:
        return ps_bool(order != 0);
    case OP_GT:
        return ps_bool(order > 0);
    case OP_GE:
        return ps_bool(order >= 0);
    case OP_LT:
        return ps_bool(order < 0);
    default:
        return ps_bool(order <= 0);
    }
}

static struct ps_value to_string(struct ps_run *run, const struct ps_value *value,
                                 const struct ps_node *node)
{
    struct buf text;
    buf_init(&text, TEXT_LONGEST);
    if (node->count == 0) {
        ps_append(value, &text);
        return take_text(run, &text);
    }
    struct ps_value format = ps_eval(run, node->items[0]);
    if (value->type != VALUE_TIME || format.type != VALUE_TEXT || !str_ieq(format.text, "o")) {
        return ps_throw(run, PS_RUNTIME_ERROR,
                        "pvsfarm: of ToString's formats only 'o' of a DateTime is simulated");
    }
    ps_append_roundtrip(value, &text);
    return take_text(run, &text);
}

/* .Trim('"'): without the characters that are named at either end. */
static struct ps_value trim(struct ps_run *run, const struct ps_value *value, const char *ends)
{
    const char *from = value->text + strspn(value->text, ends);
    size_t len = strlen(from);
    while (len > 0 && strchr(ends, from[len - 1]) != NULL) {
        len--;
    }
    return ps_text(arena_strndup(&run->console->arena, from, len));
}

static struct ps_value eval_call(struct ps_run *run, const struct ps_node *node)
{
    struct ps_value value = ps_eval(run, node->left);
    if (run->thrown) {
        return value;
    }
    if (value.type == VALUE_NULL) {
        return ps_throw(run, PS_RUNTIME_ERROR,
                        "You cannot call a method on a null-valued expression.");
    }
    if (str_ieq(node->text, "ToString")) {
        return to_string(run, &value, node);
    }
    if (value.type == VALUE_TEXT && str_ieq(node->text, "Trim") && node->count == 1) {
        struct ps_value ends = ps_eval(run, node->items[0]);
        return run->thrown ? ends : trim(run, &value, ends.type == VALUE_TEXT ? ends.text : "");
    }
    if (value.type == VALUE_TIME && node->count == 0) {
        if (str_ieq(node->text, "ToUniversalTime")) {
            return ps_time(value.ms, value.ticks, false, 0);
        }
        if (str_ieq(node->text, "ToLocalTime")) {
            return ps_time(value.ms, value.ticks, true, ps_cim_offset_min(run->console));
        }
        if (str_ieq(node->text, "ToFileTimeUtc")) {
            return ps_number((value.ms + INT64_C(11644473600000)) * 10000 + value.ticks);
        }
    }
    return ps_throw(run, PS_RUNTIME_ERROR,
                    arena_printf(&run->console->arena,
                                 "Method invocation failed because it does not contain a method "
                                 "named '%s'.",
                                 node->text));
}

static struct ps_value eval_static(struct ps_run *run, const struct ps_node *node)
{
    const char *type = node->left->kind == PS_TYPE ? node->left->text : "";
    if (!str_ieq(type, "DateTime") && !str_ieq(type, "System.DateTime")) {
        return ps_throw(run, PS_RUNTIME_ERROR,
                        arena_printf(&run->console->arena, "Unable to find type [%s].", type));
    }
    struct moment moment = server_moment(run->console->fleet, run->console->server);
    if (str_ieq(node->text, "UtcNow")) {
        return ps_time(moment.wall_ms, 1234, false, 0);
    }
    if (str_ieq(node->text, "Now")) {
        return ps_time(moment.wall_ms, 1234, true, ps_cim_offset_min(run->console));
    }
    return (struct ps_value){0};
}

struct ps_value ps_eval(struct ps_run *run, const struct ps_node *node)
{
    struct ps_value value = {0};
    if (++run->steps > STEPS_MAX) {
        return ps_throw(run, PS_RUNTIME_ERROR, "pvsfarm: the script runs for too long");
    }
    switch (node->kind) {
    case PS_TEXT:
        return ps_text(node->text);
    case PS_EXPANDABLE:
        return expand(run, node->text);
    case PS_NUMBER:
        return ps_number(node->number);
    case PS_VARIABLE:
        return ps_variable_get(run, node->text);
    case PS_MEMBER:
        value = ps_eval(run, node->left);
        return ps_member(&value, node->text);
    case PS_STATIC:
        return eval_static(run, node);
    case PS_CALL:
        return eval_call(run, node);
    case PS_BINARY:
        return eval_binary(run, node);
    case PS_NOT:
        value = ps_eval(run, node->left);
        return ps_bool(!ps_is_true(&value));
    case PS_NEGATIVE:
        value = ps_eval(run, node->left);
        return value.type == VALUE_INT ? ps_number(-value.number)
                                       : ps_throw(run, PS_RUNTIME_ERROR, "not a number");
    case PS_COMMAND:
        return ps_command(run, node);
    default:
        return ps_throw(run, PS_RUNTIME_ERROR, "pvsfarm: this expression is not simulated");
    }
}
