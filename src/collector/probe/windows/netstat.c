/* netstat: the rows of Windows' `netstat -ano`, by structure and never by words. */
#include "collector/probe/windows/netstat.h"

#include "collector/probe/field.h"

#include <string.h>

enum { TITLE_LINES = 2 }; /* "Active Connections" and the header, in whatever language */

static bool proto_of(struct slice word, enum proto *ret)
{
    static const struct {
        const char *word;
        enum proto proto;
    } words[] = {
        {"TCP", PROTO_TCP}, {"UDP", PROTO_UDP}, {"TCPv6", PROTO_TCP}, {"UDPv6", PROTO_UDP}};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (slice_eq(word, words[i].word)) {
            *ret = words[i].proto;
            return true;
        }
    }
    return false;
}

/* "[fe80::1%9]:1900" into address "fe80::1" and port "1900"; "*:*" into "*" and "*". */
static bool split_address(struct slice text, struct slice *ret_address, struct slice *ret_port)
{
    size_t colon = text.len;
    while (colon > 0 && text.data[colon - 1] != ':') {
        colon--;
    }
    if (colon < 2 || colon == text.len) {
        return false;
    }
    struct slice address = {text.data, colon - 1};
    bool open = address.data[0] == '[';
    bool closed = address.data[address.len - 1] == ']';
    if (open != closed || (open && address.len < 2)) {
        return false;
    }
    if (open) {
        address = (struct slice){address.data + 1, address.len - 2};
    }
    const char *scope = memchr(address.data, '%', address.len);
    if (scope != NULL) {
        address.len = (size_t)(scope - address.data);
    }
    *ret_address = address;
    *ret_port = (struct slice){text.data + colon, text.len - colon};
    return address.len > 0;
}

/* The foreign side is an address with a port, or "*:*". */
static bool foreign_good(const struct netstat_row *row)
{
    struct ip ip;
    uint64_t port = 0;
    if (slice_eq(row->foreign_address, "*")) {
        return slice_eq(row->foreign_port, "*");
    }
    return ip_parse(row->foreign_address, &ip) && str_u64(row->foreign_port, UINT16_MAX, &port);
}

static bool foreign_is_nobody(const struct netstat_row *row)
{
    return (slice_eq(row->foreign_address, "0.0.0.0") || slice_eq(row->foreign_address, "::")) &&
           slice_eq(row->foreign_port, "0");
}

/* rest is the line behind the foreign address: state words, then the pid. */
static bool take_state_and_pid(struct slice rest, struct netstat_row *row)
{
    struct slice word;
    struct slice last = {0};
    rest = slice_trim(rest);
    const char *start = rest.data;
    while (slice_token(&rest, &word)) {
        last = word;
    }
    if (last.len == 0 || !str_u64(last, UINT32_MAX, &row->pid)) {
        return false;
    }
    row->state = slice_trim((struct slice){start, (size_t)(last.data - start)});
    return (row->state.len == 0) == (row->proto == PROTO_UDP);
}

static bool parse_row(struct slice rest, struct netstat_row *row)
{
    struct slice local;
    struct slice foreign;
    uint64_t port = 0;
    if (!slice_token(&rest, &local) || !slice_token(&rest, &foreign) ||
        !split_address(local, &row->local_address, &row->local_port) ||
        !split_address(foreign, &row->foreign_address, &row->foreign_port) || !foreign_good(row) ||
        !take_state_and_pid(rest, row)) {
        return false;
    }
    if (!ip_parse(row->local_address, &row->ip) || row->ip.family == 0 ||
        !str_u64(row->local_port, UINT16_MAX, &port) || port == 0) {
        return false;
    }
    row->port = (uint16_t)port;
    row->listener = row->proto == PROTO_TCP && foreign_is_nobody(row);
    return true;
}

enum netstat_line netstat_next(struct netstat *netstat, struct netstat_row *ret)
{
    struct slice line;
    bool ended = false;
    while (slice_line(&netstat->rest, &line, &ended)) {
        struct slice rest = slice_trim(line);
        struct netstat_row row = {0};
        if (rest.len == 0) {
            continue;
        }
        if (line.len > FIELD_LINE_MAX) {
            return NETSTAT_BAD;
        }
        if (!slice_token(&rest, &row.word) || !proto_of(row.word, &row.proto)) {
            return netstat->rows || !ended ? NETSTAT_BAD : NETSTAT_TITLE;
        }
        netstat->rows = true;
        if (!ended || !parse_row(rest, &row)) {
            return NETSTAT_BAD;
        }
        *ret = row;
        return NETSTAT_ROW;
    }
    return NETSTAT_END;
}

/* What was seen, to be judged at the end. */
struct tally {
    size_t titles, bad, udp_rows, tcp_rows;
    bool too_many;
};

static struct reading judge(const struct tally *tally, size_t rows)
{
    const char *detail = tally->too_many               ? "too many rows"
                         : tally->bad > 0              ? "a row cannot be read"
                         : tally->titles < TITLE_LINES ? "the heading is missing"
                         : rows == 0                   ? "no rows"
                                                       : NULL;
    return detail == NULL ? reading_complete : (struct reading){OUTCOME_PARTIAL, 0, detail};
}

static int add_row(const struct netstat_row *row, struct snapshot *snapshot, struct tally *tally)
{
    *(row->proto == PROTO_UDP ? &tally->udp_rows : &tally->tcp_rows) += 1;
    if (row->proto == PROTO_TCP && !row->listener) {
        return 0;
    }
    if (snapshot->endpoint_count >= FIELD_ROWS_MAX) {
        tally->too_many = true;
        return 0;
    }
    struct endpoint *endpoint = snapshot_add_endpoint(snapshot);
    if (endpoint == NULL) {
        return -1;
    }
    endpoint->proto = row->proto;
    endpoint->address = row->ip;
    endpoint->port = row->port;
    endpoint->pid = (int64_t)row->pid;
    return 0;
}

int netstat_parse(struct slice output, struct snapshot *snapshot, struct reading *ret_udp,
                  struct reading *ret_tcp)
{
    struct netstat netstat = {.rest = output};
    struct netstat_row row;
    struct tally tally = {0};
    enum netstat_line line;
    while ((line = netstat_next(&netstat, &row)) != NETSTAT_END) {
        if (line == NETSTAT_ROW) {
            if (add_row(&row, snapshot, &tally) != 0) {
                return -1;
            }
        } else {
            *(line == NETSTAT_BAD ? &tally.bad : &tally.titles) += 1;
        }
    }
    snapshot_normalise(snapshot);
    *ret_udp = judge(&tally, tally.udp_rows);
    *ret_tcp = judge(&tally, tally.tcp_rows);
    return 0;
}
