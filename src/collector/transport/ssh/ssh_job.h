/* ssh_job: one visit over SSH while it is under way; seen by the ssh_*.c files alone. */
#ifndef PVSAUDIT_COLLECTOR_TRANSPORT_SSH_SSH_JOB_H
#define PVSAUDIT_COLLECTOR_TRANSPORT_SSH_SSH_JOB_H

#include "collector/transport/race.h"
#include "collector/transport/ssh/ssh_agent.h"
#include "collector/transport/ssh_key/ssh_key_digest.h"
#include "collector/transport/ssh_link/ssh_link.h"
#include "collector/transport/transport.h"
#include "core/buf.h"
#include "core/ip.h"
#include "core/machine.h"

#include <libssh2.h>
#include <uv.h>

/*                 unknown, changed, revoked
 *                          |
 *  CONNECTING -> HANDSHAKE -> HOST_KEY -> AUTH_LIST -+-> AUTH_KEY ------+-> CHANNEL -> EXEC -> READ
 *                                             |      +-> AUTH_AGENT ----+      ^                 |
 *                                             |      +-> AUTH_PASSWORD -+      |                 v
 *                                             |      +-> AUTH_KEYBOARD -+      | CLOSE_WAIT
 *                                             +--------- (none needed) --------+                 |
 *  every state, by a failure, a deadline or a cancel -----------------------------> ENDING <----+
 *                                                                                      |
 *                                                                                      v
 *                                                          (the last handle is closed) DONE */
enum ssh_state {
    SSH_CONNECTING,
    SSH_HANDSHAKE,
    SSH_HOST_KEY,
    SSH_AUTH_LIST,
    SSH_AUTH_KEY,
    SSH_AUTH_AGENT,
    SSH_AUTH_PASSWORD,
    SSH_AUTH_KEYBOARD,
    SSH_CHANNEL,
    SSH_EXEC,
    SSH_READ,
    SSH_CLOSE_WAIT,
    SSH_ENDING,
    SSH_DONE,
    SSH_STATE_COUNT
};

enum ssh_step {
    SSH_STEP_NEXT, /* the state changed: go on at once */
    SSH_STEP_WAIT, /* for the socket */
    SSH_STEP_REST, /* for something else: an agent, closing handles */
};

enum {
    SSH_ERRORS_MAX = 64 * 1024,
    SSH_AGENT_TRIES = 5, /* sshd hangs up at the sixth key (MaxAuthTries) */
    SSH_FAREWELL_MS = 250,
};

/* The signature in hand: nothing was asked for yet, the agent was asked, it was handed to libssh2,
 * or there is none to be had. */
enum ssh_sign { SSH_SIGN_IDLE, SSH_SIGN_ASKED, SSH_SIGN_GIVEN, SSH_SIGN_DECLINED };

/* What became of a key, the more telling the later. */
enum ssh_refusal {
    SSH_REFUSAL_KEY, /* the server does not know it */
    SSH_REFUSAL_SIGNATURE, /* it knows the key and refuses the signature */
    SSH_REFUSAL_UNSIGNED, /* it knows the key, and who holds it did not sign */
    SSH_REFUSAL_NOT_ENOUGH, /* it accepts the key and wants something else as well */
};

struct transport_job {
    struct machine machine;
    enum ssh_state last; /* before ENDING */
    struct transport_ask ask;
    void (*done)(void *data, const struct transport_answer *answer);
    void *data;

    uv_timer_t stage_timer, total_timer;
    uv_timer_cb stage_expired;
    void (*run)(struct transport_job *job); /* steps until one waits */
    void (*end)(struct transport_job *job); /* on the way to ENDING: close what is open */
    uv_poll_t poll; /* while link.fd is open */
    int events; /* that it waits for; 0: none */
    struct race *connect;
    struct ssh_agent *agent;
    unsigned handles; /* of ours, or of parts of ours, that are not closed yet */

    struct ssh_link link;
    LIBSSH2_CHANNEL *channel;
    enum ssh_sign signing;
    enum ssh_refusal refusal; /* of the agent's keys so far, the most telling */
    size_t agent_next; /* the key to be tried */
    size_t agent_tried; /* keys that the server was asked about */
    size_t prompts; /* that were answered with the password */
    void *self; /* this job, for libssh2's callbacks */

    struct buf output, errors;
    struct transport_answer answer; /* points into what follows */
    char detail[1024];
    char address[IP_TEXT];
    char host_key[SSH_KEY_FINGERPRINT];
    char banner[256];
    char methods[256]; /* of authentication, as the server lists them */
    char exit_signal[64];
};

void ssh_state_init(struct transport_job *job);
/* The one place where a job's state changes; a new stage starts its deadline. */
void ssh_move(struct transport_job *job, enum ssh_state to);
const char *ssh_stage(const struct transport_job *job);

/* End with an answer; the caller returns what this returns. */
enum ssh_step ssh_fail(struct transport_job *job, enum reason reason, bool transient, int64_t code,
                       const char *format, ...) __attribute__((format(printf, 5, 6)));
enum ssh_step ssh_succeed(struct transport_job *job);

/* What was learned, for whoever looks on. */
void ssh_tell(struct transport_job *job, const char *step, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* One function a state, of those that libssh2 drives. */
enum ssh_step ssh_step_handshake(struct transport_job *job);
enum ssh_step ssh_step_host_key(struct transport_job *job);
enum ssh_step ssh_step_auth_list(struct transport_job *job);
enum ssh_step ssh_step_auth_key(struct transport_job *job);
enum ssh_step ssh_step_auth_agent(struct transport_job *job);
enum ssh_step ssh_step_auth_password(struct transport_job *job);
enum ssh_step ssh_step_auth_keyboard(struct transport_job *job);
enum ssh_step ssh_step_channel(struct transport_job *job);
enum ssh_step ssh_step_exec(struct transport_job *job);
enum ssh_step ssh_step_read(struct transport_job *job);
enum ssh_step ssh_step_close_wait(struct transport_job *job);
/* The server took it: on to the command. */
enum ssh_step ssh_accepted(struct transport_job *job, const char *mechanism);
/* Hand bytes to libssh2 in memory that it may free; libssh2's error, or 0. */
int ssh_hand_over(struct transport_job *job, struct slice bytes, unsigned char **ret,
                  size_t *ret_len);
/* Call once more what libssh2 was doing on the channel, on a link that was cut, so that it fails.
 */
void ssh_exec_unwind(struct transport_job *job);

/* What the server refuses; rc: libssh2's error. */
enum ssh_step ssh_refuse_method(struct transport_job *job, const char *methods, const char *remedy);
enum ssh_step ssh_refuse_password(struct transport_job *job, int rc);
enum ssh_step ssh_refuse_key(struct transport_job *job, int rc);
enum ssh_step ssh_refuse_agent(struct transport_job *job, int rc);
enum ssh_refusal ssh_refusal_of_key(const struct transport_job *job);

/* The failures that any state can meet, each with its sentence. */
void ssh_fail_connect(struct transport_job *job, int error, size_t index);
enum ssh_step ssh_fail_lost(struct transport_job *job);
enum ssh_step ssh_fail_library(struct transport_job *job, int rc);
void ssh_fail_deadline(struct transport_job *job, bool total);

#endif
