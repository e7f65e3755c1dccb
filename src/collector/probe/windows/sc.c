/* sc: what Windows' `sc.exe queryex NAME` and `sc.exe qc NAME` print, by order and numbers. */
#include "collector/probe/windows/sc.h"

#include "collector/probe/field.h"

#include <string.h>

enum { VALUES_MAX = 64 };

/* The values of the labelled lines, in order. */
struct values {
    struct slice items[VALUES_MAX];
    bool labelled[VALUES_MAX]; /* false: a further dependency */
    size_t count;
    bool refused;
    int64_t error;
    bool bad;
};

/* "[SC] EnumQueryServicesStatus:OpenService FAILED 1060:" has a number at its end, "[SC]
 * QueryServiceConfig SUCCESS" has none. French writes a blank before the colon. */
static void take_notice(struct slice line, struct values *values)
{
    uint64_t error = 0;
    while (line.len > 0 && (line.data[line.len - 1] == ':' || line.data[line.len - 1] == ' ')) {
        line.len--;
    }
    if (field_last_number(line, UINT32_MAX, &error) && error != 0) {
        values->refused = true;
        values->error = (int64_t)error;
    }
}

static void take_value(struct slice line, struct values *values)
{
    struct slice trimmed = slice_trim(line);
    struct slice value;
    if (trimmed.data[0] == '(' || !field_after_colon(trimmed, &value)) {
        return;
    }
    if (values->count == VALUES_MAX) {
        values->bad = true;
        return;
    }
    values->labelled[values->count] = trimmed.data[0] != ':';
    values->items[values->count++] = value;
}

static void read_values(struct slice output, struct values *ret)
{
    struct slice line;
    bool ended = false;
    memset(ret, 0, sizeof(*ret));
    while (!ret->refused && slice_line(&output, &line, &ended)) {
        if (line.len > FIELD_LINE_MAX || !ended) {
            ret->bad = ret->bad || slice_trim(line).len > 0;
        } else if (line.len >= 4 && memcmp(line.data, "[SC]", 4) == 0) {
            take_notice(line, ret);
        } else if (slice_trim(line).len > 0) {
            take_value(line, ret);
        }
    }
}

static enum service_state state_of(uint64_t number)
{
    static const enum service_state states[] = {
        [1] = SERVICE_STOPPED, [2] = SERVICE_START_PENDING,    [3] = SERVICE_STOP_PENDING,
        [4] = SERVICE_RUNNING, [5] = SERVICE_CONTINUE_PENDING, [6] = SERVICE_PAUSE_PENDING,
        [7] = SERVICE_PAUSED};
    return number < sizeof(states) / sizeof(states[0]) ? states[number] : SERVICE_STATE_UNKNOWN;
}

/* "10  WIN32_OWN_PROCESS": a hexadecimal number and a word. A display name in this place is told
 * by not looking so. */
static bool is_type(struct slice value)
{
    struct slice number;
    struct slice word;
    uint64_t type = 0;
    return slice_token(&value, &number) && slice_token(&value, &word) && str_hex64(number, &type) &&
           word.data[0] >= 'A' && word.data[0] <= 'Z';
}

enum sc_answer sc_parse_query(struct slice output, struct sc_query *ret)
{
    enum { TYPE, STATE, EXIT, SERVICE_EXIT, CHECKPOINT, WAIT, PID, FIELDS };
    struct values values;
    struct sc_query query = {0};
    uint64_t state = 0;
    uint64_t exit_code = 0;
    uint64_t pid = 0;
    read_values(output, &values);
    if (values.refused) {
        ret->error = values.error;
        return SC_REFUSED;
    }
    size_t type = values.count > 1 && !is_type(values.items[1]) ? 2 : 1;
    const struct slice *fields = &values.items[type];
    if (values.bad || values.count < type + FIELDS || !is_type(fields[TYPE]) ||
        !field_first_number(fields[STATE], UINT32_MAX, &state) ||
        !field_first_number(fields[EXIT], UINT32_MAX, &exit_code) ||
        !field_first_number(fields[PID], UINT32_MAX, &pid)) {
        return SC_BAD;
    }
    query.name = values.items[0];
    query.state = state_of(state);
    query.exit_code = (int64_t)exit_code;
    query.pid = (int64_t)pid;
    *ret = query;
    return SC_FOUND;
}

enum startup_type sc_startup(uint64_t start, bool delayed)
{
    switch (start) {
    case 2:
        return delayed ? STARTUP_AUTOMATIC_DELAYED : STARTUP_AUTOMATIC;
    case 3:
        return STARTUP_MANUAL;
    case 4:
        return STARTUP_DISABLED;
    default:
        return STARTUP_UNKNOWN;
    }
}

enum sc_answer sc_parse_config(struct slice output, struct sc_config *ret)
{
    enum { NAME, TYPE, START, ERROR_CONTROL, PATH, GROUP, TAG, DISPLAY, DEPENDENCIES, FIELDS };
    struct values values;
    uint64_t start = 0;
    read_values(output, &values);
    if (values.refused) {
        ret->error = values.error;
        return SC_REFUSED;
    }
    size_t account = FIELDS;
    while (account < values.count && !values.labelled[account]) {
        account++;
    }
    if (values.bad || account >= values.count || !is_type(values.items[TYPE]) ||
        !field_first_number(values.items[START], UINT32_MAX, &start)) {
        return SC_BAD;
    }
    struct slice start_type = values.items[START];
    bool delayed = memchr(start_type.data, '(', start_type.len) != NULL;
    *ret = (struct sc_config){
        .name = values.items[NAME],
        .startup = sc_startup(start, delayed),
        .path = values.items[PATH],
        .display_name = values.items[DISPLAY],
        .account = values.items[account],
    };
    return SC_FOUND;
}
