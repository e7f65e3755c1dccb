/* ssh_agent: asks an ssh-agent for its keys and for signatures, on the loop, without blocking. */
#include "collector/transport/ssh/ssh_agent.h"

#include "collector/transport/ssh_key/ssh_key.h"
#include "collector/transport/ssh_link/ssh_wire.h"
#include "core/machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum message {
    AGENT_FAILURE = 5,
    AGENT_REQUEST_IDENTITIES = 11,
    AGENT_IDENTITIES_ANSWER = 12,
    AGENT_SIGN_REQUEST = 13,
    AGENT_SIGN_RESPONSE = 14,
};

#define NO_AGENT "; does SSH_AUTH_SOCK name an ssh-agent?"

enum sign_flag { SIGN_RSA_SHA2_256 = 2, SIGN_RSA_SHA2_512 = 4 };

/*  CONNECTING --> LISTING --> READY <--> SIGNING
 *       |            |          |          |
 *       +------------+----------+----------+--> FAILED --> CLOSED (from everywhere) */
static const struct machine_state states[] = {
    [SSH_AGENT_CONNECTING] = {"CONNECTING", MACHINE_TO(SSH_AGENT_LISTING) |
                                                MACHINE_TO(SSH_AGENT_FAILED) |
                                                MACHINE_TO(SSH_AGENT_CLOSED)},
    [SSH_AGENT_LISTING] = {"LISTING", MACHINE_TO(SSH_AGENT_READY) | MACHINE_TO(SSH_AGENT_FAILED) |
                                          MACHINE_TO(SSH_AGENT_CLOSED)},
    [SSH_AGENT_READY] = {"READY", MACHINE_TO(SSH_AGENT_SIGNING) | MACHINE_TO(SSH_AGENT_FAILED) |
                                      MACHINE_TO(SSH_AGENT_CLOSED)},
    [SSH_AGENT_SIGNING] = {"SIGNING", MACHINE_TO(SSH_AGENT_READY) | MACHINE_TO(SSH_AGENT_FAILED) |
                                          MACHINE_TO(SSH_AGENT_CLOSED)},
    [SSH_AGENT_FAILED] = {"FAILED", MACHINE_TO(SSH_AGENT_CLOSED)},
    [SSH_AGENT_CLOSED] = {"CLOSED", 0},
};

struct ssh_agent {
    struct machine machine;
    uv_pipe_t pipe;
    uv_connect_t connect;
    uv_write_t write;
    struct buf request; /* being written */
    struct buf received; /* an answer that is not whole yet */
    struct buf listing; /* the answer that keys point into */
    struct buf signature;
    struct ssh_agent_key keys[SSH_AGENT_KEYS_MAX];
    size_t key_count;
    char path[256];
    char error[512];
    char block[16 * 1024];
    void (*changed)(void *data);
    void *data;
    void (*closed)(void *data);
    void *closed_data;
};

enum ssh_agent_state ssh_agent_state(const struct ssh_agent *agent)
{
    return (enum ssh_agent_state)agent->machine.state;
}

const char *ssh_agent_error(const struct ssh_agent *agent)
{
    return agent->error;
}

size_t ssh_agent_key_count(const struct ssh_agent *agent)
{
    return agent->key_count;
}

const struct ssh_agent_key *ssh_agent_key(const struct ssh_agent *agent, size_t index)
{
    return &agent->keys[index];
}

struct slice ssh_agent_signature(const struct ssh_agent *agent)
{
    return (struct slice){agent->signature.data, agent->signature.len};
}

static void fail(struct ssh_agent *agent, const char *why)
{
    if (!machine_may(&agent->machine, SSH_AGENT_FAILED)) {
        return;
    }
    (void)snprintf(agent->error, sizeof(agent->error), "the ssh-agent at %s %s", agent->path, why);
    machine_move(&agent->machine, SSH_AGENT_FAILED);
    (void)uv_read_stop((uv_stream_t *)&agent->pipe);
    agent->changed(agent->data);
}

static void written(uv_write_t *write, int status)
{
    struct ssh_agent *agent = write->data;
    if (status < 0) {
        fail(agent, "does not take what is written to it" NO_AGENT);
    }
}

