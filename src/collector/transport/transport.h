/* transport: the interface of what moves a visit's bytes: ask one host one thing, get the bytes. */
#ifndef PVSAUDIT_COLLECTOR_TRANSPORT_TRANSPORT_H
#define PVSAUDIT_COLLECTOR_TRANSPORT_TRANSPORT_H

#include "collector/credential.h"
#include "collector/question.h"
#include "core/err.h"
#include "core/str.h"
#include "model/host.h"
#include "model/reason.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <uv.h>

/* Contract. start() never calls back before it returns; done is called exactly once, on the loop's
 * own thread, also after a cancel; the answer and everything in it is the transport's and valid
 * until done returns; the job frees itself after that and must not be touched. Everything that an
 * ask points to outlives the job. Transports know no word of what is asked. */

struct known_hosts; /* transport/known_hosts/known_hosts.h */
struct http; /* transport/winrm/http.h */

struct transport_deadlines { /* milliseconds; each starts with its stage */
    int64_t connect_ms;
    int64_t handshake_ms;
    int64_t auth_ms;
    int64_t exec_ms; /* from the exec request to the exit status; of WinRM: for one question */
    int64_t total_ms; /* of the whole job: what is left of the visit */
};

/* What was learned on the way, told to whoever looks on, each step once and in this order:
 * "connect"; of SSH "handshake", "host-key", "mechanisms", "login", "ask"; of WinRM "tls" (https),
 * "mechanisms", "clock", "login", "seal", "identify", and "ask" for each question. */
struct transport_step {
    const char *name;
    const char *seen; /* a few words; they may quote the host: escape them */
    const struct question *question; /* WinRM's "ask": what was answered; else NULL */
    const char *fault; /* its kind where the host refused this step ("denied"); NULL: it did not */
    int64_t code; /* of the fault; of "clock": ms that the host's clock is ahead of ours */
    size_t requests; /* that were sent so far */
};

/* Of a stage by its name in transport_answer; 0: it has none. */
int64_t transport_deadline_ms(const struct transport_deadlines *deadlines, const char *stage);

/* One question and its answer, as plain text: of SSH the command, its output and its exit status;
 * of WinRM the envelopes that went and came, without their seals, and HTTP's status. */
struct transport_exchange {
    struct slice asked, answer, errors;
    int64_t status;
};

struct transport_ask {
    uv_loop_t *loop;
    const struct host *host;
    const struct credential *credential;
    struct known_hosts *known_hosts; /* that speaks for this host; accept_new adds to it */
    bool accept_new;
    const struct sockaddr_storage *addresses; /* tried in order, 250 ms apart */
    size_t address_count;
    struct http *http; /* shared, of WinRM */
    const char *command; /* of SSH: sent as it is */
    /* Of WinRM: what to ask after the answers so far, with the data of start. 1 and *ret; 0:
     * enough; -1: an error, which ends the job. What *ret points to lives until the next call. */
    int (*next)(void *data, struct slice so_far, struct question *ret, struct err *err);
    /* NULL, or called with the data of start when an answer is in. */
    void (*heard)(void *data, const struct transport_exchange *exchange);
    /* NULL, or what answers in place of the network, with the data of start: nothing is sent, and
     * there need be no address. false: it does not hold this question, which ends the job. What
     * *ret points to outlives the job. */
    bool (*played)(void *data, struct slice asked, struct transport_exchange *ret);
    size_t output_max; /* bytes of standard output; more ends the job with REASON_PARTIAL */
    struct transport_deadlines deadlines;
    /* every state change, with the data of start; NULL = silence */
    void (*trace)(void *data, const char *from, const char *to);
    /* Every step, with the data of start; NULL = nobody looks on. Where somebody does, WinRM asks
     * what is offered before it says who we are, and what it speaks with before it asks. */
    void (*step)(void *data, const struct transport_step *step);
};

struct transport_answer {
    enum reason reason; /* REASON_NONE: the exit status came, output is all there is */
    bool transient; /* worth one more try a little later */
    bool password_refused; /* it was heard: as many tries as the account's lockout allows */
    int64_t code; /* native code: errno, libssh2's, the server's disconnect reason */
    const char *stage; /* "connect", "handshake", "host-key", "tls", "auth", "exec" */
    const char *detail; /* one sentence with its remedy; may quote the host: escape it */
    struct slice output; /* standard output so far, whatever the reason */
    struct slice errors; /* standard error, at most 64 KiB */
    int exit_status; /* -1: none came */
    const char *exit_signal;
    const char *address; /* the address used, as text */
    /* "publickey", "agent", "password"; "kerberos", "ntlm", "basic", "certificate"; NULL before
     * authentication */
    const char *mechanism;
    const char *principal; /* the user name that was accepted */
    const char *host_key; /* "SHA256:...", of the host key or of the certificate */
    const char *banner; /* "SSH-2.0-OpenSSH_for_Windows_9.5" */
};

struct transport_job;

struct transport {
    const char *name; /* "ssh" */
    int (*start)(const struct transport_ask *ask,
                 void (*done)(void *data, const struct transport_answer *answer), void *data,
                 struct transport_job **ret, struct err *err);
    /* done follows with REASON_SKIPPED and this detail; from any state, more than once is allowed.
     */
    void (*cancel)(struct transport_job *job, const char *detail);
};

extern const struct transport transport_ssh;
extern const struct transport transport_winrm;
/* In place of SSH where ask.played answers; WinRM plays its envelopes itself. */
extern const struct transport transport_replay;

#endif
