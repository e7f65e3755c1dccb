/* ps_command: PowerShell's commands on a simulated server, with their parameters. */
#include "farm/powershell/ps_command.h"

#include "core/str.h"
#include "farm/powershell/ps_cim.h"
#include "farm/powershell/ps_item.h"
#include "farm/server/text.h"

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

struct ps_value ps_command(struct ps_run *run, const struct ps_node *node)
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
