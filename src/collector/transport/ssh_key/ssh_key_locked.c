/* ssh_key_locked: tries a passphrase on an encrypted key of OpenSSH's format, by libssh2. */
#include "collector/transport/ssh_key/ssh_key_locked.h"

#include "collector/transport/ssh_link/ssh_link.h"

#include <libssh2.h>

/* libssh2 has no call that only decrypts. It decrypts before it sends, so whether it came to
 * sending, on a link that goes nowhere, tells whether the key was opened. */
int ssh_key_locked_try(const char *text, size_t len, const char *passphrase)
{
    struct ssh_link link;
    if (ssh_link_open(&link, -1) != 0) {
        return -1;
    }
    ssh_link_cut(&link);
    (void)libssh2_userauth_publickey_frommemory(link.session, "nobody", 6, NULL, 0, text, len,
                                                passphrase);
    bool opened = link.sent > 0;
    (void)ssh_link_close(&link);
    return opened ? 0 : -1;
}
