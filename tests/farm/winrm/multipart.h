/* multipart: a sealed body in its MIME frame (MS-WSMV 2.2.9.1). */
#ifndef PVSAUDIT_FARM_WINRM_MULTIPART_H
#define PVSAUDIT_FARM_WINRM_MULTIPART_H

#include "core/buf.h"
#include "core/str.h"

#include <stdbool.h>
#include <stdint.h>

#define MULTIPART_SPNEGO "application/HTTP-SPNEGO-session-encrypted"
#define MULTIPART_KERBEROS "application/HTTP-Kerberos-session-encrypted"

/* All of it borrowed from the body. */
struct multipart {
    struct slice protocol;
    uint64_t length; /* of the plaintext, as announced */
    struct slice header, sealed;
};

/* Whether a Content-Type speaks of it at all. */
bool multipart_is_meant(struct slice content_type);
/* Cut by the announced lengths. False for any other form. */
bool multipart_parse(struct slice body, struct multipart *ret);

struct multipart_form {
    const char *protocol, *charset;
    bool plain_headers; /* without the TAB that Windows writes before a part's headers */
    bool spaced_boundary, bare_end, extra_crlf, other_boundary;
};

void multipart_type(struct buf *to, const char *protocol);
void multipart_write(struct buf *to, const struct multipart_form *form, uint64_t length,
                     struct slice header, struct slice sealed);

#endif
