/* winrs_store: the shells of one process, and the commands that ran in them. */
#ifndef PVSAUDIT_FARM_WSMAN_WINRS_STORE_H
#define PVSAUDIT_FARM_WSMAN_WINRS_STORE_H

#include "farm/wsman/exchange.h"

/* It has run already; its output is held back until ready_ms. */
struct winrs_command {
    struct winrs_command *next;
    char id[ENVELOPE_UUID];
    struct buf out, err;
    size_t out_at, err_at;
    int status;
    int64_t ready_ms; /* monotonic */
};

struct winrs {
    struct winrs *next;
    struct wsman *wsman;
    struct server *server;
    char account[FLEET_NAME];
    char id[ENVELOPE_UUID];
    unsigned code_page; /* 0: the server's own */
    struct arena arena;
    struct envelope_name variables[ENVELOPE_NAMES]; /* set for every command */
    size_t variable_count;
    struct winrs_command *commands;
    int64_t used_ms; /* monotonic */
    int64_t idle_ms; /* IdleTimeOut that was asked for; 0: none */
};

struct winrs *winrs_open(const struct exchange *x); /* NULL without memory */
void winrs_close(struct winrs *shell);
/* The one that the selector ShellId names, of this account and server, or NULL. */
struct winrs *winrs_find(const struct exchange *x);

/* How long nobody may use it before it ends. */
int64_t winrs_idle_ms(const struct winrs *shell);

struct winrs_command *winrs_command_new(struct winrs *shell); /* NULL without memory */
struct winrs_command *winrs_command_find(struct winrs *shell, const char *id);
void winrs_command_free(struct winrs *shell, struct winrs_command *command);

#endif
