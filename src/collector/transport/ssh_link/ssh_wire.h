/* ssh_wire: RFC 4251's data types, read with a bound and written into a buf. */
#ifndef PVSAUDIT_COLLECTOR_TRANSPORT_SSH_LINK_SSH_WIRE_H
#define PVSAUDIT_COLLECTOR_TRANSPORT_SSH_LINK_SSH_WIRE_H

#include "core/buf.h"
#include "core/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Each reader takes its value off the front of *rest, or returns false and leaves all alone. */
bool ssh_wire_byte(struct slice *rest, uint8_t *ret);
bool ssh_wire_u32(struct slice *rest, uint32_t *ret);
bool ssh_wire_string(struct slice *rest, struct slice *ret);
/* A positive mpint, without the leading zero that marks it positive. */
bool ssh_wire_mpint(struct slice *rest, struct slice *ret);

/* Each writer appends; the buf's failed flag tells at the end. */
void ssh_wire_put_u32(struct buf *to, uint32_t value);
void ssh_wire_put_string(struct buf *to, const void *bytes, size_t len);
void ssh_wire_put_mpint(struct buf *to, const unsigned char *bytes, size_t len);

#endif
