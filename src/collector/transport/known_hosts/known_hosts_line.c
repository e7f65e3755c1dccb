/* known_hosts_line: one line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
#include "collector/transport/known_hosts/known_hosts_line.h"

#include "collector/transport/base64.h"
#include "collector/transport/ssh_link/ssh_wire.h"

#include <stdio.h>
#include <string.h>

enum { SSH_PORT = 22 };

static bool all_digits(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }
    }
    return text.len > 0;
}

/* "|1|salt|hash" */
static bool hashed_parse(struct slice names, struct known_hosts_line *ret)
{
    struct slice salt = {names.data + 3, names.len - 3};
    const char *bar = memchr(salt.data, '|', salt.len);
    if (bar == NULL) {
        return false;
    }
    struct slice hash = {bar + 1, salt.len - (size_t)(bar + 1 - salt.data)};
    salt.len = (size_t)(bar - salt.data);
    struct buf bytes;
    buf_init(&bytes, 2 * SSH_KEY_SHA1);
    bool good = base64_parse(salt, &bytes) == 0 && bytes.len == SSH_KEY_SHA1 &&
                base64_parse(hash, &bytes) == 0 && bytes.len == 2 * SSH_KEY_SHA1;
    if (good) {
        memcpy(ret->salt, bytes.data, SSH_KEY_SHA1);
        memcpy(ret->hash, bytes.data + SSH_KEY_SHA1, SSH_KEY_SHA1);
        ret->hashed = true;
    }
    buf_done(&bytes);
    return good;
}

static const char *marker_parse(struct slice *rest, struct known_hosts_line *ret)
{
    struct slice marker;
    if (rest->len == 0 || rest->data[0] != '@') {
        return NULL;
    }
    (void)slice_token(rest, &marker);
    if (slice_eq(marker, "@revoked")) {
        ret->revoked = true;
        return NULL;
    }
    return slice_eq(marker, "@cert-authority") ? "@cert-authority is not supported"
                                               : "a marker that is not known";
}

static const char *key_parse(struct slice type, struct slice digits, struct buf *key)
{
    size_t before = key->len;
    if (base64_parse(digits, key) != 0) {
        return "its key is not base64";
    }
    if (key->data == NULL) {
        return "its key is cut short";
    }
    struct slice rest = {key->data + before, key->len - before};
    struct slice inner;
    if (!ssh_wire_string(&rest, &inner)) {
        return "its key is cut short";
    }
    if (inner.len != type.len || memcmp(inner.data, type.data, type.len) != 0) {
        return "its key is of another type than it says";
    }
    return rest.len == 0 ? "its key is cut short" : NULL;
}

const char *known_hosts_line_parse(struct slice text, struct known_hosts_line *ret, struct buf *key)
{
    struct known_hosts_line line = {.names = {"", 0}};
    struct slice rest = slice_trim(text);
    if (rest.len == 0 || rest.data[0] == '#') {
        *ret = line;
        return NULL;
    }
    if (rest.len > KNOWN_HOSTS_LINE_MAX) {
        return "it is longer than any key";
    }
    if (memchr(rest.data, '\0', rest.len) != NULL) {
        return "it holds a NUL byte";
    }
    const char *why = marker_parse(&rest, &line);
    struct slice digits;
    if (why != NULL) {
        return why;
    }
    if (!slice_token(&rest, &line.names) || !slice_token(&rest, &line.type) ||
        !slice_token(&rest, &digits)) {
        return "it needs names, a key type and a key";
    }
    if (all_digits(line.type)) {
        return "it is a key of SSH version 1";
    }
    if (line.names.data[0] == '|' &&
        (line.names.len < 3 || memcmp(line.names.data, "|1|", 3) != 0 ||
         !hashed_parse(line.names, &line))) {
        return "its hashed name is damaged";
    }
    why = key_parse(line.type, digits, key);
    if (why == NULL) {
        *ret = line;
    }
    return why;
}

bool known_hosts_line_plain(struct slice names)
{
    return memchr(names.data, '*', names.len) == NULL &&
           memchr(names.data, '?', names.len) == NULL && memchr(names.data, '!', names.len) == NULL;
}

static bool pattern_match(struct slice pattern, const char *name)
{
    char text[KNOWN_HOSTS_NAME_MAX];
    if (pattern.len == 0 || pattern.len >= sizeof(text)) {
        return false;
    }
    for (size_t i = 0; i < pattern.len; i++) {
        char c = pattern.data[i];
        text[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    text[pattern.len] = '\0';
    return str_match(text, name);
}

bool known_hosts_line_match(struct slice names, const char *name)
{
    bool matched = false;
    while (names.len > 0) {
        const char *comma = memchr(names.data, ',', names.len);
        struct slice one = {names.data, comma == NULL ? names.len : (size_t)(comma - names.data)};
        size_t step = one.len + (comma == NULL ? 0 : 1);
        names = (struct slice){names.data + step, names.len - step};
        bool negated = one.len > 0 && one.data[0] == '!';
        if (negated) {
            one = (struct slice){one.data + 1, one.len - 1};
        }
        if (pattern_match(one, name)) {
            if (negated) {
                return false;
            }
            matched = true;
        }
    }
    return matched;
}

bool known_hosts_line_name(const char *name, uint16_t port, char to[KNOWN_HOSTS_NAME_MAX])
{
    int len = port == SSH_PORT || port == 0
                  ? snprintf(to, KNOWN_HOSTS_NAME_MAX, "%s", name)
                  : snprintf(to, KNOWN_HOSTS_NAME_MAX, "[%s]:%u", name, (unsigned)port);
    if (len < 0 || len >= KNOWN_HOSTS_NAME_MAX) {
        return false;
    }
    for (char *c = to; *c != '\0'; c++) {
        *c = (char)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);
    }
    return true;
}
