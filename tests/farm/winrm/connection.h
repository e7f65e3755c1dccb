/* connection: one TCP connection to the WinRM service of one server. */
#ifndef PVSAUDIT_FARM_WINRM_CONNECTION_H
#define PVSAUDIT_FARM_WINRM_CONNECTION_H

#include "farm/winrm/winrmd.h"

/* Takes over fd; the connection frees itself when it ends. */
void connection_start(struct winrmd *winrmd, struct server *server, int fd, bool https);
void connection_stop_all(struct winrmd *winrmd);

#endif
