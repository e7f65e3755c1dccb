/* seal: the body of a sealed message, one part of multipart/encrypted (MS-WSMV 2.2.9.1). */
#ifndef PVSAUDIT_COLLECTOR_TRANSPORT_WINRM_SEAL_H
#define PVSAUDIT_COLLECTOR_TRANSPORT_WINRM_SEAL_H

#include "core/buf.h"
#include "core/err.h"
#include "core/str.h"

#include <stdbool.h>
#include <stddef.h>

/* Which word announces the seal; it goes with the header of the authentication, whatever mechanism
 * was chosen in it. */
enum seal_protocol {
    SEAL_SPNEGO, /* "Authorization: Negotiate" */
    SEAL_KERBEROS, /* "Authorization: Kerberos" */
};

/* Slices point into the body. */
struct seal_message {
    size_t plain_len; /* what the seal says that it holds */
    struct slice header; /* the token's header or signature: it comes before the data */
    struct slice data; /* the ciphertext */
};

/* "multipart/encrypted;protocol=...;boundary=..." */
const char *seal_content_type(enum seal_protocol protocol);
/* Whether an answer's Content-Type says that it is sealed, by any of the two words. */
bool seal_is_sealed(struct slice content_type);

/* The largest header that any mechanism puts before the data (Kerberos: 60 bytes, NTLM: 16). */
enum { SEAL_HEADER_MAX = 4096 };

/* Append a body for a message of plain_len bytes. 0, or -1: to is full. */
int seal_write(enum seal_protocol protocol, size_t plain_len, struct slice header,
               struct slice data, struct buf *to);

/* Taken: blanks before lines and after the boundary's dashes, headers in any order and case, the
 * last dashes missing, line ends after them. The data is found by what stands around it, never
 * searched. -1: ERR_FORMAT; or ERR_PARTIAL where the body ends too early. */
int seal_parse(struct slice body, struct seal_message *ret, struct err *err);

#endif
