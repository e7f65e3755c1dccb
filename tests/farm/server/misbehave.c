/* misbehave: the names of what a server may do wrong, and when. */
#include "farm/server/misbehave.h"

#include "core/str.h"

#include <string.h>

const struct misbehave_row misbehave_rows[MISBEHAVE_COUNT] = {
    [BEHAVES] = {"none", "behaves again"},
    [MISBEHAVE_REFUSE] = {"refuse", "takes the connection and resets it at once"},
    [MISBEHAVE_HANG_BANNER] = {"hang-banner", "accepts and says nothing"},
    [MISBEHAVE_HANG_KEX] = {"hang-kex", "sends its banner and nothing after it"},
    [MISBEHAVE_HANG_AUTH] = {"hang-auth", "falls silent when the client wants to log in"},
    [MISBEHAVE_HANG_EXEC] = {"hang-exec", "accepts the command and never answers"},
    [MISBEHAVE_DRIP] = {"drip", "one byte of the answer a second"},
    [MISBEHAVE_CUT] = {"cut", "half of the answer, then the connection breaks"},
    [MISBEHAVE_BIG] = {"big", "100 MB more after netstat's rows"},
    [MISBEHAVE_ENDLESS] = {"endless", "netstat's rows never end"},
    [MISBEHAVE_GARBAGE] = {"garbage",
                           "control characters, escapes, NULs, invalid UTF-8 in between"},
    [MISBEHAVE_MILLION_ROWS] = {"million-rows", "a million well-formed UDP rows in netstat"},
    [MISBEHAVE_BAD_NUMBERS] = {"bad-numbers", "negative and overflowing ports and pids"},
    [MISBEHAVE_WRONG_HOST_KEY] = {"wrong-host-key", "shows another host key"},
    [MISBEHAVE_DENY_AUTH] = {"deny-auth", "refuses every key and password"},
    [MISBEHAVE_NO_EXEC] = {"no-exec", "refuses the exec request"},
    [MISBEHAVE_EXIT_SIGNAL] = {"exit-signal", "ends the command by a signal"},
    [MISBEHAVE_NO_EXIT_STATUS] = {"no-exit-status", "closes the channel without an exit status"},
    [MISBEHAVE_WRONG_HOSTNAME] = {"wrong-hostname", "gives another computer's name"},
    [MISBEHAVE_HANG_HEAD] = {"hang-head", "winrm: sends a status line and nothing after it"},
    [MISBEHAVE_CLOSE_BETWEEN] = {"close-between", "winrm: closes after the first answer"},
    [MISBEHAVE_WRONG_LENGTH] = {"wrong-length", "winrm: announces another plaintext length"},
    [MISBEHAVE_TAMPERED] = {"tampered", "winrm: one bit of the sealed answer is turned"},
    [MISBEHAVE_SKIPPED_MESSAGE] = {"skipped-message", "winrm: a sealed message is left out"},
    [MISBEHAVE_UNSEALED] = {"unsealed", "winrm: answers a sealed request in the clear"},
    [MISBEHAVE_WRONG_BOUNDARY] = {"wrong-boundary", "winrm: parts behind another boundary"},
    [MISBEHAVE_LONG_LENGTH] = {"long-length", "winrm: Content-Length larger than the body"},
    [MISBEHAVE_NO_LENGTH] = {"no-length", "winrm: a body that ends with the connection"},
    [MISBEHAVE_LATE_401] = {"late-401", "winrm: asks to log in again after the first answer"},
    [MISBEHAVE_HTML_401] = {"html-401", "winrm: an HTML page in place of an answer"},
    [MISBEHAVE_HTML_413] = {"html-413", "winrm: an HTML page in place of an answer"},
    [MISBEHAVE_HTML_503] = {"html-503", "winrm: an HTML page in place of an answer"},
    [MISBEHAVE_REDIRECT] = {"redirect", "winrm: 302 to another host"},
    [MISBEHAVE_PROXY] = {"proxy", "winrm: a proxy's 502 page"},
    [MISBEHAVE_CUT_XML] = {"cut-xml", "winrm: half of an envelope, well framed"},
    [MISBEHAVE_XML_BOMB] = {"xml-bomb", "winrm: entities that grow a billion times"},
    [MISBEHAVE_DEEP_XML] = {"deep-xml", "winrm: a hundred thousand elements in each other"},
    [MISBEHAVE_CUT_BASE64] = {"cut-base64", "winrm: a digit is missing in the shell's output"},
    [MISBEHAVE_EXPIRED_CONTEXT] = {"expired-context", "winrm: no enumeration lives until a Pull"},
    [MISBEHAVE_ENDLESS_CONTEXT] = {"endless-context", "winrm: no enumeration ever ends"},
    [MISBEHAVE_SAME_ITEM] = {"same-item", "winrm: every Pull yields the same items"},
    [MISBEHAVE_QUOTA] = {"quota", "winrm: too many operations, says every answer"},
    [MISBEHAVE_TIMED_OUT] = {"timed-out", "winrm: w:TimedOut, says every answer"},
    [MISBEHAVE_NO_SEAL] = {"no-seal", "winrm: NTLM without confidentiality"},
    [MISBEHAVE_WRONG_CA] = {"wrong-ca", "winrm: a certificate of another authority"},
    [MISBEHAVE_WRONG_CERT_NAME] = {"wrong-cert-name", "winrm: a certificate of another host"},
    [MISBEHAVE_EXPIRED_CERT] = {"expired-cert", "winrm: a certificate that has expired"},
    [MISBEHAVE_HANG_FILES] = {"hang-files", "never answers what is asked of a file"},
    [MISBEHAVE_HANG] = {"hang", "falls silent at the moment that is named"},
    [MISBEHAVE_CLOSE] = {"close", "ends the connection without a word at that moment"},
    [MISBEHAVE_VERSION_1] = {"version-1", "ssh: speaks version 1 alone"},
    [MISBEHAVE_NO_CHANNEL] = {"no-channel", "ssh: opens no session"},
    [MISBEHAVE_BAD_TOKEN] = {"bad-token", "winrm: a token that is none"},
    [MISBEHAVE_LONG_HEAD] = {"long-head", "winrm: a megabyte of header lines"},
    [MISBEHAVE_SHORT_LENGTH] = {"short-length", "winrm: Content-Length smaller than the body"},
    [MISBEHAVE_TWO_REPLIES] = {"two-replies", "winrm: every answer twice"},
    [MISBEHAVE_TWO_ANSWERS] = {"two-answers", "winrm: two bodies in one envelope"},
    [MISBEHAVE_OTHER_MESSAGE] = {"other-message", "winrm: the answer to another message"},
    [MISBEHAVE_MANY_ATTRIBUTES] = {"many-attributes", "winrm: an element with 300,000 attributes"},
    [MISBEHAVE_LONG_CONTEXT] = {"long-context", "winrm: an enumeration context of 100 KB"},
    [MISBEHAVE_ENDLESS_100] = {"endless-100", "winrm: 100 Continue without end"},
    [MISBEHAVE_TRAILERS] = {"trailers", "winrm: headers that contradict, behind the body"},
    [MISBEHAVE_FALSE_END] = {"false-end", "winrm: an EndOfSequence of another namespace"},
    [MISBEHAVE_NEVER_DONE] = {"never-done", "winrm: the shell's command never ends"},
};

