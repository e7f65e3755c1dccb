/* seal: bodies that only the two ends of a security context can read. */
#ifndef PVSAUDIT_FARM_GSS_SEAL_H
#define PVSAUDIT_FARM_GSS_SEAL_H

#include "core/buf.h"
#include "core/str.h"

#include <gssapi/gssapi.h>
#include <stdbool.h>

/* The token in two pieces, as Windows cuts it: a header (Kerberos 60 bytes, NTLM 16) and the
 * ciphertext. -1 where the context does not seal. */
int seal_wrap(gss_ctx_id_t context, bool kerberos, struct slice plain, struct buf *ret_header,
              struct buf *ret_sealed);
int seal_unwrap(gss_ctx_id_t context, struct slice header, struct slice sealed, struct buf *plain);

#endif
