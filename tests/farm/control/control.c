/* control: the farm's control socket: what `pvsfarm ctl` says is done here. */
#include "farm/control/control.h"

#include "core/buf.h"
#include "core/str.h"
#include "farm/control/command.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { REQUEST_MAX = 1 << 20, ANSWER_MAX = 64 << 20, WORDS_MAX = 65536, QUEUE = 16 };

struct control_client {
    struct control_client *next, *previous;
    struct control *control;
    uv_pipe_t pipe;
    uv_write_t write;
    struct buf request, answer;
    char chunk[4096];
};

static void on_closed(uv_handle_t *handle)
{
    struct control_client *client = handle->data;
    buf_done(&client->request);
    buf_done(&client->answer);
    free(client);
}

static void client_close(struct control_client *client)
{
    if (client->previous != NULL) {
        client->previous->next = client->next;
    } else {
        client->control->clients = client->next;
    }
    if (client->next != NULL) {
        client->next->previous = client->previous;
    }
    uv_close((uv_handle_t *)&client->pipe, on_closed);
}

static void on_written(uv_write_t *write, int status)
{
    (void)status;
    if (status != UV_ECANCELED) {
        client_close(write->data);
    }
}

static void answer(struct control_client *client)
{
    uv_buf_t bytes = uv_buf_init(client->answer.data, (unsigned)client->answer.len);
    client->write.data = client;
    if (client->answer.failed ||
        uv_write(&client->write, (uv_stream_t *)&client->pipe, &bytes, 1, on_written) != 0) {
        client_close(client);
    }
}

/* Cuts the request into its words; the table is the caller's to free. */
static char **split(struct buf *request, size_t *ret_count)
{
    char **words = calloc(WORDS_MAX, sizeof(*words));
    size_t count = 0;
    for (size_t at = 0; words != NULL && at < request->len && count < WORDS_MAX;) {
        words[count++] = request->data + at;
        at += strlen(request->data + at) + 1;
    }
    *ret_count = count;
    return words;
}

static void obey(struct control_client *client)
{
    struct err err = {0};
    size_t count = 0;
    char **words = split(&client->request, &count);
    (void)buf_putc(&client->answer, '0');
    if (words != NULL && count == 1 && str_eq(words[0], "stop")) {
        free(words);
        client->control->stop(client->control->data);
        return;
    }
    if (words == NULL ||
        command_run(client->control->fleet, words, count, &client->answer, &err) != 0) {
        buf_clear(&client->answer);
        (void)buf_printf(&client->answer, "1%s\n", err.text);
    }
    free(words);
    answer(client);
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
    struct control_client *client = handle->data;
    (void)suggested;
    *ret = uv_buf_init(client->chunk, sizeof(client->chunk));
}

static void on_bytes(uv_stream_t *stream, ssize_t count, const uv_buf_t *bytes)
{
    struct control_client *client = stream->data;
    if (count > 0 && buf_append(&client->request, bytes->base, (size_t)count) == 0) {
        return;
    }
    if (count == 0) {
        return;
    }
    (void)uv_read_stop(stream);
    if (count == UV_EOF) {
        obey(client);
    } else {
        client_close(client);
    }
}

static void on_client(uv_stream_t *stream, int status)
{
    struct control *control = stream->data;
    struct control_client *client = status == 0 ? calloc(1, sizeof(*client)) : NULL;
    if (client == NULL) {
        return;
    }
    buf_init(&client->request, REQUEST_MAX);
    buf_init(&client->answer, ANSWER_MAX);
    client->control = control;
    (void)uv_pipe_init(stream->loop, &client->pipe, 0);
    client->pipe.data = client;
    client->next = control->clients;
    if (client->next != NULL) {
        client->next->previous = client;
    }
    control->clients = client;
    if (uv_accept(stream, (uv_stream_t *)&client->pipe) != 0 ||
        uv_read_start((uv_stream_t *)&client->pipe, on_room, on_bytes) != 0) {
        client_close(client);
    }
}

/* A file left by a farm that was killed: nobody answers there. */
static void remove_stale(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct stat status;
    if (!str_copy(address.sun_path, sizeof(address.sun_path), path) || lstat(path, &status) != 0 ||
        !S_ISSOCK(status.st_mode)) {
        return;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        (void)unlink(path);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
}

int control_open(struct control *control, uv_loop_t *loop, struct fleet *fleet, const char *path,
                 void (*stop)(void *data), void *data, struct err *err)
{
    *control = (struct control){.fleet = fleet, .stop = stop, .data = data};
    remove_stale(path);
    (void)uv_pipe_init(loop, &control->pipe, 0);
    control->pipe.data = control;
    mode_t before = umask(0177);
    int rc = uv_pipe_bind(&control->pipe, path);
    (void)umask(before);
    rc = rc == 0 ? uv_listen((uv_stream_t *)&control->pipe, QUEUE, on_client) : rc;
    if (rc != 0) {
        uv_close((uv_handle_t *)&control->pipe, NULL);
        return err_set(err, ERR_IO, "control", "%s: %s", path, uv_strerror(rc));
    }
    return 0;
}

void control_close(struct control *control)
{
    uv_close((uv_handle_t *)&control->pipe, NULL);
    while (control->clients != NULL) {
        client_close(control->clients);
    }
}
