/* seal: the body of a sealed message, one part of multipart/encrypted (MS-WSMV 2.2.9.1).
 *
 * MS-WSMV shows a TAB before each header of a part. Windows sends none, and at least one server
 * closes the connection on it; so none is written, and either is read. */
#include "collector/transport/winrm/seal.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#define BOUNDARY "Encrypted Boundary"
#define SPNEGO "application/HTTP-SPNEGO-session-encrypted"
#define KERBEROS "application/HTTP-Kerberos-session-encrypted"

static const char *protocol_name(enum seal_protocol protocol)
{
    return protocol == SEAL_KERBEROS ? KERBEROS : SPNEGO;
}

const char *seal_content_type(enum seal_protocol protocol)
{
    return protocol == SEAL_KERBEROS
               ? "multipart/encrypted;protocol=\"" KERBEROS "\";boundary=\"" BOUNDARY "\""
               : "multipart/encrypted;protocol=\"" SPNEGO "\";boundary=\"" BOUNDARY "\"";
}

static bool begins_with(struct slice text, const char *word)
{
    size_t len = strlen(word);
    return text.len >= len && strncasecmp(text.data, word, len) == 0;
}

bool seal_is_sealed(struct slice content_type)
{
    return begins_with(slice_trim(content_type), "multipart/encrypted");
}

int seal_write(enum seal_protocol protocol, size_t plain_len, struct slice header,
               struct slice data, struct buf *to)
{
    const unsigned char len[4] = {
        (unsigned char)(header.len & 0xff), (unsigned char)(header.len >> 8 & 0xff),
        (unsigned char)(header.len >> 16 & 0xff), (unsigned char)(header.len >> 24 & 0xff)};
    (void)buf_printf(to,
                     "--" BOUNDARY "\r\nContent-Type: %s\r\n"
                     "OriginalContent: type=application/soap+xml;charset=UTF-8;Length=%zu\r\n"
                     "--" BOUNDARY "\r\nContent-Type: application/octet-stream\r\n",
                     protocol_name(protocol), plain_len);
    (void)buf_append(to, len, sizeof(len));
    (void)buf_append(to, header.data, header.len);
    (void)buf_append(to, data.data, data.len);
    (void)buf_puts(to, "--" BOUNDARY "--\r\n");
    return to->failed ? -1 : 0;
}

static int bad(struct err *err, enum err_code code, const char *what)
{
    return err_set(err, code, "seal", "a sealed answer %s", what);
}

/* "--Encrypted Boundary", also with a blank after the dashes. */
static bool is_boundary(struct slice line)
{
    line = slice_trim(line);
    if (!begins_with(line, "--")) {
        return false;
    }
    return slice_ieq(slice_trim((struct slice){line.data + 2, line.len - 2}), BOUNDARY);
}

static bool take_boundary(struct slice *rest, struct err *err)
{
    struct slice line;
    bool ended = false;
    do {
        if (!slice_line(rest, &line, &ended) || !ended) {
            (void)bad(err, ERR_PARTIAL, "ends before its boundary");
            return false;
        }
    } while (slice_trim(line).len == 0);
    if (!is_boundary(line)) {
        (void)bad(err, ERR_FORMAT, "has something else where its boundary must be");
        return false;
    }
    return true;
}

/* "type=...;charset=UTF-8;Length=1234" */
static bool parse_length(struct slice value, size_t *ret)
{
    while (value.len > 0) {
        const char *semicolon = memchr(value.data, ';', value.len);
        size_t len = semicolon == NULL ? value.len : (size_t)(semicolon - value.data);
        struct slice part = slice_trim((struct slice){value.data, len});
        uint64_t number = 0;
        if (begins_with(part, "length=") &&
            str_u64(slice_trim((struct slice){part.data + 7, part.len - 7}), UINT32_MAX, &number)) {
            *ret = (size_t)number;
            return true;
        }
        size_t skip = semicolon == NULL ? value.len : len + 1;
        value = (struct slice){value.data + skip, value.len - skip};
    }
    return false;
}

/* The value of a header line of that name. */
static bool header_value(struct slice line, const char *name, struct slice *ret)
{
    size_t len = strlen(name);
    line = slice_trim(line);
    if (!begins_with(line, name) || line.len == len || line.data[len] != ':') {
        return false;
    }
    *ret = slice_trim((struct slice){line.data + len + 1, line.len - len - 1});
    return true;
}

/* The headers of the first part, up to the boundary behind it. */
static int take_announcement(struct slice *rest, size_t *ret_len, struct err *err)
{
    struct slice line;
    bool ended = false;
    bool typed = false;
    bool announced = false;
    while (slice_line(rest, &line, &ended) && ended) {
        struct slice value;
        if (is_boundary(line)) {
            return typed && announced
                       ? 0
                       : bad(err, ERR_FORMAT, "does not say what it holds and how long it is");
        }
        if (header_value(line, "Content-Type", &value)) {
            typed = slice_ieq(value, SPNEGO) || slice_ieq(value, KERBEROS);
        } else if (header_value(line, "OriginalContent", &value)) {
            announced = parse_length(value, ret_len);
        }
    }
    return bad(err, ERR_PARTIAL, "ends within its headers");
}

/* Cut "--Encrypted Boundary--" and line ends off the end. */
static bool cut_end(struct slice *body)
{
    struct slice text = *body;
    while (text.len > 0 && (text.data[text.len - 1] == '\n' || text.data[text.len - 1] == '\r')) {
        text.len--;
    }
    size_t boundary = strlen(BOUNDARY);
    if (text.len >= 2 && memcmp(text.data + text.len - 2, "--", 2) == 0) {
        text.len -= 2;
    }
    if (text.len < boundary ||
        strncasecmp(text.data + text.len - boundary, BOUNDARY, boundary) != 0) {
        return false;
    }
    text.len -= boundary;
    if (text.len > 0 && text.data[text.len - 1] == ' ') {
        text.len--;
    }
    if (text.len < 2 || memcmp(text.data + text.len - 2, "--", 2) != 0) {
        return false;
    }
    body->len = text.len - 2;
    return true;
}

static int take_data(struct slice rest, struct seal_message *ret, struct err *err)
{
    if (!cut_end(&rest)) {
        return bad(err, ERR_PARTIAL, "ends without its last boundary");
    }
    if (rest.len < 4) {
        return bad(err, ERR_FORMAT, "has no data");
    }
    const unsigned char *bytes = (const unsigned char *)rest.data;
    uint32_t len = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
                   (uint32_t)bytes[3] << 24;
    if (len == 0 || len > SEAL_HEADER_MAX || len > rest.len - 4) {
        return bad(err, ERR_FORMAT, "has a header longer than its data");
    }
    ret->header = (struct slice){rest.data + 4, len};
    ret->data = (struct slice){rest.data + 4 + len, rest.len - 4 - len};
    return 0;
}

int seal_parse(struct slice body, struct seal_message *ret, struct err *err)
{
    struct seal_message message = {0};
    struct slice rest = body;
    struct slice line;
    struct slice value;
    bool ended = false;
    if (!take_boundary(&rest, err) || take_announcement(&rest, &message.plain_len, err) != 0) {
        return -1;
    }
    if (!slice_line(&rest, &line, &ended) || !ended) {
        return bad(err, ERR_PARTIAL, "ends within its headers");
    }
    if (!header_value(line, "Content-Type", &value) ||
        !slice_ieq(value, "application/octet-stream")) {
        return bad(err, ERR_FORMAT, "is no application/octet-stream");
    }
    if (take_data(rest, &message, err) != 0) {
        return -1;
    }
    *ret = message;
    return 0;
}
