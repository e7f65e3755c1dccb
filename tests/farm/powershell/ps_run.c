/* ps_run: runs a parsed PowerShell script on a simulated server. */
#include "farm/powershell/ps_run.h"

#include "farm/powershell/ps_eval.h"

enum { TEXT_LONGEST = 1 << 20 };

static void run_block(struct ps_run *run, const struct ps_node *block, bool in_try);

static void print_value(struct ps_run *run, const struct ps_value *value)
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

static void run_foreach(struct ps_run *run, const struct ps_node *node, bool in_try)
{
    struct ps_value list = ps_eval(run, node->left);
    const struct ps_value *items = list.type == VALUE_LIST ? list.items : &list;
    size_t count = list.type == VALUE_LIST ? list.count : list.type == VALUE_NULL ? 0 : 1;
    for (size_t i = 0; i < count && !run->thrown && !run->exited; i++) {
        ps_variable_set(run, node->text, items[i]);
        run_block(run, node->items[0], in_try);
    }
}

/* In a catch block $_ is an ErrorRecord with its Exception. */
static struct ps_value error_record(struct ps_run *run)
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

static void run_try(struct ps_run *run, const struct ps_node *node, bool in_try)
{
    run_block(run, node->items[0], true);
    if (run->thrown) {
        run->thrown = false;
        ps_variable_set(run, "_", error_record(run));
        run_block(run, node->items[1], in_try);
    }
}

static void run_if(struct ps_run *run, const struct ps_node *node, bool in_try)
{
    struct ps_value condition = ps_eval(run, node->left);
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

static void run_statement(struct ps_run *run, const struct ps_node *node, bool in_try)
{
    struct ps_value value = {0}, before = {0};
    run->last_failed = false;
    switch (node->kind) {
    case PS_ASSIGN:
    case PS_ADD_ASSIGN:
        value = ps_eval(run, node->left);
        if (!run->thrown && node->kind == PS_ADD_ASSIGN) {
            before = ps_variable_get(run, node->text);
            value = ps_add(run, &before, &value);
        }
        if (!run->thrown) {
            ps_variable_set(run, node->text, value);
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
        value = node->left == NULL ? ps_number(0) : ps_eval(run, node->left);
        run->exit_code = value.type == VALUE_INT ? (int)value.number : 0;
        run->exited = !run->thrown;
        return;
    default:
        value = ps_eval(run, node);
        if (!run->thrown) {
            print_value(run, &value);
        }
    }
}

/* Outside of a try an error ends its statement and is printed; inside it ends the block. */
static void run_block(struct ps_run *run, const struct ps_node *block, bool in_try)
{
    for (size_t i = 0; i < block->count && !run->exited; i++) {
        run_statement(run, block->items[i], in_try);
        if (run->thrown && in_try) {
            return;
        }
        if (run->thrown) {
            ps_print_error(run, run->message);
            run->thrown = false;
            run->last_failed = true;
        }
    }
}

int ps_run(struct console *console, const struct ps_node *script, struct buf *out, struct buf *err,
           bool encoded)
{
    struct ps_run run = {.console = console, .out = out, .err = err, .encoded = encoded};
    run_block(&run, script, false);
    return run.exited ? run.exit_code : run.last_failed ? 1 : 0;
}
