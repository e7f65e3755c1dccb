/* realms: which krb5.conf Kerberos reads: the machine's, or one of ours for the realms in use. */
#ifndef PVSAUDIT_COLLECTOR_REALMS_H
#define PVSAUDIT_COLLECTOR_REALMS_H

#include "config/settings.h"
#include "core/err.h"
#include "model/host.h"

#include <stddef.h>

#define REALMS_SYSTEM_FILE "/etc/krb5.conf"

/* Where a host of the inventory needs a ticket: KRB5_CONFIG of the environment is left alone; else
 * the settings' realms come before system_file, which counts where it has a default realm; else
 * KRB5_CONFIG names one of ours in memory, for as long as the process lives. Call it before the
 * first thread, and once. ERR_CONFIG: a user's realm is no name; ERR_IO: no file can be made. */
int realms_choose(const struct settings *settings, const struct host *hosts, size_t count,
                  const char *system_file, struct err *err);

#endif
