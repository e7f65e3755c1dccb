/* wsman_request: the envelopes that are sent to a WS-Management service, as text. */
#ifndef PVSAUDIT_COLLECTOR_TRANSPORT_WSMAN_WSMAN_REQUEST_H
#define PVSAUDIT_COLLECTOR_TRANSPORT_WSMAN_WSMAN_REQUEST_H

#include "collector/question.h"
#include "core/buf.h"

#include <stdint.h>

/* What every envelope but Identify says in its header. */
struct wsman_header {
    const char *to; /* "http://pvs01.example.org:5985/wsman" */
    const char *message_id; /* "uuid:..."; the reply relates to it */
    uint32_t
        max_envelope; /* bytes that we take; Windows takes 153,600 before 2012, 512,000 since */
    uint32_t timeout_s; /* how long the service may work on one answer */
};

enum { WSMAN_MAX_ELEMENTS = 32000 }; /* MaxBatchItems of every Windows */

/* Each appends one envelope. 0, or -1: to is full, or a text holds what XML 1.0 cannot (control
 * characters, bytes that are not UTF-8). Texts are escaped here. */
int wsman_identify(struct buf *to);
/* Optimised: the first items come with the answer. A filter is WQL and goes with a resource that
 * ends in an asterisk. */
int wsman_enumerate(struct buf *to, const struct wsman_header *header, const char *resource,
                    const char *filter);
int wsman_pull(struct buf *to, const struct wsman_header *header, const char *resource,
               const char *context);
int wsman_release(struct buf *to, const struct wsman_header *header, const char *resource,
                  const char *context);
int wsman_invoke(struct buf *to, const struct wsman_header *header, const char *resource,
                 const char *method, const struct question_argument *arguments, size_t count);

/* The cmd shell (MS-WSMV 3.1.4.5 and 3.1.4.9 to 3.1.4.14); its output comes as UTF-8. */
int wsman_shell_create(struct buf *to, const struct wsman_header *header);
int wsman_shell_command(struct buf *to, const struct wsman_header *header, const char *shell_id,
                        const char *command);
int wsman_shell_receive(struct buf *to, const struct wsman_header *header, const char *shell_id,
                        const char *command_id);
int wsman_shell_terminate(struct buf *to, const struct wsman_header *header, const char *shell_id,
                          const char *command_id);
int wsman_shell_delete(struct buf *to, const struct wsman_header *header, const char *shell_id);

#endif
