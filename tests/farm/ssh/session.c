/* session: one ssh connection to one server of the farm. */
#include "farm/ssh/session.h"

#include "core/machine.h"
#include "core/str.h"
#include "farm/cmd/console.h"
#include "farm/server/misbehave.h"
#include "farm/ssh/reply.h"
#include "farm/ssh/shell.h"

#include <errno.h>
#include <fcntl.h>
#include <libssh/callbacks.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DRIP_MS = 1000 };

/*   TALKING --exec--> THINKING --latency--> REPLYING --all sent--> TALKING
 *      |                  |                    |
 *      +----> HELD <------+                    +--cut--+
 *      any state --connection gone--> CLOSING <--------+                       */
enum state { TALKING, THINKING, REPLYING, HELD, CLOSING };

static const struct machine_state states[] = {
    [TALKING] = {"TALKING", MACHINE_TO(THINKING) | MACHINE_TO(HELD) | MACHINE_TO(CLOSING)},
    [THINKING] = {"THINKING", MACHINE_TO(REPLYING) | MACHINE_TO(TALKING) | MACHINE_TO(CLOSING)},
    [REPLYING] = {"REPLYING", MACHINE_TO(TALKING) | MACHINE_TO(CLOSING)},
    [HELD] = {"HELD", MACHINE_TO(CLOSING)},
    [CLOSING] = {"CLOSING", 0},
};

struct session {
    struct session *next, *previous;
    struct sshd *sshd;
    struct server *server;
    const struct account *account;
    char user[FLEET_NAME]; /* who is asked by keyboard-interactive */
    struct misdeeds misdeeds;
    enum misbehaviour misbehaviour; /* the one that has no moment of its own */
    struct machine machine;
    int fd;
    uv_poll_t poll;
    uv_timer_t timer;
    unsigned handles; /* not yet closed */
    ssh_session ssh; /* NULL for a held raw connection */
    ssh_event event;
    ssh_channel channel;
    struct ssh_server_callbacks_struct server_callbacks;
    struct ssh_channel_callbacks_struct channel_callbacks;
    char *command;
    struct reply *reply;
    bool hold, drop; /* asked for by a callback; obeyed outside of it */
};

static void session_step(struct session *s);

/* ---- closing ---- */

static void reply_drop(struct session *s)
{
    if (s->reply != NULL) {
        reply_done(s->reply);
        free(s->reply);
        s->reply = NULL;
    }
}

static void session_free(struct session *s)
{
    if (s->ssh != NULL) {
        if (s->event != NULL) {
            (void)ssh_event_remove_session(s->event, s->ssh);
            ssh_event_free(s->event);
        }
        ssh_silent_disconnect(s->ssh);
        ssh_free(s->ssh); /* and the channels with it */
    }
    (void)close(s->fd);
    reply_drop(s);
    free(s->command);
    (void)atomic_fetch_sub(&s->sshd->fleet->shared->open_sessions, 1);
    free(s);
}

static void on_closed(uv_handle_t *handle)
{
    struct session *s = handle->data;
    if (--s->handles == 0) {
        session_free(s);
    }
}

static void session_close(struct session *s)
{
    if (s->machine.state == CLOSING) {
        return;
    }
    machine_move(&s->machine, CLOSING);
    if (s->previous != NULL) {
        s->previous->next = s->next;
    } else {
        s->sshd->sessions = s->next;
    }
    if (s->next != NULL) {
        s->next->previous = s->previous;
    }
    uv_close((uv_handle_t *)&s->poll, on_closed);
    uv_close((uv_handle_t *)&s->timer, on_closed);
}

/* A connection that breaks: the other side gets a reset, not an end. */
static void session_break(struct session *s)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    session_close(s);
}

void session_stop_all(struct sshd *sshd)
{
    while (sshd->sessions != NULL) {
        session_close(sshd->sessions);
    }
}

/* ---- what libssh asks ---- */

/* What happens at this moment in place of what belongs there: silence, or the end. */
static bool misbehaves(struct session *s, enum occasion occasion)
{
    enum misbehaviour now = misbehave_only(&s->misdeeds, occasion);
    s->hold = s->hold || now == MISBEHAVE_HANG;
    s->drop = s->drop || now == MISBEHAVE_CLOSE;
    return now == MISBEHAVE_HANG || now == MISBEHAVE_CLOSE;
}

static int on_service(ssh_session ssh, const char *service, void *data)
{
    struct session *s = data;
    (void)ssh;
    if (s->misbehaviour == MISBEHAVE_HANG_AUTH && str_eq(service, "ssh-userauth")) {
        s->hold = true;
    }
    if (str_eq(service, "ssh-userauth")) {
        (void)misbehaves(s, OCCASION_AUTH);
    }
    return 0;
}