/* Send request, whose first four bytes are its length. */
static int request_send(struct ssh_agent *agent)
{
    if (agent->request.failed) {
        return -1;
    }
    struct slice rest = {agent->request.data, agent->request.len};
    uint32_t len = (uint32_t)rest.len - 4;
    for (size_t i = 0; i < 4; i++) {
        agent->request.data[i] = (char)(len >> (24 - 8 * i) & 0xff);
    }
    agent->write.data = agent;
    uv_buf_t bytes = uv_buf_init(agent->request.data, (unsigned)agent->request.len);
    return uv_write(&agent->write, (uv_stream_t *)&agent->pipe, &bytes, 1, written) == 0 ? 0 : -1;
}

static bool identities_parse(struct ssh_agent *agent, struct slice rest)
{
    uint32_t count;
    if (!ssh_wire_u32(&rest, &count)) {
        return false;
    }
    for (uint32_t i = 0; i < count && agent->key_count < SSH_AGENT_KEYS_MAX; i++) {
        struct ssh_agent_key key;
        if (!ssh_wire_string(&rest, &key.public) || !ssh_wire_string(&rest, &key.comment)) {
            return false;
        }
        struct slice inner = key.public;
        if (!ssh_wire_string(&inner, &key.algorithm)) {
            return false;
        }
        agent->keys[agent->key_count++] = key;
    }
    return true;
}

static void identities_take(struct ssh_agent *agent, struct slice message)
{
    if (buf_append(&agent->listing, message.data, message.len) != 0) {
        fail(agent, "holds more keys than are taken; hold the right one in an agent of its own");
        return;
    }
    struct slice rest = {agent->listing.data, agent->listing.len};
    uint8_t type = 0;
    if (!ssh_wire_byte(&rest, &type) || type != AGENT_IDENTITIES_ANSWER ||
        !identities_parse(agent, rest)) {
        fail(agent, "did not answer with its keys" NO_AGENT);
        return;
    }
    machine_move(&agent->machine, SSH_AGENT_READY);
    agent->changed(agent->data);
}

static void signature_take(struct ssh_agent *agent, struct slice message)
{
    struct slice rest = message;
    struct slice outer, algorithm, inner;
    uint8_t type = 0;
    if (ssh_wire_byte(&rest, &type) && type == AGENT_SIGN_RESPONSE &&
        ssh_wire_string(&rest, &outer) && ssh_wire_string(&outer, &algorithm) &&
        ssh_wire_string(&outer, &inner)) {
        (void)buf_append(&agent->signature, inner.data, inner.len);
    }
    machine_move(&agent->machine, SSH_AGENT_READY);
    agent->changed(agent->data);
}

static void message_take(struct ssh_agent *agent, struct slice message)
{
    switch (ssh_agent_state(agent)) {
    case SSH_AGENT_LISTING:
        identities_take(agent, message);
        break;
    case SSH_AGENT_SIGNING:
        signature_take(agent, message);
        break;
    case SSH_AGENT_CONNECTING:
    case SSH_AGENT_READY:
    case SSH_AGENT_FAILED:
    case SSH_AGENT_CLOSED:
        fail(agent, "answered without being asked" NO_AGENT);
    }
}

static void received(uv_stream_t *stream, ssize_t n, const uv_buf_t *block)
{
    struct ssh_agent *agent = stream->data;
    if (n < 0) {
        fail(agent, "closed the connection; start it again, and add the key with ssh-add");
        return;
    }
    if (buf_append(&agent->received, block->base, (size_t)n) != 0) {
        fail(agent, "sent more than was asked for" NO_AGENT);
        return;
    }
    struct slice rest = {agent->received.data, agent->received.len};
    struct slice message;
    struct slice head = rest;
    uint32_t len = 0;
    if (ssh_wire_u32(&head, &len) && len > SSH_AGENT_MESSAGE_MAX - 4) {
        fail(agent, "announced an answer larger than any" NO_AGENT);
    } else if (ssh_wire_string(&rest, &message)) {
        if (rest.len > 0) {
            fail(agent, "answered more than once" NO_AGENT);
            return;
        }
        struct buf whole = agent->received; /* what changed() does may ask again */
        buf_init(&agent->received, SSH_AGENT_MESSAGE_MAX);
        message_take(agent, message);
        buf_done(&whole);
    }
}

