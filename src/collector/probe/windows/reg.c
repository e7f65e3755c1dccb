/* reg: the keys and values that Windows' `reg query` prints. */
#include "collector/probe/windows/reg.h"

#include "collector/probe/field.h"

#include <string.h>

static bool starts(struct slice line, const char *with)
{
    size_t len = strlen(with);
    return line.len >= len && memcmp(line.data, with, len) == 0;
}

/* The place of the four blanks (a TAB on old systems) before "REG_"; names may hold blanks, so the
 * first such place ends the name. */
static bool find_type(struct slice line, size_t *ret_end, size_t *ret_type)
{
    static const char mark[] = "    REG_";
    for (size_t i = 0; i + 5 <= line.len; i++) {
        struct slice rest = {line.data + i, line.len - i};
        if (starts(rest, mark)) {
            *ret_end = i;
            *ret_type = i + 4;
            return true;
        }
        if (starts(rest, "\tREG_")) {
            *ret_end = i;
            *ret_type = i + 1;
            return true;
        }
    }
    return false;
}

static enum reg_line parse_value(struct slice line, struct reg_row *row)
{
    size_t end = 0;
    size_t type = 0;
    struct slice rest = slice_trim(line);
    if (!find_type(rest, &end, &type) || end == 0) {
        return REG_OTHER;
    }
    row->name = slice_trim((struct slice){rest.data, end});
    struct slice tail = {rest.data + type, rest.len - type};
    if (!slice_token(&tail, &row->type)) {
        return REG_OTHER;
    }
    row->data = slice_trim(tail);
    row->is_number = slice_eq(row->type, "REG_DWORD") || slice_eq(row->type, "REG_QWORD");
    row->number = 0;
    if (row->is_number) {
        bool hex = row->data.len > 2 && starts(row->data, "0x");
        if (!hex || !str_hex64(row->data, &row->number) ||
            (slice_eq(row->type, "REG_DWORD") && row->number > UINT32_MAX)) {
            return REG_BAD;
        }
    }
    return REG_VALUE;
}

enum reg_line reg_next(struct slice *rest, struct reg_row *row)
{
    struct slice line;
    bool ended = false;
    while (slice_line(rest, &line, &ended)) {
        if (slice_trim(line).len == 0) {
            continue;
        }
        if (!ended || line.len > FIELD_LINE_MAX) {
            return REG_BAD;
        }
        if (starts(line, "HKEY_")) {
            row->key = slice_trim(line);
            return REG_KEY;
        }
        bool indented = line.data[0] == ' ' || line.data[0] == '\t';
        return row->key.len > 0 && indented ? parse_value(line, row) : REG_OTHER;
    }
    return REG_END;
}

bool reg_find(struct slice output, const char *name, struct reg_row *ret)
{
    struct reg_row row = {0};
    enum reg_line line;
    unsigned keys = 0;
    while ((line = reg_next(&output, &row)) != REG_END) {
        keys += line == REG_KEY ? 1U : 0U;
        if (keys > 1) {
            return false;
        }
        if (line == REG_VALUE && slice_ieq(row.name, name)) {
            *ret = row;
            return true;
        }
    }
    return false;
}

bool reg_multi_next(struct slice *data, struct slice *ret)
{
    if (data->len == 0) {
        return false;
    }
    size_t at = 0;
    while (at < data->len &&
           !(data->data[at] == '\\' && at + 1 < data->len && data->data[at + 1] == '0')) {
        at++;
    }
    size_t skip = at < data->len ? at + 2 : at;
    *ret = (struct slice){data->data, at};
    data->data += skip;
    data->len -= skip;
    return true;
}
