/* program_system: the small programs: chcp, hostname, whoami, tasklist, wevtutil, netsh, findstr.
 */
#include "core/clock.h"
#include "core/str.h"
#include "farm/program/program.h"
#include "farm/server/process.h"
#include "farm/server/text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static void print_filled(struct call *call, struct buf *to, enum text_id id, const char *what)
{
    char text[512];
    text_fill(console_language(call->console), id, what, text, sizeof(text));
    console_print(call->console, to, text);
}

int program_chcp(struct call *call)
{
    static const unsigned known[] = {437, 850, 852, 858, 932, 1252, 65001};
    struct console *console = call->console;
    uint64_t page = console->code_page;
    if (call->argc > 1) {
        bool valid = false;
        if (str_u64((struct slice){call->argv[1], strlen(call->argv[1])}, 65535, &page)) {
            for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
                valid |= known[i] == page;
            }
        }
        if (!valid) {
            print_filled(call, call->out, TEXT_BAD_CODE_PAGE, "");
            return 1;
        }
        console->code_page = (unsigned)page;
    }
    char number[16];
    (void)snprintf(number, sizeof(number), "%u", console->code_page);
    print_filled(call, call->out, TEXT_CODE_PAGE, number);
    return 0;
}

int program_hostname(struct call *call)
{
    struct console *console = call->console;
    char name[FLEET_NAME];
    server_hostname(console->server, name);
    bool wrong = console->misbehaviour == MISBEHAVE_WRONG_HOSTNAME;
    console_printf(console, call->out, "%s\r\n", wrong ? "OTHERSERVER" : name);
    return 0;
}

int program_whoami(struct call *call)
{
    char text[2 * FLEET_NAME];
    struct console *console = call->console;
    bool domain = strchr(console->user, '\\') != NULL;
    char host[FLEET_NAME];
    server_hostname(console->server, host);
    (void)snprintf(text, sizeof(text), "%s%s%s\r\n", domain ? "" : host, domain ? "" : "\\",
                   console->user);
    for (char *at = text; *at != '\0'; at++) {
        *at = (char)tolower((unsigned char)*at);
    }
    console_print(console, call->out, text);
    return 0;
}

/* tasklist /fo csv /nh; other forms are not simulated. */
int program_tasklist(struct call *call)
{
    struct console *console = call->console;
    bool csv = false, headless = false;
    for (int i = 1; i < call->argc; i++) {
        csv |= str_ieq(call->argv[i], "/fo") && i + 1 < call->argc &&
               str_ieq(call->argv[i + 1], "csv");
        headless |= str_ieq(call->argv[i], "/nh");
    }
    if (!csv || !headless) {
        console_print(console, call->err, "pvsfarm: only tasklist /fo csv /nh is simulated\r\n");
        return 1;
    }
    struct process rows[PROCESS_COUNT];
    struct moment moment = server_moment(console->fleet, console->server);
    size_t count = process_list(console->fleet, console->server, &moment, rows);
    for (size_t i = 0; i < count; i++) {
        bool desktop = rows[i].slot == PROCESS_CSRSS1 || rows[i].slot == PROCESS_WINLOGON ||
                       rows[i].slot == PROCESS_DWM || rows[i].slot == PROCESS_LOGONUI;
        unsigned size =
            8 + (unsigned)(server_dice(console->fleet, console->server, 500, rows[i].slot) % 999);
        console_printf(console, call->out, "\"%s\",\"%u\",\"%s\",\"%u\",\"%u,%03u K\"\r\n",
                       rows[i].image, rows[i].pid, desktop ? "Console" : "Services",
                       desktop ? 1U : 0U, 1 + size % 90, size);
    }
    return 0;
}

/* The number behind EventID= in an XPath filter, or -1. */
static int64_t wanted_event(const char *query)
{
    const char *at = strstr(query, "EventID=");
    uint64_t id = 0;
    if (at == NULL) {
        return -1;
    }
    at += strlen("EventID=");
    size_t len = strspn(at, "0123456789");
    return str_u64((struct slice){at, len}, 65535, &id) ? (int64_t)id : -1;
}

static bool is_balanced(const char *query)
{
    int round = 0, square = 0;
    for (; *query != '\0'; query++) {
        round += (*query == '(') - (*query == ')');
        square += (*query == '[') - (*query == ']');
        if (round < 0 || square < 0) {
            return false;
        }
    }
    return round == 0 && square == 0;
}