static int auth_answer(struct session *s, const char *user, enum mechanism mechanism, bool accepted)
{
    accepted = accepted && s->misbehaviour != MISBEHAVE_DENY_AUTH;
    fleet_count_auth(s->sshd->fleet, user, mechanism, accepted);
    if (!accepted) {
        return SSH_AUTH_DENIED;
    }
    s->account = fleet_account(s->sshd->fleet, user);
    return SSH_AUTH_SUCCESS;
}

static bool is_right(const struct session *s, const char *user, const char *password)
{
    const struct account *account = fleet_account(s->sshd->fleet, user);
    return account != NULL && account->password[0] != '\0' && password != NULL &&
           str_eq(account->password, password);
}

static int on_password(ssh_session ssh, const char *user, const char *password, void *data)
{
    struct session *s = data;
    (void)ssh;
    return auth_answer(s, user, MECHANISM_PASSWORD, is_right(s, user, password));
}

static int on_public_key(ssh_session ssh, const char *user, struct ssh_key_struct *key,
                         char signature, void *data)
{
    struct session *s = data;
    (void)ssh;
    const struct account *account = fleet_account(s->sshd->fleet, user);
    bool known = account != NULL && account->key &&
                 ssh_key_cmp(key, s->sshd->client_key, SSH_KEY_CMP_PUBLIC) == 0;
    if (signature == SSH_PUBLICKEY_STATE_NONE) { /* only a question whether it would do */
        bool would = known && s->misbehaviour != MISBEHAVE_DENY_AUTH;
        if (!would) {
            fleet_count_auth(s->sshd->fleet, user, MECHANISM_KEY, false);
        }
        return would ? SSH_AUTH_SUCCESS : SSH_AUTH_DENIED;
    }
    return auth_answer(s, user, MECHANISM_KEY, known && signature == SSH_PUBLICKEY_STATE_VALID);
}

static int on_exec(ssh_session ssh, ssh_channel channel, const char *command, void *data)
{
    struct session *s = data;
    (void)ssh;
    (void)channel;
    (void)atomic_fetch_add(&s->sshd->fleet->shared->requests, 1);
    (void)atomic_fetch_add(&s->server->requests, 1);
    if (s->command != NULL || s->reply != NULL || s->misbehaviour == MISBEHAVE_NO_EXEC) {
        return -1;
    }
    s->command = strdup(command);
    return s->command == NULL ? -1 : 0;
}

static void on_channel_close(ssh_session ssh, ssh_channel channel, void *data)
{
    struct session *s = data;
    (void)ssh;
    if (channel == s->channel) {
        s->channel = NULL; /* freed with the session */
    }
}

static ssh_channel on_channel(ssh_session ssh, void *data)
{
    struct session *s = data;
    if (s->channel != NULL || s->misbehaviour == MISBEHAVE_NO_CHANNEL) {
        return NULL; /* one at a time */
    }
    s->channel = ssh_channel_new(ssh);
    if (s->channel != NULL) {
        (void)ssh_set_channel_callbacks(s->channel, &s->channel_callbacks);
    }
    return s->channel;
}

/* Asks for the password, then takes it. 1: libssh refuses. */
static int on_keyboard(struct session *s, ssh_message message)
{
    const char *prompts[] = {"Password: "};
    char echo[] = {0};
    if (!s->server->keyboard) {
        return 1;
    }
    if (ssh_message_auth_kbdint_is_response(message) == 0) { /* which names the user, alone */
        const char *named = ssh_message_auth_user(message);
        (void)str_copy(s->user, sizeof(s->user), named == NULL ? "" : named);
        return ssh_message_auth_interactive_request(message, "", "", 1, prompts, echo);
    }
    const char *answer = ssh_userauth_kbdint_getanswer(s->ssh, 0);
    bool right = is_right(s, s->user, answer);
    return auth_answer(s, s->user, MECHANISM_PASSWORD, right) == SSH_AUTH_SUCCESS
               ? ssh_message_auth_reply_success(message, 0)
               : 1;
}

