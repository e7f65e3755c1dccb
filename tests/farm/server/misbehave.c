/* misbehave: the names of what a server may do wrong. */
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
};

int misbehave_set(struct server *server, const char *text, struct err *err)
{
    size_t len = strcspn(text, ":");
    uint64_t times = 0;
    if (text[len] == ':' &&
        !str_u64((struct slice){text + len + 1, strlen(text + len + 1)}, 1000000, &times)) {
        return err_set(err, ERR_USAGE, "", "'%s': after the colon comes a count", text);
    }
    for (size_t i = 0; i < MISBEHAVE_COUNT; i++) {
        if (slice_eq((struct slice){text, len}, misbehave_rows[i].name)) {
            server->misbehaviour = (uint8_t)i;
            server->misbehave_left = (uint32_t)times;
            return 0;
        }
    }
    return err_set(err, ERR_USAGE, "", "'%s' is no misbehaviour", text);
}

enum misbehaviour misbehave_next(struct server *server)
{
    enum misbehaviour now = (enum misbehaviour)server->misbehaviour;
    if (server->misbehave_left > 0 && --server->misbehave_left == 0) {
        server->misbehaviour = BEHAVES;
    }
    return now;
}
