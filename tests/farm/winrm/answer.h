/* answer: an envelope on its way out: encoded, sealed, framed, and bent where a server misbehaves.
 */
#ifndef PVSAUDIT_FARM_WINRM_ANSWER_H
#define PVSAUDIT_FARM_WINRM_ANSWER_H

#include "farm/winrm/service.h"

/* fields: lines of the HTTP head, or "". sealed: as the request was. -1 where it cannot be sealed.
 * Takes the envelope's bytes and may change them. */
int answer_write(struct service *service, struct buf *envelope, int status, const char *fields,
                 bool sealed, struct buf *to);
/* What comes in place of a token. */
void answer_write_login(enum misbehaviour misbehaviour, struct buf *to);
/* An answer without a body, of a server whose clock is so far ahead. */
void answer_write_empty(int status, const char *fields, bool close, int64_t ahead_ms,
                        struct buf *to);

#endif