/* What no callback has taken. 1: libssh refuses it. */
static int on_message(ssh_session ssh, ssh_message message, void *data)
{
    struct session *s = data;
    int type = ssh_message_type(message);
    int subtype = ssh_message_subtype(message);
    bool login = type == SSH_REQUEST_AUTH && subtype != SSH_AUTH_METHOD_NONE;
    bool exec = type == SSH_REQUEST_CHANNEL && subtype == SSH_CHANNEL_REQUEST_EXEC;
    (void)ssh;
    if ((login && misbehaves(s, OCCASION_LOGIN)) || (exec && misbehaves(s, OCCASION_EXEC)) ||
        (type == SSH_REQUEST_CHANNEL_OPEN && misbehaves(s, OCCASION_CHANNEL))) {
        return 0;
    }
    return login && subtype == SSH_AUTH_METHOD_INTERACTIVE ? on_keyboard(s, message) : 1;
}

/* ---- answering ---- */

static void run_command(struct session *s)
{
    struct console console;
    struct fleet *fleet = s->sshd->fleet;
    const struct account *account = s->account;
    (void)atomic_fetch_add(&fleet->shared->execs, 1);
    (void)atomic_fetch_add(&s->server->execs, 1);
    console_init(&console, fleet, s->server, account == NULL ? "audit" : account->name,
                 account == NULL ? RIGHT_ALL : account->rights);
    console.misbehaviour = s->misbehaviour;
    int status = shell_run(&console, s->command);
    s->reply = malloc(sizeof(*s->reply));
    if (s->reply != NULL) {
        reply_init(s->reply, &console.out, &console.err, console.flood_at, s->misbehaviour, status);
    }
    console_done(&console);
    free(s->command);
    s->command = NULL;
}

static void end_channel(struct session *s)
{
    int status = s->reply->status;
    if (s->misbehaviour == MISBEHAVE_EXIT_SIGNAL) {
        (void)ssh_channel_request_send_exit_signal(s->channel, "KILL", 0, "", "");
    } else if (s->misbehaviour != MISBEHAVE_NO_EXIT_STATUS) {
        (void)ssh_channel_request_send_exit_status(s->channel, status);
    }
    (void)ssh_channel_send_eof(s->channel);
    if (!misbehaves(s, OCCASION_END)) {
        (void)ssh_channel_close(s->channel);
    }
    reply_drop(s);
    s->channel = NULL;
    machine_move(&s->machine, TALKING);
}

/* False where nothing more can go out now. */
static bool write_some(struct session *s, size_t most)
{
    const char *bytes = NULL;
    bool is_err = false;
    size_t window = ssh_channel_window_size(s->channel);
    if (window == 0 || (ssh_get_poll_flags(s->ssh) & SSH_WRITE_PENDING) != 0) {
        return false;
    }
    size_t n = reply_peek(s->reply, window < most ? window : most, &bytes, &is_err);
    if (n == 0) {
        if (reply_is_cut(s->reply) && s->misbehaviour == MISBEHAVE_HANG_FILES) {
            return false;
        }
        if (reply_is_cut(s->reply)) {
            session_close(s); /* what was written still arrives; no end of the channel does */
        } else {
            end_channel(s);
        }
        return false;
    }
    int written = is_err ? ssh_channel_write_stderr(s->channel, bytes, (uint32_t)n)
                         : ssh_channel_write(s->channel, bytes, (uint32_t)n);
    if (written < 0) {
        session_close(s);
        return false;
    }
    reply_advance(s->reply, (size_t)written);
    return written > 0;
}

static void on_timer(uv_timer_t *timer)
{
    struct session *s = timer->data;
    if (s->machine.state == THINKING && s->command != NULL) {
        run_command(s);
        if (s->reply == NULL) {
            session_close(s);
            return;
        }
        machine_move(&s->machine, REPLYING);
        if (s->misbehaviour == MISBEHAVE_DRIP) {
            (void)uv_timer_start(timer, on_timer, DRIP_MS, DRIP_MS);
        }
    } else if (s->machine.state == REPLYING && s->channel != NULL) {
        (void)write_some(s, 1);
    }
    if (s->machine.state != CLOSING) {
        session_step(s);
    }
}

static void think(struct session *s)
{
    machine_move(&s->machine, THINKING);
    if (s->misbehaviour == MISBEHAVE_HANG_EXEC) {
        return; /* for ever */
    }
    if (s->server->latency_ms > 0) {
        (void)uv_timer_start(&s->timer, on_timer, (uint64_t)s->server->latency_ms, 0);
    } else {
        on_timer(&s->timer);
    }
}

/* ---- the socket ---- */

static void on_raw_event(uv_poll_t *poll, int status, int events)
{
    char sink[4096];
    struct session *s = poll->data;
    ssize_t n = recv(s->fd, sink, sizeof(sink), MSG_DONTWAIT);
    if (status != 0 || n == 0 || (events & UV_DISCONNECT) != 0) {
        session_close(s);
    }
}

