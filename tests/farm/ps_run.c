/* ps_run: runs a parsed PowerShell script on a simulated server. */
#include "farm/ps_run.h"

#include "core/str.h"
#include "farm/ps_cim.h"
#include "farm/ps_value.h"
#include "farm/text.h"

#include <string.h>

enum { RUNTIME_ERROR = -2146233087, STEPS_MAX = 1000000, TEXT_LONGEST = 1 << 20 };

struct variable {
    struct variable *next;
    const char *name;
    struct ps_value value;
};

struct run {
    struct console *console;
    struct buf *out, *err;
    struct variable *variables;
    unsigned steps;
    bool encoded, progress_shown;
    /* how a statement ended */
    bool thrown, exited, last_failed;
    int64_t hresult;
    const char *message;
    int exit_code;
};

static struct ps_value eval(struct run *run, const struct ps_node *node);
static void run_block(struct run *run, const struct ps_node *block, bool in_try);

static struct ps_value throw_error(struct run *run, int64_t hresult, const char *message)
{
    if (!run->thrown) {
        run->thrown = true;
        run->hresult = hresult;
        run->message = message == NULL ? "" : message;
    }
    return (struct ps_value){0};
}

static struct variable *variable_find(struct run *run, const char *name)
{
    for (struct variable *v = run->variables; v != NULL; v = v->next) {
        if (str_ieq(v->name, name)) {
            return v;
        }
    }
    return NULL;
}

static void variable_set(struct run *run, const char *name, struct ps_value value)
{
    struct variable *variable = variable_find(run, name);
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

static struct ps_value variable_get(struct run *run, const char *name)
{
    if (str_ieq(name, "true") || str_ieq(name, "false")) {
        return ps_bool(str_ieq(name, "true"));
    }
    const struct variable *variable = variable_find(run, name);
    return variable == NULL ? (struct ps_value){0} : variable->value;
}

static struct ps_value take_text(struct run *run, struct buf *text)
{
    struct ps_value value = ps_text(
        arena_strndup(&run->console->arena, text->data == NULL ? "" : text->data, text->len));
    buf_done(text);
    return value;
}

static struct ps_value expand(struct run *run, const char *template)
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
            struct ps_value value = variable_get(run, name == NULL ? "" : name);
            ps_append(&value, &text);
            template += 1 + len;
        } else {
            (void)buf_putc(&text, *template ++);
        }
    }
    return take_text(run, &text);
}

/* ---- operators and members ---- */

static struct ps_value add(struct run *run, const struct ps_value *a, const struct ps_value *b)
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
    return throw_error(run, RUNTIME_ERROR, "Cannot convert value: the operands do not add up.");
}

