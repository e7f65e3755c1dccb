/* winrm_connect: the TCP connection of a visit over WinRM, raced over the host's addresses. */
#include "collector/transport/reach.h"
#include "collector/transport/winrm/winrm_job.h"

#include <unistd.h>

static void connected(void *data, int fd, size_t index, int error)
{
    struct transport_job *job = data;
    const struct host *host = job->ask.host;
    struct err err = {0};
    reach_address(&job->ask.addresses[index], job->address);
    job->answer.address = job->address;
    if (fd < 0) {
        winrm_fail_connect(job, error, index);
        return;
    }
    race_close(job->race, winrm_part_closed, job);
    job->race = NULL;
    const struct http_target target = {
        .host = host->address,
        .port = host->port,
        .https = host->scheme == SCHEME_HTTPS,
        .ca_file = host->ca_file,
        .cert_sha256 = host->cert_sha256,
        .client_cert = host->auth == AUTH_CERTIFICATE ? host->cert_file : NULL,
        .client_key = host->auth == AUTH_CERTIFICATE ? host->key_file : NULL,
    };
    if (http_link_open(job->ask.http, &target, fd, &job->link, &err) != 0) {
        winrm_fail(job, REASON_UNREACHABLE, true, 0, "connecting: %s", err.text);
        return;
    }
    winrm_step_connected(job);
    winrm_handshake(job);
}

int winrm_connect(struct transport_job *job, struct err *err)
{
    job->race =
        race_start(job->ask.loop, job->ask.addresses, job->ask.address_count, connected, job);
    if (job->race == NULL) {
        return err_memory(err);
    }
    job->handles++;
    return 0;
}