/* Nothing is answered any more; only the end of the connection is noticed. */
static void hold(struct session *s)
{
    machine_move(&s->machine, HELD);
    (void)uv_timer_stop(&s->timer);
    (void)uv_poll_start(&s->poll, UV_READABLE | UV_DISCONNECT, on_raw_event);
}

static void on_event(uv_poll_t *poll, int status, int events)
{
    struct session *s = poll->data;
    (void)events;
    if (status != 0 || ssh_event_dopoll(s->event, 0) == SSH_ERROR) {
        session_close(s);
        return;
    }
    session_step(s);
}

static void watch(struct session *s)
{
    int flags = ssh_get_poll_flags(s->ssh);
    int events = UV_READABLE | ((flags & SSH_WRITE_PENDING) != 0 ? UV_WRITABLE : 0);
    if (uv_poll_start(&s->poll, events, on_event) != 0) {
        session_close(s);
    }
}

/* Obeys a callback. */
static bool stops(struct session *s)
{
    if (s->hold || s->drop) {
        (void)ssh_blocking_flush(s->ssh, 0); /* libssh 0.11 has not sent yet what was answered */
    }
    if (s->drop) {
        session_close(s);
    } else if (s->hold) {
        hold(s);
    }
    return s->hold || s->drop;
}

/* Whatever can be done now, after anything happened. */
static void session_step(struct session *s)
{
    if ((ssh_get_status(s->ssh) & (SSH_CLOSED | SSH_CLOSED_ERROR)) != 0) {
        session_close(s);
        return;
    }
    if (stops(s)) {
        return;
    }
    if (s->channel == NULL && (s->machine.state == THINKING || s->machine.state == REPLYING)) {
        (void)uv_timer_stop(&s->timer); /* the client gave up */
        reply_drop(s);
        free(s->command);
        s->command = NULL;
        machine_move(&s->machine, TALKING);
    }
    if (s->machine.state == TALKING && s->command != NULL && s->channel != NULL) {
        think(s);
        return;
    }
    if (s->misbehaviour != MISBEHAVE_DRIP) {
        while (s->machine.state == REPLYING && s->channel != NULL && write_some(s, REPLY_CHUNK)) {
        }
    }
    if (s->machine.state != CLOSING && !stops(s)) {
        watch(s);
    }
}

/* ---- without a protocol ---- */

static void on_writable(uv_poll_t *poll, int status, int events)
{
    struct session *s = poll->data;
    char lines[4096];
    memset(lines, 'x', sizeof(lines));
    lines[sizeof(lines) - 1] = '\n';
    (void)events;
    ssize_t n = status == 0 ? send(s->fd, lines, sizeof(lines), MSG_NOSIGNAL | MSG_DONTWAIT) : -1;
    if (n < 0 && (status != 0 || errno != EAGAIN)) {
        session_close(s);
    }
}

/* Lines without end. */
static void flood(struct session *s)
{
    machine_move(&s->machine, HELD);
    (void)uv_poll_start(&s->poll, UV_WRITABLE | UV_DISCONNECT, on_writable);
}

static void say(struct session *s, const char *text, size_t len)
{
    (void)send(s->fd, text, len, MSG_NOSIGNAL);
}

/* ---- starting ---- */

static void set_callbacks(struct session *s)
{
    bool logs_in = misbehave_only(&s->misdeeds, OCCASION_LOGIN) == BEHAVES && !s->server->keyboard;
    bool opens = misbehave_only(&s->misdeeds, OCCASION_CHANNEL) == BEHAVES;
    bool runs = misbehave_only(&s->misdeeds, OCCASION_EXEC) == BEHAVES;
    s->server_callbacks = (struct ssh_server_callbacks_struct){
        .userdata = s,
        .auth_password_function = logs_in ? on_password : NULL,
        .auth_pubkey_function = logs_in ? on_public_key : NULL,
        .service_request_function = on_service,
        .channel_open_request_session_function = opens ? on_channel : NULL,
    };
    s->channel_callbacks = (struct ssh_channel_callbacks_struct){
        .userdata = s,
        .channel_exec_request_function = runs ? on_exec : NULL,
        .channel_close_function = on_channel_close,
    };
    ssh_set_message_callback(s->ssh, on_message, s);
    ssh_callbacks_init(&s->server_callbacks);
    ssh_callbacks_init(&s->channel_callbacks);
}

