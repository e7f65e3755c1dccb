/* program: the programs of a simulated Windows, found by name as cmd.exe finds them. */
#ifndef PVSAUDIT_FARM_PROGRAM_PROGRAM_H
#define PVSAUDIT_FARM_PROGRAM_PROGRAM_H

#include "farm/cmd/console.h"

/* One start of a program. Streams are NULL where they go to nul; everything is borrowed. */
struct call {
    struct console *console;
    struct buf *out, *err;
    const char *input; /* what a pipe holds, or "" */
    const char *raw; /* the arguments as they were written */
    int argc; /* argv[0] is the name as written */
    char **argv; /* split by the rules of the C runtime */
};

typedef int program_run(struct call *call);

/* NULL where Windows would not find it. The name may have .exe or .com and System32's path. */
program_run *program_find(const char *name);

/* Split by the rules of the Microsoft C runtime: quotes, and backslashes before them. The name is
 * argv[0]. Returns argc, or -1 without memory. */
int program_split(struct arena *arena, const char *name, const char *raw, char ***ret_argv);

program_run program_cmd, program_netstat, program_sc, program_reg, program_powershell, program_chcp,
    program_hostname, program_whoami, program_tasklist, program_wevtutil, program_netsh,
    program_findstr;

#endif
