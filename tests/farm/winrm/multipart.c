/* multipart: a sealed body in its MIME frame (MS-WSMV 2.2.9.1). */
#include "farm/winrm/multipart.h"

#include <string.h>

#define BOUNDARY "Encrypted Boundary"

enum { HEADER_MOST = 256 };

bool multipart_is_meant(struct slice content_type)
{
    static const char type[] = "multipart/encrypted";
    return content_type.len >= sizeof(type) - 1 &&
           slice_ieq((struct slice){content_type.data, sizeof(type) - 1}, type);
}

static bool take_line(struct slice *rest, const char *text)
{
    struct slice line;
    bool ended = false;
    return slice_line(rest, &line, &ended) && ended && slice_eq(line, text);
}

/* The value of "Name: value", with blanks or a TAB before it or not. */
static bool take_header(struct slice *rest, const char *name, struct slice *ret_value)
{
    struct slice line;
    bool ended = false;
    if (!slice_line(rest, &line, &ended) || !ended) {
        return false;
    }
    line = slice_trim(line);
    size_t len = strlen(name);
    if (line.len <= len || line.data[len] != ':' ||
        !slice_ieq((struct slice){line.data, len}, name)) {
        return false;
    }
    *ret_value = slice_trim((struct slice){line.data + len + 1, line.len - len - 1});
    return true;
}

/* "type=application/soap+xml;charset=UTF-8;Length=1234" */
static bool parse_original(struct slice value, uint64_t *ret_length)
{
    static const char name[] = "Length=";
    for (struct slice rest = value; rest.len > 0;) {
        const char *end = memchr(rest.data, ';', rest.len);
        size_t len = end == NULL ? rest.len : (size_t)(end - rest.data);
        struct slice field = slice_trim((struct slice){rest.data, len});
        if (field.len > sizeof(name) - 1 &&
            slice_ieq((struct slice){field.data, sizeof(name) - 1}, name)) {
            return str_u64(
                (struct slice){field.data + sizeof(name) - 1, field.len - (sizeof(name) - 1)},
                UINT32_MAX, ret_length);
        }
        size_t skip = len + (end == NULL ? 0 : 1);
        rest = (struct slice){rest.data + skip, rest.len - skip};
    }
    return false;
}

static uint32_t read_u32(const char *bytes)
{
    const unsigned char *b = (const unsigned char *)bytes;
    return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

bool multipart_parse(struct slice body, struct multipart *ret)
{
    struct slice original, type, rest = body;
    if (!take_line(&rest, "--" BOUNDARY) || !take_header(&rest, "Content-Type", &ret->protocol) ||
        !take_header(&rest, "OriginalContent", &original) ||
        !parse_original(original, &ret->length) || !take_line(&rest, "--" BOUNDARY) ||
        !take_header(&rest, "Content-Type", &type) ||
        !slice_ieq(type, "application/octet-stream") || rest.len < 4) {
        return false;
    }
    uint32_t header = read_u32(rest.data);
    size_t left = rest.len - 4;
    if (header > HEADER_MOST || header > left || ret->length > left - header) {
        return false;
    }
    ret->header = (struct slice){rest.data + 4, header};
    ret->sealed = (struct slice){rest.data + 4 + header, (size_t)ret->length};
    struct slice end = {ret->sealed.data + ret->sealed.len, left - header - ret->sealed.len};
    return slice_eq(slice_trim(end), "--" BOUNDARY "--");
}

void multipart_type(struct buf *to, const char *protocol)
{
    (void)buf_printf(to, "multipart/encrypted;protocol=\"%s\";boundary=\"" BOUNDARY "\"", protocol);
}

void multipart_write(struct buf *to, const struct multipart_form *form, uint64_t length,
                     struct slice header, struct slice sealed)
{
    const char *boundary = form->other_boundary    ? "--Other Boundary"
                           : form->spaced_boundary ? "-- " BOUNDARY
                                                   : "--" BOUNDARY;
    const char *tab = form->plain_headers ? "" : "\t";
    uint32_t n = (uint32_t)header.len;
    char size[4] = {(char)(n & 255), (char)(n >> 8 & 255), (char)(n >> 16 & 255),
                    (char)(n >> 24 & 255)};
    (void)buf_printf(to,
                     "%s\r\n%sContent-Type: %s\r\n%sOriginalContent: "
                     "type=application/soap+xml;charset=%s;Length=%llu\r\n%s\r\n"
                     "%sContent-Type: application/octet-stream\r\n",
                     boundary, tab, form->protocol, tab, form->charset, (unsigned long long)length,
                     boundary, tab);
    (void)buf_append(to, size, sizeof(size));
    (void)buf_append(to, header.data, header.len);
    (void)buf_append(to, sealed.data, sealed.len);
    (void)buf_printf(to, "%s%s\r\n%s", boundary, form->bare_end ? "" : "--",
                     form->extra_crlf ? "\r\n" : "");
}