const struct misbehave_row misbehave_occasions[OCCASION_COUNT] = {
    [OCCASION_ANY] = {"", "wherever it belongs"},
    [OCCASION_BANNER] = {"banner", "in place of the banner, of TLS or HTTP"},
    [OCCASION_KEX] = {"kex", "ssh: after the banner"},
    [OCCASION_AUTH] = {"auth", "ssh: when the client wants to log in"},
    [OCCASION_GREETING] = {"greeting", "winrm: a request that is empty and says not who asks"},
    [OCCASION_LOGIN] = {"login", "a key, a password, or a token"},
    [OCCASION_CHANNEL] = {"channel", "ssh: when a session is to be opened"},
    [OCCASION_EXEC] = {"exec", "ssh: when the command is sent"},
    [OCCASION_END] = {"end", "ssh: after the exit status"},
    [OCCASION_ENUMERATE] = {"enumerate", "winrm: Enumerate"},
    [OCCASION_PULL] = {"pull", "winrm: Pull"},
    [OCCASION_RELEASE] = {"release", "winrm: Release"},
    [OCCASION_INVOKE] = {"invoke", "winrm: a method"},
    [OCCASION_CREATE] = {"create", "winrm: Create of a shell"},
    [OCCASION_COMMAND] = {"command", "winrm: Command"},
    [OCCASION_RECEIVE] = {"receive", "winrm: Receive"},
    [OCCASION_SIGNAL] = {"signal", "winrm: Signal"},
    [OCCASION_DELETE] = {"delete", "winrm: Delete of a shell"},
};

