/* ssh_link: a libssh2 session together with its socket and memory, both under limits. */
#include "collector/transport/ssh_link/ssh_link.h"

#include "collector/transport/ssh_link/ssh_wire.h"
#include "core/secret.h"
#include "core/str.h"

#include <errno.h>
#include <libssh2.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { USERAUTH_FAILURE = 51 }; /* RFC 4252, 6 */

static const char exit_status[] = "exit-status";

void *ssh_link_alloc(struct ssh_link *link, size_t size)
{
    if (size > SSH_LINK_MEMORY - link->memory) {
        return NULL;
    }
    void *memory = malloc(size);
    link->memory += malloc_usable_size(memory);
    if (link->memory > SSH_LINK_MEMORY) {
        link->memory = SSH_LINK_MEMORY;
    }
    return memory;
}

static void *link_malloc(size_t size, void **abstract)
{
    return ssh_link_alloc(*abstract, size);
}

/* A channel request "exit-status" (RFC 4254, 6.10) on its way out of libssh2, which keeps only its
 * number: byte 98, channel, name, a boolean, the status. */
static bool is_exit_status(const unsigned char *packet, size_t size)
{
    static const unsigned char name_len[4] = {0, 0, 0, sizeof(exit_status) - 1};
    return size >= 9 + sizeof(exit_status) - 1 + 5 && packet[0] == 98 &&
           memcmp(packet + 5, name_len, 4) == 0 &&
           memcmp(packet + 9, exit_status, sizeof(exit_status) - 1) == 0;
}

static bool is_method_list(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (strchr("abcdefghijklmnopqrstuvwxyz0123456789-.@,", text.data[i]) == NULL ||
            text.data[i] == '\0') {
            return false;
        }
    }
    return text.len > 0;
}

/* A refusal (RFC 4252, 5.1) on its way out of libssh2, which does not tell that it was a partial
 * success: byte 51, the methods that can continue, a boolean. */
static void note_refusal(struct ssh_link *link, const unsigned char *packet, size_t size)
{
    struct slice rest = {(const char *)packet, size};
    struct slice methods;
    uint8_t type, partial;
    if (ssh_wire_byte(&rest, &type) && type == USERAUTH_FAILURE &&
        ssh_wire_string(&rest, &methods) && is_method_list(methods) &&
        ssh_wire_byte(&rest, &partial) && partial == 1 && methods.len < sizeof(link->wanted)) {
        memcpy(link->wanted, methods.data, methods.len);
        link->wanted[methods.len] = '\0';
    }
}

/* Wiped, as passwords and what was decrypted with them pass through here. */
static void link_free(void *memory, void **abstract)
{
    struct ssh_link *link = *abstract;
    if (memory == NULL) {
        return;
    }
    size_t size = malloc_usable_size(memory);
    if (is_exit_status(memory, size)) {
        link->exit_seen++;
    }
    note_refusal(link, memory, size);
    link->memory -= size < link->memory ? size : link->memory;
    secret_wipe(memory, size);
    free(memory);
}

static void *link_realloc(void *memory, size_t size, void **abstract)
{
    if (memory == NULL) {
        return link_malloc(size, abstract);
    }
    size_t old = malloc_usable_size(memory);
    void *grown = link_malloc(size, abstract);
    if (grown == NULL) {
        return NULL;
    }
    memcpy(grown, memory, old < size ? old : size);
    link_free(memory, abstract);
    return grown;
}

/* Returns what libssh2 is told. */
static ssize_t link_ended(struct ssh_link *link, enum ssh_link_end end, int error)
{
    link->end = end;
    link->error = error;
    return -EAGAIN;
}

static void link_keep_head(struct ssh_link *link, const void *bytes, size_t len)
{
    size_t room = link->head.max - link->head.len;
    (void)buf_append(&link->head, bytes, len < room ? len : room);
}

static LIBSSH2_RECV_FUNC(link_recv)
{
    struct ssh_link *link = *abstract;
    if (link->end == SSH_LINK_CUT) {
        return -ECONNRESET;
    }
    size_t most = length < link->turn ? length : link->turn;
    if (link->end != SSH_LINK_OPEN || most == 0) {
        return -EAGAIN;
    }
    ssize_t n = recv(socket, buffer, most, flags);
    if (n == 0) {
        return link_ended(link, SSH_LINK_CLOSED, 0);
    }
    if (n < 0) {
        return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR
                   ? -EAGAIN
                   : link_ended(link, SSH_LINK_BROKEN, errno);
    }
    link->turn -= (size_t)n;
    link->received += (uint64_t)n;
    if (link->received > link->received_max) {
        return link_ended(link, SSH_LINK_FLOOD, 0);
    }
    link_keep_head(link, buffer, (size_t)n);
    return n;
}

