/* program_powershell: powershell.exe with a script in its arguments. */
#include "core/str.h"
#include "farm/powershell/ps_run.h"
#include "farm/program/program.h"

#include <string.h>

enum { SCRIPT_LONGEST = 1 << 20 };

/* The value of a base64 digit, or -1. */
static int base64_value(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c == '\0' ? NULL : strchr(digits, c);
    return at == NULL ? -1 : (int)(at - digits);
}

static bool decode_base64(const char *text, struct buf *to)
{
    size_t len = strlen(text);
    while (len > 0 && text[len - 1] == '=') {
        len--;
    }
    unsigned bits = 0, held = 0;
    for (size_t i = 0; i < len; i++) {
        int value = base64_value(text[i]);
        if (value < 0) {
            return false;
        }
        held = held << 6 | (unsigned)value;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            (void)buf_putc(to, (char)(held >> bits & 255U));
        }
    }
    return strlen(text) % 4 == 0 && !to->failed;
}

/* UTF-16LE to UTF-8; false for odd lengths and lone surrogates. */
static bool to_utf8(const struct buf *from, struct buf *to)
{
    const unsigned char *bytes = (const unsigned char *)from->data;
    for (size_t i = 0; i + 1 < from->len; i += 2) {
        uint32_t c = bytes[i] | (uint32_t)bytes[i + 1] << 8;
        if (c >= 0xd800 && c < 0xdc00 && i + 3 < from->len) {
            uint32_t low = bytes[i + 2] | (uint32_t)bytes[i + 3] << 8;
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            i += 2;
        } else if (c >= 0xd800 && c < 0xe000) {
            return false;
        }
        if (c < 0x80) {
            (void)buf_putc(to, (char)c);
        } else if (c < 0x800) {
            (void)buf_printf(to, "%c%c", (int)(0xc0 | c >> 6), (int)(0x80 | (c & 63)));
        } else if (c < 0x10000) {
            (void)buf_printf(to, "%c%c%c", (int)(0xe0 | c >> 12), (int)(0x80 | (c >> 6 & 63)),
                             (int)(0x80 | (c & 63)));
        } else {
            (void)buf_printf(to, "%c%c%c%c", (int)(0xf0 | c >> 18), (int)(0x80 | (c >> 12 & 63)),
                             (int)(0x80 | (c >> 6 & 63)), (int)(0x80 | (c & 63)));
        }
    }
    return from->len % 2 == 0 && !to->failed;
}

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
    if (base64 != NULL && decode_base64(base64, &bytes) && to_utf8(&bytes, &script)) {
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
