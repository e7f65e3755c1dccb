/* page: answers that are none of WinRM's: error pages, redirections, a proxy's excuse. */
#include "farm/winrm/page.h"

#include "farm/http/http_reply.h"
#include "farm/wsman/envelope.h"

#include <string.h>

enum { WELL_DEPTH = 100000, BOMB_STAGES = 9, THORNS = 300000 };

static const struct page_row {
    enum misbehaviour misbehaviour;
    int status;
    const char *fields, *title;
} rows[] = {
    {MISBEHAVE_HTML_401, 401, "WWW-Authenticate: Negotiate\r\n", "Unauthorized"},
    {MISBEHAVE_HTML_413, 413, "", "Request Entity Too Large"},
    {MISBEHAVE_HTML_503, 503, "", "Service Unavailable"},
    {MISBEHAVE_REDIRECT, 302, "Location: http://127.0.0.1:1/wsman\r\n", "Object moved"},
    {MISBEHAVE_PROXY, 502, "Via: 1.1 proxy (squid/5.7)\r\nX-Squid-Error: ERR_CONNECT_FAIL 111\r\n",
     "ERROR: The requested URL could not be retrieved"},
};

bool page_is(enum misbehaviour misbehaviour)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].misbehaviour == misbehaviour) {
            return true;
        }
    }
    return false;
}

bool page_write(struct buf *to, enum misbehaviour misbehaviour)
{
    size_t i = 0;
    while (i < sizeof(rows) / sizeof(rows[0]) && rows[i].misbehaviour != misbehaviour) {
        i++;
    }
    if (i == sizeof(rows) / sizeof(rows[0])) {
        return false;
    }
    struct buf body;
    buf_init(&body, 4096);
    (void)buf_printf(&body,
                     "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN\">\r\n<HTML><HEAD><TITLE>"
                     "%s</TITLE></HEAD>\r\n<BODY><h2>%s</h2>\r\n<hr><p>HTTP Error %d.</p>\r\n"
                     "</BODY></HTML>\r\n",
                     rows[i].title, rows[i].title, rows[i].status);
    http_reply_write(to, &(struct http_reply){.status = rows[i].status,
                                              .fields = rows[i].fields,
                                              .type = "text/html; charset=us-ascii",
                                              .body = {body.data, body.len}});
    buf_done(&body);
    return true;
}

void page_write_bomb(struct buf *to)
{
    (void)buf_puts(to, "<?xml version=\"1.0\"?><!DOCTYPE b [<!ENTITY x0 \"boom\">");
    for (int i = 1; i <= BOMB_STAGES; i++) {
        (void)buf_printf(to, "<!ENTITY x%d \"", i);
        for (int k = 0; k < 10; k++) {
            (void)buf_printf(to, "&x%d;", i - 1);
        }
        (void)buf_puts(to, "\">");
    }
    (void)buf_printf(to, "]><b>&x%d;</b>", BOMB_STAGES);
}

void page_write_well(struct buf *to)
{
    for (int i = 0; i < WELL_DEPTH; i++) {
        (void)buf_puts(to, "<a>");
    }
    for (int i = 0; i < WELL_DEPTH; i++) {
        (void)buf_puts(to, "</a>");
    }
}

void page_write_thorns(struct buf *to)
{
    (void)buf_puts(to, "<s:Envelope xmlns:s=\"" NS_SOAP "\"><s:Body");
    for (int i = 0; i < THORNS; i++) {
        (void)buf_printf(to, " a%d=\"\"", i);
    }
    (void)buf_puts(to, "/></s:Envelope>");
}