static LIBSSH2_SEND_FUNC(link_send)
{
    struct ssh_link *link = *abstract;
    if (link->end != SSH_LINK_OPEN) {
        link->sent += length;
        return (ssize_t)length; /* lost, so that nothing of it is in the way of cleaning up */
    }
    ssize_t n = send(socket, buffer, length, flags | MSG_NOSIGNAL);
    if (n >= 0) {
        link->sent += (uint64_t)n;
        return n;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
        return -EAGAIN;
    }
    if (errno == EPIPE || errno == ECONNRESET) {
        return (ssize_t)length; /* lost, as it would be a moment later; its last words are not */
    }
    (void)link_ended(link, SSH_LINK_BROKEN, errno);
    return (ssize_t)length;
}

static LIBSSH2_DISCONNECT_FUNC(link_disconnected)
{
    (void)session;
    (void)language;
    (void)language_len;
    struct ssh_link *link = *abstract;
    size_t len = message_len < 0 ? 0 : (size_t)message_len;
    len = len < sizeof(link->goodbye) ? len : sizeof(link->goodbye) - 1;
    link->disconnect = reason;
    if (len > 0) {
        memcpy(link->goodbye, message, len);
    }
    link->goodbye[len] = '\0';
}

/* libssh2 1.10 takes a function as a pointer to data, which C does not let us cast. */
static void set_callback(LIBSSH2_SESSION *session, int type, void (*function)(void))
{
#if LIBSSH2_VERSION_NUM >= 0x010b01
    (void)libssh2_session_callback_set2(session, type, function);
#else
    void *pointer;
    _Static_assert(sizeof(pointer) == sizeof(function), "POSIX: they are alike");
    memcpy(&pointer, &function, sizeof(pointer));
    (void)libssh2_session_callback_set(session, type, pointer);
#endif
}

static void library_init(void)
{
    (void)libssh2_init(0);
}

int ssh_link_open(struct ssh_link *link, int fd)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, library_init);
    *link = (struct ssh_link){.fd = fd, .disconnect = -1, .received_max = SSH_LINK_HEAD};
    buf_init(&link->head, SSH_LINK_HEAD);
    link->session = libssh2_session_init_ex(link_malloc, link_free, link_realloc, link);
    if (link->session == NULL) {
        return -1;
    }
    libssh2_session_set_blocking(link->session, 0);
    set_callback(link->session, LIBSSH2_CALLBACK_RECV, (void (*)(void))link_recv);
    set_callback(link->session, LIBSSH2_CALLBACK_SEND, (void (*)(void))link_send);
    set_callback(link->session, LIBSSH2_CALLBACK_DISCONNECT, (void (*)(void))link_disconnected);
    return 0;
}

void ssh_link_cut(struct ssh_link *link)
{
    link->end = SSH_LINK_CUT;
}

int ssh_link_close(struct ssh_link *link)
{
    if (link->session != NULL) {
        ssh_link_cut(link);
        if (libssh2_session_free(link->session) == LIBSSH2_ERROR_EAGAIN) {
            return LIBSSH2_ERROR_EAGAIN;
        }
        link->session = NULL;
    }
    buf_done(&link->head);
    return 0;
}

void ssh_link_allow(struct ssh_link *link, uint64_t more)
{
    link->received_max = link->received + more;
}

void ssh_link_forget(struct ssh_link *link, uint64_t more)
{
    buf_done(&link->head);
    link->head.max = 0;
    ssh_link_allow(link, more);
}

/* The first line that begins with "SSH-" (or was cut before it could), or else the first that does
 * not. */
static bool head_line(const struct ssh_link *link, bool banner, char to[256])
{
    struct slice rest = {link->head.data, link->head.len};
    struct slice line;
    while (slice_line(&rest, &line, NULL)) {
        bool is_banner =
            line.len > 0 && memcmp(line.data, "SSH-", line.len < 4 ? line.len : 4) == 0;
        size_t len = line.len < 255 ? line.len : 255;
        if (is_banner == banner && len > 0) {
            memcpy(to, line.data, len);
            to[len] = '\0';
            return true;
        }
        if (is_banner) {
            break;
        }
    }
    return false;
}

bool ssh_link_banner(const struct ssh_link *link, char to[256])
{
    return head_line(link, true, to);
}

bool ssh_link_greeting(const struct ssh_link *link, char to[256])
{
    return head_line(link, false, to);
}
