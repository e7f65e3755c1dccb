/* ctl: the other end of the control socket. */
#ifndef PVSAUDIT_FARM_CONTROL_CTL_H
#define PVSAUDIT_FARM_CONTROL_CTL_H

#include "core/buf.h"
#include "core/err.h"

/* Sends the words, reads the whole answer. 0 done, 1 the farm said no; -1 nobody there. The text is
 * appended to answer. */
int ctl_ask(const char *path, char **words, int count, struct buf *answer, struct err *err);

#endif
