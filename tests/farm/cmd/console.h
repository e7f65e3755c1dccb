/* console: one exec on a simulated server: its variables, code page and the bytes that leave it. */
#ifndef PVSAUDIT_FARM_CMD_CONSOLE_H
#define PVSAUDIT_FARM_CMD_CONSOLE_H

#include "core/arena.h"
#include "core/buf.h"
#include "farm/server/fleet.h"

enum { CONSOLE_OUTPUT_MAX = 8 << 20, CONSOLE_NO_FLOOD = -1 };

struct console_variable {
    struct console_variable *next;
    const char *name;
    const char *value; /* NULL: unset again */
};

struct console {
    struct fleet *fleet;
    struct server *server;
    const char *user;
    uint16_t rights;
    enum misbehaviour misbehaviour; /* of this connection */
    unsigned code_page;
    struct buf out, err; /* encoded: what goes over the wire */
    long flood_at; /* where in out a flooding server goes on for ever */
    bool asked_of_files;
    int errorlevel;
    unsigned depth; /* shells inside shells */
    struct console_variable *variables;
    struct arena arena;
};

/* fleet, server and user are borrowed. */
void console_init(struct console *console, struct fleet *fleet, struct server *server,
                  const char *user, uint16_t rights);
void console_done(struct console *console);

/* Write UTF-8 text to a stream (NULL: nul) in the console's code page. */
void console_print(struct console *console, struct buf *to, const char *text);
void console_write(struct console *console, struct buf *to, const char *text, size_t len);
void console_printf(struct console *console, struct buf *to, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* NULL where it is not set; ERRORLEVEL is among them. Names are compared without letter case. */
const char *console_get(void *console, const char *name);
void console_set(struct console *console, const char *name, const char *value);

enum language console_language(const struct console *console);
bool console_may(const struct console *console, enum right right);

#endif
