/* program_powershell: powershell.exe with a script in its arguments. */
#include "core/str.h"
#include "farm/codec/base64.h"
#include "farm/codec/utf16.h"
#include "farm/powershell/ps_run.h"
#include "farm/program/program.h"

#include <string.h>

enum { SCRIPT_LONGEST = 1 << 20 };

/* PowerShell takes any unique beginning of a parameter's name. */
static bool is_parameter(const char *arg, const char *name, size_t at_least)
{
    size_t len = strlen(arg);
    return (*arg == '-' || *arg == '/') && len - 1 >= at_least && len - 1 <= strlen(name) &&
           strncasecmp(arg + 1, name, len - 1) == 0;
}

static int run_script(struct call *call, const char *script, bool encoded)
{
    struct console *console = call->console;
    const char *error = NULL;
    struct ps_node *tree = ps_parse(script, &console->arena, &error);
    if (tree == NULL) {
        console_printf(console, call->err,
                       "%s\r\n    + CategoryInfo          : ParserError: (:) [], "
                       "ParentContainsErrorRecordException\r\n",
                       error);
        return 1;
    }
    return ps_run(console, tree, call->out, call->err, encoded);
}

static int run_encoded(struct call *call, const char *base64)
{
    struct buf bytes, script;
    buf_init(&bytes, SCRIPT_LONGEST);
    buf_init(&script, SCRIPT_LONGEST);
    int status = -1;
    if (base64 != NULL && base64_decode((struct slice){base64, strlen(base64)}, &bytes) &&
        utf16_to_utf8((struct slice){bytes.data, bytes.len}, &script)) {
        status = run_script(call, script.data == NULL ? "" : script.data, true);
    } else {
        console_print(call->console, call->err,
                      "Cannot process the command because the value specified with "
                      "-EncodedCommand is not properly encoded.\r\n");
    }
    buf_done(&bytes);
    buf_done(&script);
    return status == -1 ? -196608 : status;
}

static int run_words(struct call *call, int first)
{
    struct buf script;
    buf_init(&script, SCRIPT_LONGEST);
    for (int i = first; i < call->argc; i++) {
        (void)buf_printf(&script, "%s%s", i == first ? "" : " ", call->argv[i]);
    }
    int status = run_script(call, script.data == NULL ? "" : script.data, false);
    buf_done(&script);
    return status;
}

int program_powershell(struct call *call)
{
    for (int i = 1; i < call->argc; i++) {
        const char *arg = call->argv[i];
        if (is_parameter(arg, "NoProfile", 3) || is_parameter(arg, "NonInteractive", 4) ||
            is_parameter(arg, "NoLogo", 3)) {
            continue;
        }
        if (is_parameter(arg, "ExecutionPolicy", 2) || str_ieq(arg, "-ep")) {
            i++;
            continue;
        }
        if (is_parameter(arg, "EncodedCommand", 1) || str_ieq(arg, "-ec")) {
            return run_encoded(call, i + 1 < call->argc ? call->argv[i + 1] : NULL);
        }
        return run_words(call, is_parameter(arg, "Command", 1) ? i + 1 : i);
    }
    return 0;
}
