/* winrs_store: the shells of one process, and the commands that ran in them. */
#include "farm/wsman/winrs_store.h"

#include "core/clock.h"
#include "farm/cmd/console.h"
#include "farm/wsman/winrs.h"

#include <stdlib.h>

static void count_open(const struct winrs *shell, int by)
{
    (void)atomic_fetch_add(&shell->server->open_shells, by);
    (void)atomic_fetch_add(&shell->wsman->fleet->shared->open_shells, by);
}

struct winrs *winrs_open(const struct exchange *x)
{
    struct winrs *shell = calloc(1, sizeof(*shell));
    if (shell != NULL) {
        shell->wsman = x->wsman;
        shell->server = x->server;
        (void)str_copy(shell->account, sizeof(shell->account), x->account->name);
        envelope_uuid(shell->id);
        shell->used_ms = clock_monotonic_ms();
        shell->next = x->wsman->shells;
        x->wsman->shells = shell;
        count_open(shell, 1);
    }
    return shell;
}

void winrs_close(struct winrs *shell)
{
    struct winrs **at = &shell->wsman->shells;
    while (*at != shell) {
        at = &(*at)->next;
    }
    *at = shell->next;
    count_open(shell, -1);
    while (shell->commands != NULL) {
        winrs_command_free(shell, shell->commands);
    }
    arena_done(&shell->arena);
    free(shell);
}

static bool is_of(const struct winrs *shell, const struct exchange *x)
{
    return shell->server == x->server && str_eq(shell->account, x->account->name);
}

struct winrs *winrs_find(const struct exchange *x)
{
    const char *id = envelope_selector(&x->envelope, "ShellId");
    for (struct winrs *shell = x->wsman->shells; id != NULL && shell != NULL; shell = shell->next) {
        if (str_ieq(shell->id, id) && is_of(shell, x)) {
            shell->used_ms = clock_monotonic_ms();
            return shell;
        }
    }
    return NULL;
}

size_t winrs_count(const struct exchange *x)
{
    size_t count = 0;
    for (const struct winrs *shell = x->wsman->shells; shell != NULL; shell = shell->next) {
        count += is_of(shell, x) ? 1 : 0;
    }
    return count;
}

int64_t winrs_idle_ms(const struct winrs *shell)
{
    int64_t most_ms = shell->server->winrm.idle_timeout_ms;
    return shell->idle_ms > 0 && shell->idle_ms < most_ms ? shell->idle_ms : most_ms;
}

void winrs_sweep(struct wsman *wsman, int64_t now_ms)
{
    struct winrs *shell = wsman->shells;
    while (shell != NULL) {
        struct winrs *next = shell->next;
        if (now_ms - shell->used_ms > winrs_idle_ms(shell)) {
            winrs_close(shell);
        }
        shell = next;
    }
}

void winrs_close_all(struct wsman *wsman)
{
    while (wsman->shells != NULL) {
        winrs_close(wsman->shells);
    }
}

struct winrs_command *winrs_command_new(struct winrs *shell)
{
    struct winrs_command *command = calloc(1, sizeof(*command));
    if (command != NULL) {
        envelope_uuid(command->id);
        buf_init(&command->out, CONSOLE_OUTPUT_MAX);
        buf_init(&command->err, CONSOLE_OUTPUT_MAX);
        command->next = shell->commands;
        shell->commands = command;
    }
    return command;
}

struct winrs_command *winrs_command_find(struct winrs *shell, const char *id)
{
    struct winrs_command *command = shell->commands;
    while (command != NULL && (id == NULL || !str_ieq(command->id, id))) {
        command = command->next;
    }
    return command;
}

void winrs_command_free(struct winrs *shell, struct winrs_command *command)
{
    struct winrs_command **at = &shell->commands;
    while (*at != command) {
        at = &(*at)->next;
    }
    *at = command->next;
    buf_done(&command->out);
    buf_done(&command->err);
    free(command);
}
