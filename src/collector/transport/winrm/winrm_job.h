/* winrm_job: one visit over WinRM while it is under way; seen by the winrm*.c files alone. */
#ifndef PVSAUDIT_COLLECTOR_TRANSPORT_WINRM_WINRM_JOB_H
#define PVSAUDIT_COLLECTOR_TRANSPORT_WINRM_WINRM_JOB_H

#include "collector/transport/race.h"
#include "collector/transport/transport.h"
#include "collector/transport/winrm/http.h"
#include "collector/transport/winrm/seal.h"
#include "collector/transport/winrm/winrm_auth.h"
#include "collector/transport/wsman/wsman_fault.h"
#include "collector/transport/wsman/wsman_request.h"
#include "core/ip.h"
#include "core/machine.h"

/*
 *  CONNECTING -+-> GREETING (https) -+-> STEPPING <-> TOKEN -+-> ASKING -> (enough) -> ENDING
 *              |                     |                       |    ^ |
 *              +-> (Kerberos, NTLM) -+                       |    | |
 *              '-> (Basic, a certificate) -------------------'    | |
 *                                                                 | v
 *               ENUMERATING -> PULLING (again and again) ---------+-+
 *               INVOKING -----------------------------------------+-+
 *               CREATING -> COMMANDING -> RECEIVING -> TERMINATING -> DELETING
 *
 *  A ticket for HTTP that is refused: CONNECTING once more, with one for WSMAN. Where somebody
 * looks on, GREETING comes first over http too, and CONNECTING once more after it. Every state, by
 * a failure, a deadline or a cancel: ENDING; and before that RELEASING or DELETING of what is open
 * on the server, if need be over a new connection (CONNECTING once more). ENDING -> DONE when the
 * last handle is closed. */
enum winrm_state {
    WINRM_CONNECTING,
    WINRM_GREETING,
    WINRM_STEPPING,
    WINRM_TOKEN,
    WINRM_ASKING,
    WINRM_ENUMERATING,
    WINRM_PULLING,
    WINRM_INVOKING,
    WINRM_CREATING,
    WINRM_COMMANDING,
    WINRM_RECEIVING,
    WINRM_TERMINATING,
    WINRM_DELETING,
    WINRM_RELEASING,
    WINRM_ENDING,
    WINRM_DONE,
    WINRM_STATE_COUNT
};

enum {
    WINRM_ERRORS_MAX = 64 * 1024,
    WINRM_ENVELOPE = 512000, /* MaxEnvelopeSizekb of every Windows since 2012 */
    WINRM_ENVELOPE_OLD = 153600, /* and before */
    WINRM_PULLS_MAX = 2000, /* of one enumeration */
    WINRM_EMPTY_MAX = 50, /* answers without an item or output, one after the other */
    WINRM_REPEATS_MAX = 20, /* of one question, where the service was not ready in time */
    WINRM_OPTIONAL_MS = 10000, /* for a question that decides nothing */
    WINRM_FAREWELL_MS = 3000, /* for what is open on the server after a failure */
};

struct transport_job {
    struct machine machine;
    struct transport_ask ask;
    void (*done)(void *data, const struct transport_answer *answer);
    void *data;

    uv_timer_t stage_timer, total_timer;
    uv_timer_cb stage_expired;
    void (*end)(struct transport_job *job); /* on the way to ENDING: close what is open */
    unsigned handles; /* of ours, or of parts of ours, that are not closed yet */
    struct race *race;
    struct http_link *link;
    bool in_flight; /* a request is under way on the link */

    struct winrm_context *context;
    const char *spn_service; /* that is being tried */
    bool spn_changed;
    char refusal[128]; /* what the server offered when it refused a ticket for HTTP; "" = it did not
                        */
    bool authenticated; /* on this connection */
    bool greeted, identified; /* where somebody looks on */
    bool told_tls, told_login, told_seal;
    size_t requests;
    bool proof_sent; /* of the password: the server can judge it */
    struct buf authorization; /* of a request; Basic and a certificate: of each */

    struct question question;
    uv_timer_t play_timer; /* where ask.played answers: it gives an answer its turn on the loop */
    struct transport_exchange played;
    int64_t status; /* HTTP's, of the answer that is being taken */
    uint32_t max_envelope;
    char message_id[64];
    struct buf plain, sealed; /* the envelope that is sent, and its sealed form */
    struct buf opened; /* the envelope that came, unsealed */
    char enumeration[1024]; /* the context that is open on the server; "" = none */
    char enumerated[256]; /* its resource */
    char shell_id[128], command_id[128]; /* likewise */
    unsigned pulls, empty_answers, repeats;

    bool decided; /* the answer is made; what follows is a courtesy */
    bool parting; /* what is open on the server is being closed */
    bool broken; /* nothing more is sent over this connection */
    bool reconnected; /* to close what is open: once */