/* wevtutil qe System /q:XPATH: of all events only the kernel's start (12) is kept here. */
int program_wevtutil(struct call *call)
{
    struct console *console = call->console;
    const char *query = NULL;
    for (int i = 3; i < call->argc; i++) {
        if (strncasecmp(call->argv[i], "/q:", 3) == 0) {
            query = call->argv[i] + 3;
        }
    }
    if (call->argc < 3 || !str_ieq(call->argv[1], "qe") || !str_ieq(call->argv[2], "System") ||
        query == NULL || !is_balanced(query) || !str_starts(query, "*[")) {
        console_print(console, call->err, "The specified query is invalid.\r\n");
        return 15001;
    }
    if (!console_may(console, RIGHT_EVENTLOG)) {
        print_filled(call, call->err, TEXT_ACCESS_DENIED, "");
        return 5;
    }
    if (wanted_event(query) != 12 ||
        strstr(query, "@Name='Microsoft-Windows-Kernel-General'") == NULL) {
        return 0;
    }
    char when[CLOCK_TEXT], host[FLEET_NAME];
    server_hostname(console->server, host);
    clock_rfc3339(console->server->boot_wall_ms / 1000 * 1000, when);
    when[strlen(when) - 1] = '\0';
    console_printf(
        console, call->out,
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
        "<Provider Name='Microsoft-Windows-Kernel-General' "
        "Guid='{a68ca8b7-004f-d7b6-a698-07e2de0f1f5d}'/><EventID>12</EventID><Version>0</Version>"
        "<Level>4</Level><Task>1</Task><Opcode>0</Opcode><Keywords>0x8000000000000080</Keywords>"
        "<TimeCreated SystemTime='%s.4861230Z'/><EventRecordID>%u</EventRecordID><Correlation/>"
        "<Execution ProcessID='4' ThreadID='8'/><Channel>System</Channel><Computer>%s</Computer>"
        "<Security UserID='S-1-5-18'/></System><EventData><Data Name='MajorVersion'>10</Data>"
        "<Data Name='MinorVersion'>0</Data><Data Name='BuildVersion'>%u</Data>"
        "<Data Name='StartTime'>%s.0000000Z</Data></EventData></Event>\r\n",
        when, 4000 + console->server->boot_number * 37, host, console->server->build, when);
    return 0;
}

/* netsh int ipv4 show dynamicport udp|tcp, with abbreviations as netsh takes them. */
int program_netsh(struct call *call)
{
    static const char *const words[] = {"interface", "ipv4", "show", "dynamicport"};
    struct console *console = call->console;
    enum language language = console_language(console);
    bool known = call->argc == 6;
    for (int i = 0; known && i < 4; i++) {
        known = strncasecmp(words[i], call->argv[i + 1], strlen(call->argv[i + 1])) == 0;
    }
    if (!known || (!str_ieq(call->argv[5], "udp") && !str_ieq(call->argv[5], "tcp"))) {
        console_print(console, call->out, "The following command was not found.\r\n");
        return 1;
    }
    console_print(console, call->out, "\r\n");
    print_filled(call, call->out, TEXT_DYNAMIC_TITLE, call->argv[5]);
    console_printf(console, call->out,
                   "\r\n---------------------------------\r\n%s: 49152\r\n%s: 16384\r\n\r\n",
                   text_get(language, TEXT_DYNAMIC_START), text_get(language, TEXT_DYNAMIC_COUNT));
    return 0;
}

/* findstr WORDS: lines that hold one of the blank-separated words, letter case counted unless /i.
 */
int program_findstr(struct call *call)
{
    bool fold = false, found = false;
    const char *words = NULL;
    for (int i = 1; i < call->argc; i++) {
        if (str_ieq(call->argv[i], "/i")) {
            fold = true;
        } else {
            words = call->argv[i];
        }
    }
    struct slice rest = {call->input, strlen(call->input)}, line;
    while (words != NULL && slice_line(&rest, &line, NULL)) {
        struct slice left = {words, strlen(words)}, word;
        char text[4096], wanted[256];
        (void)snprintf(text, sizeof(text), "%.*s", (int)line.len, line.data);
        bool hit = false;
        while (!hit && slice_token(&left, &word)) {
            (void)snprintf(wanted, sizeof(wanted), "%.*s", (int)word.len, word.data);
            hit = (fold ? strcasestr(text, wanted) : strstr(text, wanted)) != NULL;
        }
        if (hit && call->out != NULL) {
            (void)buf_append(call->out, line.data, line.len); /* already in the code page */
            (void)buf_puts(call->out, "\r\n");
            found = true;
        }
    }
    return found ? 0 : 1;
}
