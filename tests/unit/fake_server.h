/* fake_server: a TCP server on the test's own loop that misbehaves: alone, or in front of sshd. */
#ifndef PVSAUDIT_TESTS_UNIT_FAKE_SERVER_H
#define PVSAUDIT_TESTS_UNIT_FAKE_SERVER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#define FAKE_PART __attribute__((unused)) static

/* What follows once its text, or as many bytes of sshd as it lets through, have gone out. */
enum fake_then { FAKE_HANG, FAKE_CLOSE, FAKE_RESET, FAKE_REPEAT };

struct fake_server {
    uv_loop_t *loop;
    uv_tcp_t listener, client, server;
    uv_connect_t connect;
    const char *text; /* NULL: what sshd says */
    size_t len; /* of text, or of what sshd may say */
    enum fake_then then;
    uint16_t behind; /* sshd's port */
    uint16_t port;
    size_t passed;
    unsigned handles; /* that are open: 1 listener, 2 client, 4 server */
};

struct fake_write {
    uv_write_t write;
    struct fake_server *fake;
    bool last;
    char bytes[];
};

FAKE_PART void fake_drop(struct fake_server *fake, unsigned which)
{
    uv_handle_t *const all[] = {(uv_handle_t *)&fake->listener, (uv_handle_t *)&fake->client,
                                (uv_handle_t *)&fake->server};
    for (unsigned i = 0; i < 3; i++) {
        if ((fake->handles & which & 1U << i) != 0) {
            uv_close(all[i], NULL);
        }
    }
    fake->handles &= ~which;
}

FAKE_PART void fake_close(struct fake_server *fake)
{
    fake_drop(fake, 7);
}

FAKE_PART void fake_end(struct fake_server *fake);

FAKE_PART void fake_written(uv_write_t *write, int status)
{
    struct fake_write *piece = (struct fake_write *)write;
    struct fake_server *fake = piece->fake;
    bool last = piece->last;
    free(piece);
    if (status == 0 && last && (fake->handles & 2) != 0) {
        fake_end(fake);
    }
}

FAKE_PART void fake_write(struct fake_server *fake, uv_stream_t *to, const char *bytes, size_t len,
                          bool last)
{
    struct fake_write *piece = malloc(sizeof(*piece) + len);
    if (piece == NULL) {
        abort();
    }
    piece->fake = fake;
    piece->last = last;
    memcpy(piece->bytes, bytes, len);
    uv_buf_t buf = uv_buf_init(piece->bytes, (unsigned)len);
    if (uv_write(&piece->write, to, &buf, 1, fake_written) != 0) {
        free(piece);
    }
}

FAKE_PART void fake_end(struct fake_server *fake)
{
    switch (fake->then) {
    case FAKE_HANG:
        break;
    case FAKE_CLOSE:
        fake_drop(fake, 6);
        break;
    case FAKE_RESET:
        (void)uv_tcp_close_reset(&fake->client, NULL);
        fake->handles &= ~2U;
        fake_drop(fake, 4);
        break;
    case FAKE_REPEAT:
        fake_write(fake, (uv_stream_t *)&fake->client, fake->text, fake->len, true);
        break;
    }
}

FAKE_PART void fake_block(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
    static char block[65536];
    (void)handle;
    (void)suggested;
    *ret = uv_buf_init(block, sizeof(block));
}

FAKE_PART void fake_from_client(uv_stream_t *stream, ssize_t n, const uv_buf_t *block)
{
    struct fake_server *fake = stream->data;
    if (n < 0) {
        fake_drop(fake, 6);
    } else if ((fake->handles & 4) != 0 && n > 0) {
        fake_write(fake, (uv_stream_t *)&fake->server, block->base, (size_t)n, false);
    }
}

FAKE_PART void fake_from_server(uv_stream_t *stream, ssize_t n, const uv_buf_t *block)
{
    struct fake_server *fake = stream->data;
    if (n < 0) {
        fake_drop(fake, 6);
        return;
    }
    size_t room = fake->len - fake->passed;
    size_t len = (size_t)n < room ? (size_t)n : room;
    bool last = (size_t)n >= room;
    fake->passed += len;
    if ((fake->handles & 2) != 0 && len > 0) {
        fake_write(fake, (uv_stream_t *)&fake->client, block->base, len, last);
    } else if (last) {
        fake_end(fake);
    }
    if (last) {
        (void)uv_read_stop(stream);
    }
}

FAKE_PART void fake_behind(uv_connect_t *connect, int status)
{
    struct fake_server *fake = connect->data;
    if (status == 0) {
        (void)uv_read_start((uv_stream_t *)&fake->server, fake_block, fake_from_server);
        (void)uv_read_start((uv_stream_t *)&fake->client, fake_block, fake_from_client);
    }
}

FAKE_PART void fake_accept(uv_stream_t *listener, int status)
{
    struct fake_server *fake = listener->data;
    if (status != 0 || (fake->handles & 2) != 0) {
        return;
    }
    (void)uv_tcp_init(fake->loop, &fake->client);
    fake->client.data = fake;
    fake->handles |= 2;
    (void)uv_accept(listener, (uv_stream_t *)&fake->client);
    if (fake->text != NULL) {
        (void)uv_read_start((uv_stream_t *)&fake->client, fake_block, fake_from_client);
        fake_write(fake, (uv_stream_t *)&fake->client, fake->text, fake->len, true);
        return;
    }
    struct sockaddr_in address;
    (void)uv_ip4_addr("127.0.0.1", fake->behind, &address);
    (void)uv_tcp_init(fake->loop, &fake->server);
    fake->server.data = fake;
    fake->connect.data = fake;
    fake->handles |= 4;
    (void)uv_tcp_connect(&fake->connect, &fake->server, (const struct sockaddr *)&address,
                         fake_behind);
}

FAKE_PART void fake_open(struct fake_server *fake, uv_loop_t *loop)
{
    struct sockaddr_in address;
    int size = sizeof(address);
    fake->loop = loop;
    fake->passed = 0;
    fake->handles = 1;
    (void)uv_tcp_init(loop, &fake->listener);
    fake->listener.data = fake;
    (void)uv_ip4_addr("127.0.0.1", 0, &address);
    (void)uv_tcp_bind(&fake->listener, (const struct sockaddr *)&address, 0);
    (void)uv_listen((uv_stream_t *)&fake->listener, 4, fake_accept);
    (void)uv_tcp_getsockname(&fake->listener, (struct sockaddr *)&address, &size);
    fake->port = ntohs(address.sin_port);
}

#endif