/* The row of that name; count where there is none. */
static size_t find(const struct misbehave_row *rows, size_t count, struct slice name)
{
    size_t i = 0;
    while (i < count && !slice_eq(name, rows[i].name)) {
        i++;
    }
    return i;
}

/* "cut" or "cut@pull" */
static bool parse_one(struct slice text, uint8_t *ret_what, uint8_t *ret_when)
{
    const char *at = text.len == 0 ? NULL : memchr(text.data, '@', text.len);
    size_t len = at == NULL ? text.len : (size_t)(at - text.data);
    size_t what = find(misbehave_rows, MISBEHAVE_COUNT, (struct slice){text.data, len});
    size_t when = OCCASION_ANY;
    if (at != NULL) {
        struct slice name = {at + 1, text.len - len - 1};
        when = name.len == 0 ? OCCASION_COUNT : find(misbehave_occasions, OCCASION_COUNT, name);
    }
    *ret_what = (uint8_t)what;
    *ret_when = (uint8_t)when;
    return what < MISBEHAVE_COUNT && when < OCCASION_COUNT;
}

static bool parse_all(struct slice text, struct misdeeds *ret)
{
    struct misdeeds misdeeds = {0};
    for (size_t i = 0; i < FLEET_MISDEEDS; i++) {
        const char *plus = text.len == 0 ? NULL : memchr(text.data, '+', text.len);
        size_t len = plus == NULL ? text.len : (size_t)(plus - text.data);
        if (!parse_one((struct slice){text.data, len}, &misdeeds.list[i].what,
                       &misdeeds.list[i].when)) {
            return false;
        }
        if (plus == NULL) {
            *ret = misdeeds;
            return true;
        }
        text = (struct slice){plus + 1, text.len - len - 1};
    }
    return false;
}

int misbehave_set(struct server *server, const char *text, struct err *err)
{
    size_t len = strcspn(text, ":");
    uint64_t times = 0;
    struct misdeeds misdeeds;
    if (text[len] == ':' &&
        !str_u64((struct slice){text + len + 1, strlen(text + len + 1)}, 1000000, &times)) {
        return err_set(err, ERR_USAGE, "", "'%s': after the colon comes a count", text);
    }
    if (!parse_all((struct slice){text, len}, &misdeeds)) {
        return err_set(err, ERR_USAGE, "", "'%s' is no misbehaviour, or not at such a moment",
                       text);
    }
    server->misdeeds = misdeeds;
    server->misbehave_left = (uint32_t)times;
    return 0;
}

struct misdeeds misbehave_next(struct server *server)
{
    struct misdeeds now = server->misdeeds;
    if (server->misbehave_left > 0 && --server->misbehave_left == 0) {
        server->misdeeds = (struct misdeeds){0};
    }
    return now;
}

enum misbehaviour misbehave_only(const struct misdeeds *misdeeds, enum occasion occasion)
{
    for (size_t i = 0; i < FLEET_MISDEEDS; i++) {
        if (misdeeds->list[i].when == occasion && misdeeds->list[i].what != BEHAVES) {
            return (enum misbehaviour)misdeeds->list[i].what;
        }
    }
    return BEHAVES;
}

enum misbehaviour misbehave_always(const struct misdeeds *misdeeds)
{
    return misbehave_only(misdeeds, OCCASION_ANY);
}

enum misbehaviour misbehave_at(const struct misdeeds *misdeeds, enum occasion occasion)
{
    enum misbehaviour only = misbehave_only(misdeeds, occasion);
    return only != BEHAVES ? only : misbehave_always(misdeeds);
}