static bool start_ssh(struct session *s)
{
    ssh_bind bind = sshd_bind(s->sshd, s->server, s->misbehaviour == MISBEHAVE_WRONG_HOST_KEY);
    /* libssh closes its descriptor as soon as the peer is gone; the loop may watch only one that
     * stays open until its handle is closed. */
    int copy = fcntl(s->fd, F_DUPFD_CLOEXEC, 0);
    s->ssh = ssh_new();
    if (bind == NULL || s->ssh == NULL || copy < 0 ||
        ssh_bind_accept_fd(bind, s->ssh, copy) != SSH_OK) {
        if (copy >= 0) {
            (void)close(copy);
        }
        return false;
    }
    set_callbacks(s);
    (void)ssh_set_server_callbacks(s->ssh, &s->server_callbacks);
    ssh_set_auth_methods(s->ssh, s->server->keyboard
                                     ? SSH_AUTH_METHOD_INTERACTIVE
                                     : SSH_AUTH_METHOD_PASSWORD | SSH_AUTH_METHOD_PUBLICKEY);
    ssh_set_blocking(s->ssh, 0);
    s->event = ssh_event_new();
    if (s->event == NULL || ssh_handle_key_exchange(s->ssh) == SSH_ERROR ||
        ssh_event_add_session(s->event, s->ssh) != SSH_OK) {
        return false;
    }
    return true;
}

/* False where no protocol follows. */
static bool greet(struct session *s, enum misbehaviour banner, enum misbehaviour kex)
{
    static const char ours[] = "SSH-2.0-OpenSSH_for_Windows_8.1\r\n", old[] = "SSH-1.5-1.2.27\n";
    static const char page[] = "HTTP/1.1 400 Bad Request\r\nServer: Microsoft-HTTPAPI/2.0\r\n\r\n";
    char noise[512];
    memset(noise, 0xa5, sizeof(noise));
    switch (banner != BEHAVES ? banner : kex) {
    case BEHAVES:
        return true;
    case MISBEHAVE_BIG:
    case MISBEHAVE_ENDLESS:
        flood(s);
        return false;
    case MISBEHAVE_VERSION_1:
        say(s, old, sizeof(old) - 1);
        break;
    default:
        say(s, ours, kex != BEHAVES ? sizeof(ours) - 1 : 0);
        break;
    }
    bool noisy = banner == MISBEHAVE_GARBAGE || kex == MISBEHAVE_GARBAGE;
    if (noisy) {
        say(s, banner != BEHAVES ? page : noise,
            banner != BEHAVES ? sizeof(page) - 1 : sizeof(noise));
    }
    if (banner == MISBEHAVE_GARBAGE || banner == MISBEHAVE_CLOSE || kex == MISBEHAVE_CLOSE) {
        session_close(s);
    } else {
        hold(s);
    }
    return false;
}

static void start_protocol(struct session *s)
{
    enum misbehaviour banner = misbehave_only(&s->misdeeds, OCCASION_BANNER);
    enum misbehaviour kex = misbehave_only(&s->misdeeds, OCCASION_KEX);
    if (s->misbehaviour == MISBEHAVE_REFUSE) {
        session_break(s);
        return;
    }
    if (s->misbehaviour == MISBEHAVE_HANG_BANNER || s->misbehaviour == MISBEHAVE_VERSION_1) {
        banner = s->misbehaviour;
    } else if (s->misbehaviour == MISBEHAVE_HANG_KEX) {
        kex = s->misbehaviour;
    }
    if (!greet(s, banner, kex)) {
        return;
    }
    if (start_ssh(s)) {
        session_step(s);
    } else {
        session_close(s);
    }
}

void session_start(struct sshd *sshd, struct server *server, int fd)
{
    int on = 1;
    struct session *s = calloc(1, sizeof(*s));
    if (s == NULL || uv_poll_init(sshd->loop, &s->poll, fd) != 0) {
        free(s);
        (void)close(fd);
        return;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    (void)uv_timer_init(sshd->loop, &s->timer);
    s->poll.data = s->timer.data = s;
    s->handles = 2;
    s->sshd = sshd;
    s->server = server;
    s->fd = fd;
    s->misdeeds = misbehave_next(server);
    s->misbehaviour = misbehave_always(&s->misdeeds);
    machine_init(&s->machine, states, TALKING);
    s->next = sshd->sessions;
    if (s->next != NULL) {
        s->next->previous = s;
    }
    sshd->sessions = s;
    (void)atomic_fetch_add(&sshd->fleet->shared->connections, 1);
    (void)atomic_fetch_add(&sshd->fleet->shared->open_sessions, 1);
    (void)atomic_fetch_add(&server->connections, 1);
    start_protocol(s);
}