    struct buf output, errors;
    struct transport_answer answer; /* points into what follows */
    char detail[1024];
    char address[IP_TEXT];
    char certificate[80];
    char server[128];
    char principal[256];
};

/* winrm_state.c */
void winrm_state_init(struct transport_job *job);
/* The one place where a job's state changes; a new stage starts its deadline. */
void winrm_move(struct transport_job *job, enum winrm_state to);
const char *winrm_stage(const struct transport_job *job);
/* The deadline of the stage, for the question that is being asked; 0: it has none. */
int64_t winrm_stage_ms(const struct transport_job *job);
/* From now on the deadline of the stage counts anew: a further question is asked. */
void winrm_restart_stage(struct transport_job *job);
/* The first of these decides the answer; then what is open on the server is closed. */
void winrm_fail(struct transport_job *job, enum reason reason, bool transient, int64_t code,
                const char *format, ...) __attribute__((format(printf, 5, 6)));
void winrm_succeed(struct transport_job *job);

/* winrm.c: a handle of the job is closed; the last one ends it. */
void winrm_part_closed(void *data);

/* winrm_connect.c */
int winrm_connect(struct transport_job *job, struct err *err);

/* winrm_handshake.c */
bool winrm_uses_gssapi(const struct transport_job *job);
bool winrm_seals(const struct transport_job *job);
bool winrm_shows_ticket(const struct transport_job *job);
/* A ticket is for a name. Where the inventory gives a number as the address, it is for the name
 * that the host has there. */
const char *winrm_service_host(const struct host *host);
void winrm_handshake(struct transport_job *job); /* the connection is there */
void winrm_take_greeting(struct transport_job *job, const struct http_reply *reply);
void winrm_take_token(struct transport_job *job, const struct http_reply *reply);

/* winrm_step.c: what was learned, for whoever looks on. */
bool winrm_is_watched(const struct transport_job *job);
void winrm_step_connected(struct transport_job *job);
void winrm_step_tls(struct transport_job *job);
void winrm_step_mechanisms(struct transport_job *job, const struct http_reply *reply);
void winrm_step_login(struct transport_job *job, const char *mechanism, const char *principal);
void winrm_step_seal(struct transport_job *job);
/* A question was answered; fault NULL: by what was asked for. */
void winrm_step_answered(struct transport_job *job, const struct wsman_fault *fault);

/* To Identify. */
void winrm_take_identify(struct transport_job *job, const struct wsman_reply *reply);

/* winrm_exchange.c: an envelope goes out and its answer comes back, sealed or not. */
void winrm_post(struct transport_job *job, struct slice body, const char *content_type,
                const char *authorization);
struct wsman_header winrm_header(struct transport_job *job); /* with a message id of its own */
void winrm_send(struct transport_job *job, enum winrm_state state);
/* An envelope that came, unsealed. */
void winrm_take_envelope(struct transport_job *job, struct slice bytes);

/* One function a state: builds its envelope into job->plain; takes the answer to it. */
struct winrm_exchange {
    int (*build)(struct transport_job *job, const struct wsman_header *header);
    void (*take)(struct transport_job *job, const struct wsman_reply *reply);
};
extern const struct winrm_exchange winrm_enumerate, winrm_pull, winrm_release, winrm_invoke;
extern const struct winrm_exchange winrm_create, winrm_command, winrm_receive, winrm_terminate,
    winrm_delete;

/* winrm_replay.c: a recording in place of the connection. */
void winrm_replay(struct transport_job *job);
void winrm_play(struct transport_job *job); /* job->plain is asked */

/* winrm_question.c */
void winrm_ask_next(struct transport_job *job);
void winrm_section_begin(struct transport_job *job, const char *name);
void winrm_section_end(struct transport_job *job, const char *name, int64_t code);
/* The answer that a fault is, as the end of a section; the next question follows. */
void winrm_section_fault(struct transport_job *job, const char *name,
                         const struct wsman_fault *fault);
/* Close what is open on the server: one thing after the other, then end. */
void winrm_part(struct transport_job *job);

/* winrm_fail.c: sentences that say what, where and what to do. */
void winrm_fail_connect(struct transport_job *job, int error, size_t index);
void winrm_fail_deadline(struct transport_job *job, bool total);
void winrm_fail_http(struct transport_job *job, const struct http_reply *reply);
void winrm_fail_status(struct transport_job *job, const struct http_reply *reply);
void winrm_fail_refused(struct transport_job *job, const struct http_reply *reply);
/* A ticket for HTTP was refused, and the realm has none for WSMAN. */
void winrm_fail_only_spn(struct transport_job *job);
/* "Negotiate, Kerberos" of WWW-Authenticate lines. */
void winrm_put_offer(const char *challenges, char *to, size_t size);
void winrm_fail_unexpected(struct transport_job *job, const char *what);

#endif
