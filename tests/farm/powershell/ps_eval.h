/* ps_eval: the values of PowerShell's expressions on a simulated server. */
#ifndef PVSAUDIT_FARM_POWERSHELL_PS_EVAL_H
#define PVSAUDIT_FARM_POWERSHELL_PS_EVAL_H

#include "farm/cmd/console.h"
#include "farm/powershell/ps_parse.h"
#include "farm/powershell/ps_value.h"

enum { PS_RUNTIME_ERROR = -2146233087, PS_SECURITY_ERROR = -2146233078 };

struct ps_variable {
    struct ps_variable *next;
    const char *name;
    struct ps_value value;
};

struct ps_run {
    struct console *console;
    struct buf *out, *err;
    struct ps_variable *variables;
    unsigned steps;
    bool encoded, progress_shown;
    /* how a statement ended */
    bool thrown, exited, last_failed;
    int64_t hresult;
    const char *message;
    int exit_code;
};

/* While run->thrown is set every value is null. */
struct ps_value ps_eval(struct ps_run *run, const struct ps_node *node);
/* Keeps the first error; returns null. */
struct ps_value ps_throw(struct ps_run *run, int64_t hresult, const char *message);
struct ps_value ps_add(struct ps_run *run, const struct ps_value *a, const struct ps_value *b);
void ps_variable_set(struct ps_run *run, const char *name, struct ps_value value);
struct ps_value ps_variable_get(struct ps_run *run, const char *name);
void ps_print_error(struct ps_run *run, const char *message);

#endif
