/* shell: what sshd does with the command of an exec request. */
#include "farm/ssh/shell.h"

#include "farm/cmd/cmd_run.h"
#include "farm/powershell/ps_shell.h"

/* OpenSSH for Windows starts cmd.exe /c "command", without late expansion; with PowerShell as
 * default shell it starts powershell.exe -c "command". */
int shell_run(struct console *console, const char *command)
{
    if (console->server->shell == SHELL_POWERSHELL) {
        return ps_shell_run(console, command);
    }
    return cmd_run(console, command, false, &console->out, &console->err, "");
}