static struct ps_value eval_binary(struct run *run, const struct ps_node *node)
{
    struct ps_value a = eval(run, node->left);
    if (run->thrown) {
        return a;
    }
    if (node->op == OP_AND || node->op == OP_OR) {
        bool left = ps_is_true(&a);
        if (left == (node->op == OP_OR)) {
            return ps_bool(left);
        }
        struct ps_value b = eval(run, node->right);
        return ps_bool(ps_is_true(&b));
    }
    struct ps_value b = eval(run, node->right);
    if (run->thrown) {
        return b;
    }
    if (node->op == OP_ADD) {
        return add(run, &a, &b);
    }
    if (node->op == OP_SUBTRACT) {
        bool numbers = a.type == VALUE_INT && b.type == VALUE_INT;
        return numbers
                   ? ps_number((int64_t)((uint64_t)a.number - (uint64_t)b.number))
                   : throw_error(run, RUNTIME_ERROR, "op_Subtraction is not simulated for this");
    }
    int order = 0;
    if (!ps_compare(&a, &b, &order)) {
        return throw_error(run, RUNTIME_ERROR, "Cannot compare these because they are objects.");
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

static struct ps_value to_string(struct run *run, const struct ps_value *value,
                                 const struct ps_node *node)
{
    struct buf text;
    buf_init(&text, TEXT_LONGEST);
    if (node->count == 0) {
        ps_append(value, &text);
        return take_text(run, &text);
    }
    struct ps_value format = eval(run, node->items[0]);
    if (value->type != VALUE_TIME || format.type != VALUE_TEXT || !str_ieq(format.text, "o")) {
        return throw_error(run, RUNTIME_ERROR,
                           "pvsfarm: of ToString's formats only 'o' of a DateTime is simulated");
    }
    ps_append_roundtrip(value, &text);
    return take_text(run, &text);
}

static struct ps_value eval_call(struct run *run, const struct ps_node *node)
{
    struct ps_value value = eval(run, node->left);
    if (run->thrown) {
        return value;
    }
    if (value.type == VALUE_NULL) {
        return throw_error(run, RUNTIME_ERROR,
                           "You cannot call a method on a null-valued expression.");
    }
    if (str_ieq(node->text, "ToString")) {
        return to_string(run, &value, node);
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
    return throw_error(run, RUNTIME_ERROR,
                       arena_printf(&run->console->arena,
                                    "Method invocation failed because it does not contain a method "
                                    "named '%s'.",
                                    node->text));
}

static struct ps_value eval_static(struct run *run, const struct ps_node *node)
{
    const char *type = node->left->kind == PS_TYPE ? node->left->text : "";
    if (!str_ieq(type, "DateTime") && !str_ieq(type, "System.DateTime")) {
        return throw_error(run, RUNTIME_ERROR,
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

static void print_error(struct run *run, const char *message)
{
    console_printf(run->console, run->err,
                   "%s\r\n    + CategoryInfo          : NotSpecified: (:) "
                   "[], RuntimeException\r\n",
                   message);
}

/* Loading the module reports progress, and with -EncodedCommand that comes out as CLIXML. */
static void show_progress(struct run *run)
{
    struct ps_value preference = variable_get(run, "ProgressPreference");
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

static struct ps_value get_cim_instance(struct run *run, const struct ps_node *node)
{
    const char *class_name = NULL;
    bool stop = false;
    show_progress(run);
    for (size_t i = 0; i < node->count; i++) {
        const struct ps_node *item = node->items[i];
        bool named = item->kind == PS_PARAMETER;
        struct ps_value value = {0};
        if (named && i + 1 == node->count) {
            return throw_error(run, RUNTIME_ERROR, "Missing an argument for a parameter.");
        }
        value = eval(run, named ? node->items[++i] : item);
        const char *text = value.type == VALUE_TEXT ? value.text : "";
        if (!named || str_ieq(item->text, "ClassName") || str_ieq(item->text, "Class")) {
            class_name = text;
        } else if (str_ieq(item->text, "ErrorAction") || str_ieq(item->text, "EA")) {
            stop = str_ieq(text, "Stop");
        } else {
            return throw_error(run, RUNTIME_ERROR,
                               arena_printf(&run->console->arena,
                                            "A parameter cannot be found that matches parameter "
                                            "name '%s' (or pvsfarm does not simulate it).",
                                            item->text));
        }
    }
    struct ps_value rows = {0};
    int64_t error =
        class_name == NULL ? RUNTIME_ERROR : ps_cim_list(run->console, class_name, &rows);
    const char *message = error == CIM_DENIED ? "Get-CimInstance : Access denied "
                                              : "Get-CimInstance : Invalid class ";
    if (error != 0 && stop) {
        return throw_error(run, error, message);
    }
    if (error != 0) {
        print_error(run, message);
        run->last_failed = true;
    }
    return rows;
}

static struct ps_value eval_command(struct run *run, const struct ps_node *node)
{
    char text[512];
    if (str_ieq(node->text, "Get-CimInstance")) {
        return get_cim_instance(run, node);
    }
    if (str_ieq(node->text, "Write-Output") || str_ieq(node->text, "echo")) {
        return node->count == 1 ? eval(run, node->items[0]) : (struct ps_value){0};
    }
    text_fill(console_language(run->console), TEXT_PS_UNKNOWN_COMMAND, node->text, text,
              sizeof(text));
    return throw_error(run, RUNTIME_ERROR, arena_strdup(&run->console->arena, text));
}

static struct ps_value eval(struct run *run, const struct ps_node *node)
{
    struct ps_value value = {0};
    if (++run->steps > STEPS_MAX) {
        return throw_error(run, RUNTIME_ERROR, "pvsfarm: the script runs for too long");
    }
    switch (node->kind) {
    case PS_TEXT:
        return ps_text(node->text);
    case PS_EXPANDABLE:
        return expand(run, node->text);
    case PS_NUMBER:
        return ps_number(node->number);
    case PS_VARIABLE:
        return variable_get(run, node->text);
    case PS_MEMBER:
        value = eval(run, node->left);
        return ps_member(&value, node->text);
    case PS_STATIC:
        return eval_static(run, node);
    case PS_CALL:
        return eval_call(run, node);
    case PS_BINARY:
        return eval_binary(run, node);
    case PS_NOT:
        value = eval(run, node->left);
        return ps_bool(!ps_is_true(&value));
    case PS_NEGATIVE:
        value = eval(run, node->left);
        return value.type == VALUE_INT ? ps_number(-value.number)
                                       : throw_error(run, RUNTIME_ERROR, "not a number");
    case PS_COMMAND:
        return eval_command(run, node);
    default:
        return throw_error(run, RUNTIME_ERROR, "pvsfarm: this expression is not simulated");
    }
}

/* ---- statements ---- */

static void print_value(struct run *run, const struct ps_value *value)
{
    if (value->type == VALUE_LIST) {
        for (size_t i = 0; i < value->count; i++) {
            print_value(run, &value->items[i]);
        }
    } else if (value->type != VALUE_NULL) {
        struct buf text;
        buf_init(&text, TEXT_LONGEST);
        ps_append(value, &text);
        (void)buf_puts(&text, "\r\n");
        console_write(run->console, run->out, text.data, text.len);
        buf_done(&text);
    }
}

static void run_foreach(struct run *run, const struct ps_node *node, bool in_try)
{
    struct ps_value list = eval(run, node->left);
    const struct ps_value *items = list.type == VALUE_LIST ? list.items : &list;
    size_t count = list.type == VALUE_LIST ? list.count : list.type == VALUE_NULL ? 0 : 1;
    for (size_t i = 0; i < count && !run->thrown && !run->exited; i++) {
        variable_set(run, node->text, items[i]);
        run_block(run, node->items[0], in_try);
    }
}

/* In a catch block $_ is an ErrorRecord with its Exception. */
static struct ps_value error_record(struct run *run)
{
    struct arena *arena = &run->console->arena;
    struct ps_property *inner = arena_array(arena, 2, sizeof(*inner));
    struct ps_property *outer = arena_array(arena, 1, sizeof(*outer));
    struct ps_object *objects = arena_array(arena, 2, sizeof(*objects));
    if (inner == NULL || outer == NULL || objects == NULL) {
        return (struct ps_value){0};
    }
    inner[0] = (struct ps_property){"HResult", ps_number(run->hresult)};
    inner[1] = (struct ps_property){"Message", ps_text(run->message)};
    objects[0] = (struct ps_object){"System.Exception", inner, 2};
    outer[0] = (struct ps_property){"Exception", {.type = VALUE_OBJECT, .object = &objects[0]}};
    objects[1] = (struct ps_object){"ErrorRecord", outer, 1};
    return (struct ps_value){.type = VALUE_OBJECT, .object = &objects[1]};
}

static void run_try(struct run *run, const struct ps_node *node, bool in_try)
{
    run_block(run, node->items[0], true);
    if (run->thrown) {
        run->thrown = false;
        variable_set(run, "_", error_record(run));
        run_block(run, node->items[1], in_try);
    }
}

static void run_if(struct run *run, const struct ps_node *node, bool in_try)
{
    struct ps_value condition = eval(run, node->left);
    if (run->thrown) {
        return;
    }
    if (ps_is_true(&condition)) {
        run_block(run, node->items[0], in_try);
    } else if (node->count > 1 && node->items[1]->kind == PS_IF) {
        run_if(run, node->items[1], in_try);
    } else if (node->count > 1) {
        run_block(run, node->items[1], in_try);
    }
}

static void run_statement(struct run *run, const struct ps_node *node, bool in_try)
{
    struct ps_value value = {0}, before = {0};
    run->last_failed = false;
    switch (node->kind) {
    case PS_ASSIGN:
    case PS_ADD_ASSIGN:
        value = eval(run, node->left);
        if (!run->thrown && node->kind == PS_ADD_ASSIGN) {
            before = variable_get(run, node->text);
            value = add(run, &before, &value);
        }
        if (!run->thrown) {
            variable_set(run, node->text, value);
        }
        return;
    case PS_IF:
        run_if(run, node, in_try);
        return;
    case PS_FOREACH:
        run_foreach(run, node, in_try);
        return;
    case PS_TRY:
        run_try(run, node, in_try);
        return;
    case PS_EXIT:
        value = node->left == NULL ? ps_number(0) : eval(run, node->left);
        run->exit_code = value.type == VALUE_INT ? (int)value.number : 0;
        run->exited = !run->thrown;
        return;
    default:
        value = eval(run, node);
        if (!run->thrown) {
            print_value(run, &value);
        }
    }
}

/* Outside of a try an error ends its statement and is printed; inside it ends the block. */
static void run_block(struct run *run, const struct ps_node *block, bool in_try)
{
    for (size_t i = 0; i < block->count && !run->exited; i++) {
        run_statement(run, block->items[i], in_try);
        if (run->thrown && in_try) {
            return;
        }
        if (run->thrown) {
            print_error(run, run->message);
            run->thrown = false;
            run->last_failed = true;
        }
    }
}

int ps_run(struct console *console, const struct ps_node *script, struct buf *out, struct buf *err,
           bool encoded)
{
    struct run run = {.console = console, .out = out, .err = err, .encoded = encoded};
    run_block(&run, script, false);
    return run.exited ? run.exit_code : run.last_failed ? 1 : 0;
}
