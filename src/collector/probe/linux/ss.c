/* ss: the rows of Linux' `ss -H -uanp` and `ss -H -tlnp`. */
#include "collector/probe/linux/ss.h"

#include "collector/probe/field.h"

#include <string.h>

/* The kernel cuts a process's name at 15 bytes, and ss prints it unescaped between quotes. */
enum { NAME_MAX_BYTES = 15 };

static const char users_mark[] = "users:(";

/* "[fe80::1]%eth0:546", "0.0.0.0%eth0:68", "*:67" */
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
    const char *scope = memchr(address.data, '%', address.len);
    if (scope != NULL) {
        address.len = (size_t)(scope - address.data);
    }
    if (address.len > 2 && address.data[0] == '[') {
        if (address.data[address.len - 1] == ']') {
            address.len--;
        } else if (scope == NULL) {
            return false;
        }
        address = (struct slice){address.data + 1, address.len - 1};
    }
    *ret_address = address;
    *ret_port = (struct slice){text.data + colon, text.len - colon};
    return address.len > 0;
}

static bool foreign_good(const struct ss_row *row)
{
    struct ip ip;
    uint64_t port = 0;
    return ip_parse(row->foreign_address, &ip) &&
           (slice_eq(row->foreign_port, "*") || str_u64(row->foreign_port, UINT16_MAX, &port));
}

/* rest is empty, or "users:((...),(...))" */
static bool take_owners(struct slice rest, struct ss_row *row)
{
    size_t mark = strlen(users_mark);
    rest = slice_trim(rest);
    row->owners = (struct slice){rest.data, 0};
    if (rest.len == 0) {
        return true;
    }
    if (rest.len <= mark + 1 || memcmp(rest.data, users_mark, mark) != 0 ||
        rest.data[rest.len - 1] != ')') {
        return false;
    }
    row->owners = (struct slice){rest.data + mark, rest.len - mark - 1};
    return true;
}

static bool parse_row(struct slice rest, struct ss_row *row)
{
    struct slice received;
    struct slice sent;
    struct slice local;
    struct slice foreign;
    uint64_t number = 0;
    if (!slice_token(&rest, &row->state) || !slice_token(&rest, &received) ||
        !slice_token(&rest, &sent) || !slice_token(&rest, &local) ||
        !slice_token(&rest, &foreign)) {
        return false;
    }
    if (!str_u64(received, UINT64_MAX, &number) || !str_u64(sent, UINT64_MAX, &number) ||
        !split_address(local, &row->local_address, &row->local_port) ||
        !split_address(foreign, &row->foreign_address, &row->foreign_port) || !foreign_good(row) ||
        !take_owners(rest, row)) {
        return false;
    }
    if (!ip_parse(row->local_address, &row->ip) || !str_u64(row->local_port, UINT16_MAX, &number) ||
        number == 0) {
        return false;
    }
    row->port = (uint16_t)number;
    return true;
}

enum ss_line ss_next(struct slice *rest, struct ss_row *ret)
{
    struct slice line;
    bool ended = false;
    while (slice_line(rest, &line, &ended)) {
        struct ss_row row = {0};
        if (slice_trim(line).len == 0) {
            continue;
        }
        if (!ended || line.len > FIELD_LINE_MAX || !parse_row(slice_trim(line), &row)) {
            return SS_BAD;
        }
        *ret = row;
        return SS_ROW;
    }
    return SS_END;
}

static bool take(struct slice *rest, const char *text)
{
    size_t len = strlen(text);
    if (rest->len < len || memcmp(rest->data, text, len) != 0) {
        return false;
    }
    rest->data += len;
    rest->len -= len;
    return true;
}

static bool take_number(struct slice *rest, int64_t *ret)
{
    size_t len = 0;
    uint64_t number = 0;
    while (len < rest->len && rest->data[len] >= '0' && rest->data[len] <= '9') {
        len++;
    }
    if (!str_u64((struct slice){rest->data, len}, INT32_MAX, &number)) {
        return false;
    }
    rest->data += len;
    rest->len -= len;
    *ret = (int64_t)number;
    return true;
}

/* `",pid=1,fd=3)` */
static bool take_owner_tail(struct slice *rest, int64_t *ret_pid)
{
    int64_t fd = 0;
    return take(rest, "\",pid=") && take_number(rest, ret_pid) && take(rest, ",fd=") &&
           take_number(rest, &fd) && take(rest, ")");
}

bool ss_owner_next(struct slice *owners, struct ss_owner *ret, bool *ret_bad)
{
    *ret_bad = false;
    if (owners->len == 0) {
        return false;
    }
    struct slice rest = *owners;
    *ret_bad = !take(&rest, "(\"");
    /* The longest name that fits: a process may call itself `",pid=1,fd=3),(`. */
    for (size_t len = NAME_MAX_BYTES + 1; !*ret_bad && len-- > 0;) {
        if (len > rest.len) {
            continue;
        }
        struct slice tail = {rest.data + len, rest.len - len};
        int64_t pid = 0;
        if (take_owner_tail(&tail, &pid) && (tail.len == 0 || take(&tail, ","))) {
            *ret = (struct ss_owner){{rest.data, len}, pid};
            *owners = tail;
            return true;
        }
    }
    *ret_bad = true;
    return false;
}

static int add_endpoint(const struct ss_row *row, enum proto proto, int64_t pid,
                        struct snapshot *snapshot, struct reading *reading)
{
    if (snapshot->endpoint_count >= FIELD_ROWS_MAX) {
        *reading = (struct reading){OUTCOME_PARTIAL, 0, "too many rows"};
        return 0;
    }
    struct endpoint *endpoint = snapshot_add_endpoint(snapshot);
    if (endpoint == NULL) {
        return -1;
    }
    endpoint->proto = proto;
    endpoint->address = row->ip;
    endpoint->port = row->port;
    endpoint->pid = pid;
    return 0;
}

static int add_row(const struct ss_row *row, enum proto proto, struct snapshot *snapshot,
                   struct reading *reading)
{
    struct slice owners = row->owners;
    struct ss_owner owner = {.pid = -1};
    bool bad = false;
    if (owners.len == 0) {
        return add_endpoint(row, proto, -1, snapshot, reading);
    }
    while (ss_owner_next(&owners, &owner, &bad)) {
        if (add_endpoint(row, proto, owner.pid, snapshot, reading) != 0) {
            return -1;
        }
    }
    if (bad) {
        *reading = (struct reading){OUTCOME_PARTIAL, 0, "a row cannot be read"};
    }
    return 0;
}

int ss_parse(struct slice output, enum proto proto, struct snapshot *snapshot, struct reading *ret)
{
    struct reading reading = reading_complete;
    struct ss_row row;
    enum ss_line line;
    while ((line = ss_next(&output, &row)) != SS_END) {
        if (line == SS_BAD) {
            reading = (struct reading){OUTCOME_PARTIAL, 0, "a row cannot be read"};
        } else if (add_row(&row, proto, snapshot, &reading) != 0) {
            return -1;
        }
    }
    snapshot_normalise(snapshot);
    *ret = reading;
    return 0;
}
