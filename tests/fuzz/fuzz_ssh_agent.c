/* fuzz_ssh_agent: any bytes as what an ssh-agent answers, over a real socket and loop.
 * Covers: src/collector/transport/ssh/ssh_agent.c
 * Beside: written connected request_send sign_flags ssh_agent_open */
#include "collector/transport/ssh/ssh_agent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <uv.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct sockaddr_un place = {.sun_family = AF_UNIX};

static void leave(void)
{
    (void)unlink(place.sun_path);
}

/* The agent's listening socket; made once. */
static int listener(void)
{
    static int fd = -1;
    if (fd < 0) {
        (void)snprintf(place.sun_path, sizeof(place.sun_path), "/tmp/pvsaudit-fuzz-agent-%ld",
                       (long)getpid());
        fd = socket(AF_UNIX, SOCK_STREAM, 0);
        (void)unlink(place.sun_path);
        if (bind(fd, (struct sockaddr *)&place, sizeof(place)) != 0 || listen(fd, 8) != 0 ||
            atexit(leave) != 0) {
            abort();
        }
    }
    return fd;
}

static void changed(void *data)
{
    (void)data;
}

static void send_all(int fd, const uint8_t *bytes, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(fd, bytes, len, MSG_NOSIGNAL);
        if (sent <= 0) {
            return;
        }
        bytes += sent;
        len -= (size_t)sent;
    }
}

/* The first message with its length; all where it is not whole. */
static size_t first_message(const uint8_t *data, size_t size)
{
    if (size < 4) {
        return size;
    }
    size_t len = (size_t)data[0] << 24 | (size_t)data[1] << 16 | (size_t)data[2] << 8 | data[3];
    return len < size - 4 ? 4 + len : size;
}

static void run_while(uv_loop_t *loop, const struct ssh_agent *agent, enum ssh_agent_state state)
{
    while (ssh_agent_state(agent) == state) {
        (void)uv_run(loop, UV_RUN_ONCE);
    }
}

static void converse(uv_loop_t *loop, struct ssh_agent *agent, int fd, const uint8_t *data,
                     size_t size)
{
    static const char request[] = "\0\0\0\7session\62\0\0\0\4user\0\0\0\16ssh-connection"
                                  "\0\0\0\11publickey\1\0\0\0\14rsa-sha2-512";
    size_t first = first_message(data, size);
    send_all(fd, data, first);
    if (first == size) {
        (void)shutdown(fd, SHUT_WR);
    }
    run_while(loop, agent, SSH_AGENT_CONNECTING);
    run_while(loop, agent, SSH_AGENT_LISTING);
    if (ssh_agent_state(agent) != SSH_AGENT_READY || first == size) {
        return;
    }
    if (ssh_agent_key_count(agent) > 0 &&
        ssh_agent_sign(agent, ssh_agent_key(agent, 0), request, sizeof(request) - 1) != 0) {
        return;
    }
    send_all(fd, data + first, size - first);
    (void)shutdown(fd, SHUT_WR);
    run_while(loop, agent, SSH_AGENT_SIGNING);
    if (ssh_agent_signature(agent).len > size) {
        abort();
    }
    run_while(loop, agent, SSH_AGENT_READY);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uv_loop_t loop;
    int server = listener();
    if (uv_loop_init(&loop) != 0) {
        return 0;
    }
    struct ssh_agent *agent = ssh_agent_open(&loop, place.sun_path, changed, NULL);
    int fd = accept(server, NULL, NULL);
    converse(&loop, agent, fd, data, size);
    if (ssh_agent_state(agent) == SSH_AGENT_FAILED && strlen(ssh_agent_error(agent)) == 0) {
        abort();
    }
    ssh_agent_close(agent, changed, NULL);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    (void)close(fd);
    if (uv_loop_close(&loop) != 0) {
        abort();
    }
    return 0;
}
