/* program_powershell: powershell.exe with a script in its arguments. */
#include "farm/program.h"

int program_powershell(struct call *call)
{
    console_print(call->console, call->err, "not yet\r\n");
    return 1;
}
