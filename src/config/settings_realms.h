/* settings_realms: `kerberos` of the settings: realms, and where their KDCs are. */
#ifndef PVSAUDIT_CONFIG_SETTINGS_REALMS_H
#define PVSAUDIT_CONFIG_SETTINGS_REALMS_H

#include "config/settings.h"
#include "config/tree.h"

/* {EXAMPLE.ORG: {kdc: [dc1.example.org, "10.0.0.1:88"]}, OTHER.ORG: {}} into settings->realms. */
int settings_realms_read(const struct tree_node *value, struct settings *settings, struct err *err);

#endif
