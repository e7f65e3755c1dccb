/* text: what Windows says in each language. Wordings without a recording are ours; the layout is
 * not. */
#ifndef PVSAUDIT_FARM_SERVER_TEXT_H
#define PVSAUDIT_FARM_SERVER_TEXT_H

#include "farm/server/fleet.h"

/* A row is UTF-8 with CRLF line ends where it has any; %s stands for the one thing it names. */
enum text_id {
    TEXT_VERSION, /* ver: "Version" */
    TEXT_UNKNOWN_COMMAND, /* %s */
    TEXT_UNEXPECTED, /* %s */
    TEXT_SYNTAX,
    TEXT_LINE_TOO_LONG,
    TEXT_PATH_NOT_FOUND,
    TEXT_CODE_PAGE, /* %s */
    TEXT_BAD_CODE_PAGE,
    TEXT_NETSTAT_TITLE,
    TEXT_NETSTAT_HEADER, /* without PID */
    TEXT_LISTENING,
    TEXT_ESTABLISHED,
    TEXT_CLOSE_WAIT,
    TEXT_TIME_WAIT,
    TEXT_SC_NO_SERVICE,
    TEXT_SC_DENIED,
    TEXT_SC_NAME,
    TEXT_SC_TYPE,
    TEXT_SC_STATE,
    TEXT_SC_WIN32_EXIT,
    TEXT_SC_SERVICE_EXIT,
    TEXT_SC_CHECKPOINT,
    TEXT_SC_WAIT_HINT,
    TEXT_SC_PID,
    TEXT_SC_FLAGS,
    TEXT_SC_START_TYPE,
    TEXT_SC_ERROR_CONTROL,
    TEXT_SC_BINARY,
    TEXT_SC_GROUP,
    TEXT_SC_TAG,
    TEXT_SC_DISPLAY,
    TEXT_SC_DEPENDENCIES,
    TEXT_SC_ACCOUNT,
    TEXT_SC_CONFIG_DONE,
    TEXT_REG_NOT_FOUND,
    TEXT_REG_DENIED,
    TEXT_REG_SYNTAX,
    TEXT_DYNAMIC_TITLE, /* %s: udp */
    TEXT_DYNAMIC_START,
    TEXT_DYNAMIC_COUNT,
    TEXT_ACCESS_DENIED,
    TEXT_PS_UNKNOWN_COMMAND, /* %s */
    TEXT_COUNT,
};

const char *text_get(enum language language, enum text_id id);
/* The text with its %s replaced. */
void text_fill(enum language language, enum text_id id, const char *what, char *to, size_t size);
/* 437, 850, 932: the code page of a console before chcp. */
unsigned text_oem_code_page(enum language language);
const char *text_language_name(enum language language);

#endif
