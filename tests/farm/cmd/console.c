/* console: one exec on a simulated server: its variables, code page and the bytes that leave it. */
#include "farm/cmd/console.h"

#include "core/str.h"
#include "farm/server/text.h"

#include <iconv.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void console_init(struct console *console, struct fleet *fleet, struct server *server,
                  const char *user, uint16_t rights)
{
    *console = (struct console){.fleet = fleet,
                                .server = server,
                                .user = user,
                                .rights = rights,
                                .flood_at = CONSOLE_NO_FLOOD};
    console->code_page = text_oem_code_page((enum language)server->language);
    buf_init(&console->out, CONSOLE_OUTPUT_MAX);
    buf_init(&console->err, CONSOLE_OUTPUT_MAX);
    char hostname[FLEET_NAME];
    server_hostname(server, hostname);
    const char *slash = strchr(user, '\\');
    console_set(console, "COMSPEC", "C:\\Windows\\system32\\cmd.exe");
    console_set(console, "COMPUTERNAME", hostname);
    console_set(console, "OS", "Windows_NT");
    console_set(console, "SystemRoot", "C:\\Windows");
    console_set(console, "windir", "C:\\Windows");
    console_set(console, "PATH", "C:\\Windows\\system32;C:\\Windows");
    console_set(console, "USERNAME", slash == NULL ? user : slash + 1);
}

void console_done(struct console *console)
{
    buf_done(&console->out);
    buf_done(&console->err);
    arena_done(&console->arena);
}

static bool is_ascii(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] > 127) {
            return false;
        }
    }
    return true;
}

/* Characters that the code page lacks become '?', as Windows writes them. */
static void convert(unsigned code_page, struct buf *to, const char *text, size_t len)
{
    char name[32];
    (void)snprintf(name, sizeof(name), "CP%u", code_page);
    iconv_t code = iconv_open(name, "UTF-8");
    char *from = (char *)(uintptr_t)text;
    while (len > 0) {
        char chunk[256];
        char *at = chunk;
        size_t room = sizeof(chunk), before = len;
        /* POSIX: (iconv_t)-1 where the library lacks the code page; then all is '?'. */
        if ((intptr_t)code != -1) {
            (void)iconv(code, &from, &len, &at, &room);
        }
        (void)buf_append(to, chunk, sizeof(chunk) - room);
        if (len == before) {
            (void)buf_putc(to, '?');
            do {
                from++;
                len--;
            } while (len > 0 && ((unsigned char)*from & 0xc0U) == 0x80U);
        }
    }
    if ((intptr_t)code != -1) {
        (void)iconv_close(code);
    }
}

void console_write(struct console *console, struct buf *to, const char *text, size_t len)
{
    if (to == NULL) {
        return;
    }
    if (console->code_page == 65001 || is_ascii(text, len)) {
        (void)buf_append(to, text, len);
    } else {
        convert(console->code_page, to, text, len);
    }
}

void console_print(struct console *console, struct buf *to, const char *text)
{
    console_write(console, to, text, strlen(text));
}

void console_printf(struct console *console, struct buf *to, const char *format, ...)
{
    char text[2048];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (n > 0) {
        console_write(console, to, text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
    }
}

const char *console_get(void *data, const char *name)
{
    struct console *console = data;
    for (struct console_variable *v = console->variables; v != NULL; v = v->next) {
        if (str_ieq(v->name, name)) {
            return v->value;
        }
    }
    return str_ieq(name, "ERRORLEVEL") ? arena_printf(&console->arena, "%d", console->errorlevel)
                                       : NULL;
}

void console_set(struct console *console, const char *name, const char *value)
{
    struct console_variable *variable = arena_alloc(&console->arena, sizeof(*variable));
    if (variable == NULL) {
        return;
    }
    variable->name = arena_strdup(&console->arena, name);
    variable->value = arena_strdup(&console->arena, value);
    variable->next = console->variables;
    console->variables = variable;
}

enum language console_language(const struct console *console)
{
    return (enum language)console->server->language;
}

bool console_may(const struct console *console, enum right right)
{
    return (console->rights & console->server->rights & (unsigned)right) != 0;
}
