/* program_netstat: netstat.exe -ano and its nearest relatives. */
#include "core/str.h"
#include "farm/program/program.h"
#include "farm/server/socket.h"
#include "farm/server/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
    bool all, owner;
    bool proto[2][2]; /* [TCP, UDP][v4, v6] */
};

static bool take_protocol(const char *name, struct options *options)
{
    static const struct {
        const char *name;
        unsigned proto, v6;
    } names[] = {{"TCP", SOCKET_TCP, 0},
                 {"TCPv6", SOCKET_TCP, 1},
                 {"UDP", SOCKET_UDP, 0},
                 {"UDPv6", SOCKET_UDP, 1}};
    memset(options->proto, 0, sizeof(options->proto));
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (str_ieq(name, names[i].name)) {
            options->proto[names[i].proto][names[i].v6] = true;
            return true;
        }
    }
    return false;
}

static bool parse_options(const struct call *call, struct options *options)
{
    *options = (struct options){.proto = {{true, true}, {true, true}}};
    for (int i = 1; i < call->argc; i++) {
        const char *arg = call->argv[i];
        if (*arg != '-' && *arg != '/') {
            return false;
        }
        for (arg++; *arg != '\0'; arg++) {
            switch (*arg | 0x20) {
            case 'a':
                options->all = true;
                break;
            case 'o':
                options->owner = true;
                break;
            case 'n':
                break;
            case 'p':
                if (i + 1 >= call->argc || !take_protocol(call->argv[++i], options)) {
                    return false;
                }
                break;
            default:
                return false;
            }
        }
    }
    return true;
}

static const char *state_text(enum language language, unsigned state)
{
    switch (state) {
    case SOCKET_LISTEN:
        return text_get(language, TEXT_LISTENING);
    case SOCKET_ESTABLISHED:
        return text_get(language, TEXT_ESTABLISHED);
    case SOCKET_CLOSE_WAIT:
        return text_get(language, TEXT_CLOSE_WAIT);
    case SOCKET_TIME_WAIT:
        return text_get(language, TEXT_TIME_WAIT);
    default:
        return "";
    }
}

static void endpoint_text(char *to, size_t size, bool v6, const char *address, unsigned port)
{
    (void)snprintf(to, size, v6 ? "[%s]:%u" : "%s:%u", address, port);
}

/* Pads by characters, not by bytes, as a console does. */
static void print_state(struct call *call, const char *state, bool owner, uint32_t pid)
{
    size_t wide = 0;
    for (const char *at = state; *at != '\0'; at++) {
        wide += ((unsigned char)*at & 0xc0U) != 0x80U;
    }
    console_print(call->console, call->out, state);
    if (owner) {
        console_printf(call->console, call->out, "%*s  %u", wide < 14 ? (int)(14 - wide) : 0, "",
                       pid);
    }
    console_print(call->console, call->out, "\r\n");
}

static void print_row(struct call *call, const struct socket_row *row, bool owner)
{
    char local[96], remote[96] = "*:*";
    endpoint_text(local, sizeof(local), row->v6, row->address, row->port);
    if (row->proto == SOCKET_TCP) {
        const char *peer = row->remote[0] != '\0' ? row->remote : row->v6 ? "::" : "0.0.0.0";
        endpoint_text(remote, sizeof(remote), row->v6, peer, row->remote_port);
    }
    console_printf(call->console, call->out, "  %s    %-21s  %-21s  ",
                   row->proto == SOCKET_TCP ? "TCP" : "UDP", local, remote);
    enum language language = console_language(call->console);
    print_state(call, state_text(language, row->state), owner, row->pid);
}

static void print_bad_numbers(struct call *call)
{
    static const char rows[] =
        "  UDP    0.0.0.0:-67            *:*                                    2304\r\n"
        "  UDP    0.0.0.0:65603          *:*                                    2304\r\n"
        "  UDP    0.0.0.0:67             *:*                                    -2304\r\n"
        "  UDP    0.0.0.0:67             *:*                                    4294967296\r\n"
        "  UDP    0.0.0.0:67             *:*                                    "
        "18446744073709551617\r\n"
        "  TCP    0.0.0.0:99999999999    0.0.0.0:0              LISTENING       4\r\n";
    console_print(call->console, call->out, rows);
}

static bool is_wanted(const struct socket_row *row, const struct options *options)
{
    bool active = row->proto == SOCKET_TCP && row->state != SOCKET_LISTEN;
    return options->proto[row->proto][row->v6 ? 1 : 0] && (options->all || active);
}

static void print_table(struct call *call, const struct options *options,
                        const struct socket_table *table)
{
    struct console *console = call->console;
    enum language language = console_language(console);
    console_printf(console, call->out, "\r\n%s\r\n\r\n%s%s\r\n",
                   text_get(language, TEXT_NETSTAT_TITLE), text_get(language, TEXT_NETSTAT_HEADER),
                   options->owner ? "           PID" : "");
    for (size_t i = 0; i < table->count; i++) {
        if (is_wanted(&table->rows[i], options)) {
            print_row(call, &table->rows[i], options->owner);
        }
    }
    if (console->misbehaviour == MISBEHAVE_BAD_NUMBERS) {
        print_bad_numbers(call);
    }
    if (call->out == &console->out) {
        console->flood_at = (long)console->out.len;
    }
}

int program_netstat(struct call *call)
{
    struct options options;
    struct console *console = call->console;
    struct socket_table *table = malloc(sizeof(*table));
    if (table == NULL) {
        return 1;
    }
    bool valid = parse_options(call, &options);
    if (valid) {
        struct moment moment = server_moment(console->fleet, console->server);
        socket_list(console->fleet, console->server, &moment, table);
        print_table(call, &options, table);
    } else {
        console_print(console, call->err,
                      "\r\nDisplays protocol statistics and current TCP/IP network connections."
                      "\r\n\r\nNETSTAT [-a] [-n] [-o] [-p proto]\r\n");
    }
    free(table);
    return valid ? 0 : 1;
}
