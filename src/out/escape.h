/* escape: text from a host made safe to show: what could steer a terminal becomes \xNN. */
#ifndef PVSAUDIT_OUT_ESCAPE_H
#define PVSAUDIT_OUT_ESCAPE_H

#include "core/arena.h"
#include "core/buf.h"

#include <stddef.h>

/* Control and escape bytes (also LF and TAB), DEL, C1 controls, bytes that are not UTF-8, and
 * characters that turn or hide text (bidirectional controls, line separators, tags) are written as
 * \xNN, byte for byte; everything else as it is. 0, or -1: the buffer's maximum. */
int escape_append(struct buf *to, const char *bytes, size_t len);
/* NULL in, NULL out; NULL also where memory runs out. Text that is safe already is not copied. */
const char *escape_text(struct arena *arena, const char *text);

/* One CSV cell (RFC 4180): escaped, quoted where it must be, and with a ' in front where a
 * spreadsheet would take it for a formula. */
int escape_csv(struct buf *to, const char *text);

#endif
