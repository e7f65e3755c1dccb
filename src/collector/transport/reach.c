/* reach: the address of a host as text, and why it could not be connected to, as a sentence. */
#include "collector/transport/reach.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

void reach_address(const struct sockaddr_storage *address, char to[IP_TEXT])
{
    const void *bytes = address->ss_family == AF_INET6
                            ? (const void *)&((const struct sockaddr_in6 *)address)->sin6_addr
                            : (const void *)&((const struct sockaddr_in *)address)->sin_addr;
    if (inet_ntop(address->ss_family, bytes, to, IP_TEXT) == NULL) {
        to[0] = '\0';
    }
}

void reach_failed(const struct transport_ask *ask, size_t index, int error, const char *refused,
                  struct reach_failure *ret)
{
    char address[IP_TEXT];
    unsigned port = ask->host->port;
    reach_address(&ask->addresses[index], address);
    ret->code = error;
    ret->transient = error != ECONNREFUSED;
    if (error == ECONNREFUSED) {
        ret->reason = REASON_REFUSED;
        (void)snprintf(ret->text, sizeof(ret->text), "connecting: %s refuses port %u; %s", address,
                       port, refused);
        return;
    }
    ret->reason = REASON_UNREACHABLE;
    (void)snprintf(ret->text, sizeof(ret->text),
                   "connecting: %s port %u cannot be reached (%s); is the host up, and is the "
                   "address right?",
                   address, port, strerror(error));
}

void reach_expired(const struct transport_ask *ask, const struct race *race, int64_t ms,
                   const char *refused, struct reach_failure *ret)
{
    size_t index = 0;
    int error = race_error(race, &index);
    if (error != ETIMEDOUT) {
        reach_failed(ask, index, error, refused, ret);
        return;
    }
    ret->reason = REASON_UNREACHABLE;
    ret->transient = true;
    ret->code = ETIMEDOUT;
    (void)snprintf(ret->text, sizeof(ret->text),
                   "connecting: no answer from %s port %u within %lld ms; is the host up, and does "
                   "a firewall let us through?",
                   ask->host->address, (unsigned)ask->host->port, (long long)ms);
}
