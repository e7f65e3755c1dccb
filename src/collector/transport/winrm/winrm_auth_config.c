/* winrm_auth_config: what a krb5.conf says, read as Kerberos itself reads it. */
#include "collector/transport/winrm/winrm_auth.h"

#include <profile.h>

bool winrm_auth_config_has_realm(const char *path)
{
    profile_t profile = NULL;
    char *realm = NULL;
    if (profile_init_path(path, &profile) != 0) {
        return false;
    }
    bool found =
        profile_get_string(profile, "libdefaults", "default_realm", NULL, NULL, &realm) == 0 &&
        realm != NULL && realm[0] != '\0';
    profile_release_string(realm);
    profile_release(profile);
    return found;
}