static void give_block(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
    (void)suggested;
    struct ssh_agent *agent = handle->data;
    *ret = uv_buf_init(agent->block, sizeof(agent->block));
}

static void connected(uv_connect_t *connect, int status)
{
    struct ssh_agent *agent = connect->data;
    if (ssh_agent_state(agent) == SSH_AGENT_CLOSED) {
        return;
    }
    if (status < 0) {
        char why[256];
        (void)snprintf(why, sizeof(why),
                       "cannot be reached (%s); start one, add a key with ssh-add, and set "
                       "SSH_AUTH_SOCK",
                       uv_strerror(status));
        fail(agent, why);
        return;
    }
    machine_move(&agent->machine, SSH_AGENT_LISTING);
    ssh_wire_put_u32(&agent->request, 0);
    (void)buf_putc(&agent->request, AGENT_REQUEST_IDENTITIES);
    if (request_send(agent) != 0 ||
        uv_read_start((uv_stream_t *)&agent->pipe, give_block, received) != 0) {
        fail(agent, "cannot be asked" NO_AGENT);
    }
}

struct ssh_agent *ssh_agent_open(uv_loop_t *loop, const char *path, void (*changed)(void *data),
                                 void *data)
{
    struct ssh_agent *agent = calloc(1, sizeof(*agent));
    if (agent == NULL) {
        return NULL;
    }
    machine_init(&agent->machine, states, SSH_AGENT_CONNECTING);
    buf_init(&agent->request, SSH_AGENT_MESSAGE_MAX);
    buf_init(&agent->received, SSH_AGENT_MESSAGE_MAX);
    buf_init(&agent->listing, SSH_AGENT_MESSAGE_MAX);
    buf_init(&agent->signature, 16 * 1024);
    (void)str_copy(agent->path, sizeof(agent->path), path);
    agent->changed = changed;
    agent->data = data;
    (void)uv_pipe_init(loop, &agent->pipe, 0);
    agent->pipe.data = agent;
    agent->connect.data = agent;
    uv_pipe_connect(&agent->connect, &agent->pipe, agent->path, connected);
    return agent;
}

static uint32_t sign_flags(const void *data, size_t len)
{
    struct slice algorithm;
    if (!ssh_key_wanted_algorithm(data, len, &algorithm)) {
        return 0;
    }
    if (slice_eq(algorithm, "rsa-sha2-512")) {
        return SIGN_RSA_SHA2_512;
    }
    return slice_eq(algorithm, "rsa-sha2-256") ? SIGN_RSA_SHA2_256 : 0;
}

int ssh_agent_sign(struct ssh_agent *agent, const struct ssh_agent_key *key, const void *data,
                   size_t len)
{
    buf_clear(&agent->request);
    buf_clear(&agent->signature);
    ssh_wire_put_u32(&agent->request, 0);
    (void)buf_putc(&agent->request, AGENT_SIGN_REQUEST);
    ssh_wire_put_string(&agent->request, key->public.data, key->public.len);
    ssh_wire_put_string(&agent->request, data, len);
    ssh_wire_put_u32(&agent->request, sign_flags(data, len));
    if (request_send(agent) != 0) {
        return -1;
    }
    machine_move(&agent->machine, SSH_AGENT_SIGNING);
    return 0;
}

static void pipe_closed(uv_handle_t *handle)
{
    struct ssh_agent *agent = handle->data;
    void (*closed)(void *data) = agent->closed;
    void *data = agent->closed_data;
    buf_done(&agent->request);
    buf_done(&agent->received);
    buf_done(&agent->listing);
    buf_done(&agent->signature);
    free(agent);
    closed(data);
}

void ssh_agent_close(struct ssh_agent *agent, void (*closed)(void *data), void *data)
{
    agent->closed = closed;
    agent->closed_data = data;
    machine_move(&agent->machine, SSH_AGENT_CLOSED);
    uv_close((uv_handle_t *)&agent->pipe, pipe_closed);
}
