/* session: one ssh connection to one server of the farm. */
#ifndef PVSAUDIT_FARM_SSH_SESSION_H
#define PVSAUDIT_FARM_SSH_SESSION_H

#include "farm/ssh/sshd.h"

/* Takes over fd; the session frees itself when the connection ends. */
void session_start(struct sshd *sshd, struct server *server, int fd);
void session_stop_all(struct sshd *sshd);

#endif
