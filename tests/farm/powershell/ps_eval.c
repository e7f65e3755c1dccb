/* ps_eval: the values of PowerShell's expressions and commands on a simulated server. */
#include "farm/powershell/ps_eval.h"

#include "core/str.h"
#include "farm/powershell/ps_cim.h"
#include "farm/powershell/ps_item.h"
#include "farm/server/text.h"

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

/* ---- commands ---- */

void ps_print_error(struct ps_run *run, const char *message)
{
    console_printf(run->console, run->err,
                   "%s\r\n    + CategoryInfo          : NotSpecified: (:) "
                   "[], RuntimeException\r\n",
                   message);
}

/* Loading the module reports progress, and with -EncodedCommand that comes out as CLIXML. */
static void show_progress(struct ps_run *run)
{
    struct ps_value preference = ps_variable_get(run, "ProgressPreference");
    bool silent = preference.type == VALUE_TEXT && str_ieq(preference.text, "SilentlyContinue");
    if (!run->encoded || run->progress_shown || silent) {
        return;
    }
    run->progress_shown = true;
    console_print(run->console, run->err,
                  "#< CLIXML\r\n<Objs Version=\"1.1.0.1\" xmlns=\"http://schemas.microsoft.com/"
                  "powershell/2004/04\"><Obj S=\"progress\" RefId=\"0\"><TN RefId=\"0\">"
                  "<T>System.Management.Automation.PSCustomObject</T><T>System.Object</T></TN><MS>"
                  "<I64 N=\"SourceId\">1</I64><PR N=\"Record\"><AV>Preparing modules for first use."
                  "</AV><AI>0</AI><Nil /><PI>-1</PI><PC>-1</PC><T>Completed</T><SR>-1</SR>"
                  "<SD> </SD></PR></MS></Obj></Objs>");
}

/* What a command was given, by its parameters; a value without one is the first of them. */
struct ps_arguments {
    const char *const *names; /* of the parameters, ending with NULL */
    const char *values[4];
    bool stop; /* -ErrorAction Stop */
};

static bool is_error_action(const char *name)
{
    return str_ieq(name, "ErrorAction") || str_ieq(name, "EA");
}

static bool take_argument(struct ps_run *run, struct ps_arguments *arguments, const char *name,
                          const struct ps_node *node)
{
    struct ps_value value = ps_eval(run, node);
    const char *text = value.type == VALUE_TEXT ? value.text : "";
    size_t i = 0;
    if (is_error_action(name)) {
        arguments->stop = str_ieq(text, "Stop");
        return true;
    }
    while (arguments->names[i] != NULL && !str_ieq(arguments->names[i], name)) {
        i++;
    }
    if (arguments->names[i] == NULL) {
        (void)ps_throw(run, PS_RUNTIME_ERROR,
                       arena_printf(&run->console->arena,
                                    "A parameter cannot be found that matches parameter name '%s' "
                                    "(or pvsfarm does not simulate it).",
                                    name));
        return false;
    }
    arguments->values[i] = text;
    return true;
}

static bool take_arguments(struct ps_run *run, const struct ps_node *node,
                           struct ps_arguments *arguments)
{
    for (size_t i = 0; i < node->count; i++) {
        const struct ps_node *item = node->items[i];
        bool named = item->kind == PS_PARAMETER;
        if (named && i + 1 == node->count) {
            (void)ps_throw(run, PS_RUNTIME_ERROR, "Missing an argument for a parameter.");
            return false;
        }
        if (!take_argument(run, arguments, named ? item->text : arguments->names[0],
                           named ? node->items[++i] : item)) {
            return false;
        }
    }
    return !run->thrown;
}

/* An error is thrown where the script wants that, else it is printed and nothing comes back. */
static struct ps_value refuse(struct ps_run *run, const struct ps_arguments *arguments,
                              int64_t error, const char *message)
{
    if (arguments->stop) {
        return ps_throw(run, error, message);
    }
    ps_print_error(run, message);
    run->last_failed = true;
    return (struct ps_value){0};
}

static struct ps_value get_cim_instance(struct ps_run *run, const struct ps_node *node)
{
    static const char *const names[] = {"ClassName", "Namespace", "OperationTimeoutSec", NULL};
    struct ps_arguments arguments = {.names = names, .values = {NULL, "root/cimv2"}};
    struct ps_value rows = {0};
    show_progress(run);
    if (!take_arguments(run, node, &arguments)) {
        return rows;
    }
    int64_t error = arguments.values[0] == NULL ? PS_RUNTIME_ERROR
                                                : ps_cim_list(run->console, arguments.values[1],
                                                              arguments.values[0], &rows);
    return error == 0
               ? rows
               : refuse(run, &arguments, error,
                        error == CIM_DENIED ? "Get-CimInstance : Access denied "
                                            : "Get-CimInstance : Invalid class or namespace ");
}

static struct ps_value get_item(struct ps_run *run, const struct ps_node *node)
{
    static const char *const names[] = {"Path", NULL};
    struct ps_arguments arguments = {.names = names};
    struct ps_value rows = {0};
    if (!take_arguments(run, node, &arguments)) {
        return rows;
    }
    const char *path = arguments.values[0] == NULL ? "" : arguments.values[0];
    return ps_item_list(run->console, path, &rows)
               ? rows
               : refuse(run, &arguments, PS_RUNTIME_ERROR,
                        "Get-Item : Cannot find path because it does not exist.");
}

static struct ps_value get_item_property(struct ps_run *run, const struct ps_node *node)
{
    static const char *const names[] = {"Path", NULL};
    struct ps_arguments arguments = {.names = names};
    struct ps_value key = {0};
    if (!take_arguments(run, node, &arguments)) {
        return key;
    }
    const char *path = arguments.values[0] == NULL ? "" : arguments.values[0];
    if (!console_may(run->console, RIGHT_REG)) {
        return refuse(run, &arguments, PS_SECURITY_ERROR,
                      "Get-ItemProperty : Requested registry access is not allowed.");
    }
    return ps_item_key(run->console, path, &key)
               ? key
               : refuse(run, &arguments, PS_RUNTIME_ERROR,
                        "Get-ItemProperty : Cannot find path because it does not exist.");
}

static struct ps_value eval_command(struct ps_run *run, const struct ps_node *node)
{
    char text[512];
    bool has_cim = run->console->server->os > OS_2008R2; /* PowerShell 3 brought it */
    if (has_cim && str_ieq(node->text, "Get-CimInstance")) {
        return get_cim_instance(run, node);
    }
    if (str_ieq(node->text, "Get-Item")) {
        return get_item(run, node);
    }
    if (str_ieq(node->text, "Get-ItemProperty")) {
        return get_item_property(run, node);
    }
    if (str_ieq(node->text, "Write-Output") || str_ieq(node->text, "echo")) {
        return node->count == 1 ? ps_eval(run, node->items[0]) : (struct ps_value){0};
    }
    text_fill(console_language(run->console), TEXT_PS_UNKNOWN_COMMAND, node->text, text,
              sizeof(text));
    return ps_throw(run, PS_RUNTIME_ERROR, arena_strdup(&run->console->arena, text));
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
        return eval_command(run, node);
    default:
        return ps_throw(run, PS_RUNTIME_ERROR, "pvsfarm: this expression is not simulated");
    }
}
