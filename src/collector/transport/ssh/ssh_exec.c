/* ssh_exec: one command on one channel: its output, its errors and how it ended. */
#include "collector/transport/ssh/ssh_job.h"

#include <string.h>

/* Small, so that a host cannot make libssh2 hold more than this unread; each read enlarges it
 * again. */
enum { WINDOW = 256 * 1024, PACKET = 32 * 1024 };

static LIBSSH2_CHANNEL *channel_open(struct transport_job *job)
{
    return libssh2_channel_open_ex(job->link.session, "session", sizeof("session") - 1, WINDOW,
                                   PACKET, NULL, 0);
}

static int command_start(struct transport_job *job)
{
    return libssh2_channel_process_startup(job->channel, "exec", sizeof("exec") - 1,
                                           job->ask.command, (unsigned)strlen(job->ask.command));
}

void ssh_exec_unwind(struct transport_job *job)
{
    char byte;
    switch (job->last) {
    case SSH_CHANNEL:
        (void)channel_open(job);
        break;
    case SSH_EXEC:
        (void)command_start(job);
        break;
    case SSH_READ:
        (void)libssh2_channel_read(job->channel, &byte, 1);
        (void)libssh2_channel_read_stderr(job->channel, &byte, 1);
        break;
    default:
        break;
    }
}

enum ssh_step ssh_step_channel(struct transport_job *job)
{
    job->channel = channel_open(job);
    if (job->channel != NULL) {
        ssh_move(job, SSH_EXEC);
        return SSH_STEP_NEXT;
    }
    char *words = NULL;
    int rc = libssh2_session_last_error(job->link.session, &words, NULL, 0);
    switch (rc) {
    case LIBSSH2_ERROR_EAGAIN:
        return SSH_STEP_WAIT;
    case LIBSSH2_ERROR_CHANNEL_FAILURE:
        return ssh_fail(job, REASON_DENIED, false, rc,
                        "exec: the server opens no session for %s (%s); look at MaxSessions and "
                        "the rights of the account",
                        job->ask.credential->user, words);
    default:
        return ssh_fail_library(job, rc);
    }
}

enum ssh_step ssh_step_exec(struct transport_job *job)
{
    int rc = command_start(job);
    switch (rc) {
    case 0:
        ssh_move(job, SSH_READ);
        return SSH_STEP_NEXT;
    case LIBSSH2_ERROR_EAGAIN:
        return SSH_STEP_WAIT;
    case LIBSSH2_ERROR_CHANNEL_REQUEST_DENIED:
        return ssh_fail(job, REASON_DENIED, false, rc,
                        "exec: the server lets %s log in but not run a command; look at its shell "
                        "and at ForceCommand or restrictions in authorized_keys",
                        job->ask.credential->user);
    default:
        return ssh_fail_library(job, rc);
    }
}

/* Read what is there of a stream; what goes beyond the buffer's maximum is dropped, and *overrun
 * tells. Bytes that were read, or libssh2's error other than "would block". */
static ssize_t read_stream(struct transport_job *job, int stream, struct buf *to, bool *overrun)
{
    char block[16 * 1024];
    ssize_t total = 0;
    for (;;) {
        ssize_t n = libssh2_channel_read_ex(job->channel, stream, block, sizeof(block));
        if (n <= 0) {
            return n == 0 || n == LIBSSH2_ERROR_EAGAIN ? total : n;
        }
        size_t room = to->max - to->len;
        if ((size_t)n > room) {
            *overrun = true;
        }
        (void)buf_append(to, block, (size_t)n < room ? (size_t)n : room);
        if (to->failed) {
            return LIBSSH2_ERROR_ALLOC;
        }
        total += n;
    }
}

/* Both streams in turn until neither has anything and the socket had nothing for either: reading
 * one takes the other's packets off the socket too, and nothing would wake us for those. 0, or
 * libssh2's error. */
static int read_all(struct transport_job *job, bool *overrun)
{
    for (;;) {
        bool dropped = false;
        uint64_t received = job->link.received;
        ssize_t n = read_stream(job, 0, &job->output, overrun);
        ssize_t m = n < 0 ? 0 : read_stream(job, SSH_EXTENDED_DATA_STDERR, &job->errors, &dropped);
        if (n < 0 || m < 0) {
            return (int)(n < 0 ? n : m);
        }
        if (*overrun || (n == 0 && m == 0 && job->link.received == received)) {
            return 0;
        }
    }
}

/* What the server has told of the command's end so far. */
static void note_exit(struct transport_job *job)
{
    char *name = NULL;
    size_t len = 0;
    if (job->link.exit_seen > 0) {
        job->answer.exit_status = libssh2_channel_get_exit_status(job->channel);
    }
    if (job->answer.exit_signal == NULL &&
        libssh2_channel_get_exit_signal(job->channel, &name, &len, NULL, NULL, NULL, NULL) == 0 &&
        name != NULL) {
        len = len < sizeof(job->exit_signal) ? len : sizeof(job->exit_signal) - 1;
        memcpy(job->exit_signal, name, len);
        job->exit_signal[len] = '\0';
        job->answer.exit_signal = job->exit_signal;
        libssh2_free(job->link.session, name);
    }
}

/* EOF may come before the exit status or signal; the closing of the channel comes after it. */
static enum ssh_step ended(struct transport_job *job)
{
    int rc = 0;
    if (job->link.exit_seen == 0 && job->answer.exit_signal == NULL) {
        rc = libssh2_channel_wait_closed(job->channel);
        note_exit(job);
    }
    if (job->answer.exit_signal != NULL) {
        return ssh_fail(job, REASON_PARTIAL, true, 0,
                        "exec: the command was killed by signal %s after %zu bytes of output; ask "
                        "again, and see what kills it there",
                        job->exit_signal, job->output.len);
    }
    if (job->link.exit_seen > 0) {
        return ssh_succeed(job);
    }
    if (rc == LIBSSH2_ERROR_EAGAIN) {
        return SSH_STEP_WAIT;
    }
    return ssh_fail(job, REASON_PARTIAL, true, 0,
                    "exec: the server closed the channel after %zu bytes of output without the "
                    "command's exit status; ask again, and look at its log",
                    job->output.len);
}

enum ssh_step ssh_step_read(struct transport_job *job)
{
    bool overrun = false;
    int rc = read_all(job, &overrun);
    note_exit(job);
    if (overrun) {
        return ssh_fail(job, REASON_PARTIAL, false, LIBSSH2_ERROR_OUT_OF_BOUNDARY,
                        "exec: the command wrote more than %zu bytes; no answer is that long; see "
                        "what runs there in its place, or raise output_max",
                        job->ask.output_max);
    }
    if (rc != 0) {
        return ssh_fail_library(job, rc);
    }
    return libssh2_channel_eof(job->channel) == 1 ? ended(job) : SSH_STEP_WAIT;
}

/* Our EOF goes out only now, after the exit status: an old Windows sshd kills the command when it
 * comes earlier (Win32-OpenSSH#563). */
enum ssh_step ssh_step_close_wait(struct transport_job *job)
{
    if (libssh2_channel_close(job->channel) == LIBSSH2_ERROR_EAGAIN) {
        return SSH_STEP_WAIT;
    }
    ssh_move(job, SSH_ENDING);
    return SSH_STEP_REST;
}
