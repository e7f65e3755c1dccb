/* ps_value: the values that a PowerShell script holds. */
#include "farm/powershell/ps_value.h"

#include "core/str.h"

#include <string.h>
#include <time.h>

struct ps_value ps_text(const char *text)
{
    return (struct ps_value){.type = VALUE_TEXT, .text = text == NULL ? "" : text};
}

struct ps_value ps_number(int64_t number)
{
    return (struct ps_value){.type = VALUE_INT, .number = number};
}

struct ps_value ps_bool(bool value)
{
    return (struct ps_value){.type = VALUE_BOOL, .number = value ? 1 : 0};
}

struct ps_value ps_time(int64_t ms, int32_t ticks, bool local, int32_t offset_min)
{
    return (struct ps_value){
        .type = VALUE_TIME, .ms = ms, .ticks = ticks, .local = local, .offset_min = offset_min};
}

bool ps_is_true(const struct ps_value *value)
{
    switch (value->type) {
    case VALUE_NULL:
        return false;
    case VALUE_BOOL:
    case VALUE_INT:
        return value->number != 0;
    case VALUE_TEXT:
        return value->text[0] != '\0';
    case VALUE_LIST:
        return value->count > 1 || (value->count == 1 && ps_is_true(&value->items[0]));
    case VALUE_TIME:
    case VALUE_OBJECT:
        return true;
    }
    return true;
}

static struct tm wall(const struct ps_value *time, int *ret_millis)
{
    int64_t ms = time->ms + (time->local ? (int64_t)time->offset_min * 60000 : 0);
    time_t seconds = (time_t)(ms / 1000 - (ms % 1000 < 0 ? 1 : 0));
    struct tm tm = {0};
    (void)gmtime_r(&seconds, &tm);
    *ret_millis = (int)(ms - (int64_t)seconds * 1000);
    return tm;
}

void ps_append_roundtrip(const struct ps_value *time, struct buf *to)
{
    int millis = 0;
    struct tm tm = wall(time, &millis);
    (void)buf_printf(to, "%04d-%02d-%02dT%02d:%02d:%02d.%07d", tm.tm_year + 1900, tm.tm_mon + 1,
                     tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, millis * 10000 + time->ticks);
    if (!time->local) {
        (void)buf_putc(to, 'Z');
        return;
    }
    int minutes = time->offset_min < 0 ? -time->offset_min : time->offset_min;
    (void)buf_printf(to, "%c%02d:%02d", time->offset_min < 0 ? '-' : '+', minutes / 60,
                     minutes % 60);
}

static void append_list(const struct ps_value *list, struct buf *to)
{
    for (size_t i = 0; i < list->count; i++) {
        (void)buf_puts(to, i == 0 ? "" : " ");
        ps_append(&list->items[i], to);
    }
}

void ps_append(const struct ps_value *value, struct buf *to)
{
    int millis = 0;
    struct tm tm;
    switch (value->type) {
    case VALUE_NULL:
        return;
    case VALUE_BOOL:
        (void)buf_puts(to, value->number != 0 ? "True" : "False");
        return;
    case VALUE_INT:
        (void)buf_printf(to, "%lld", (long long)value->number);
        return;
    case VALUE_TEXT:
        (void)buf_puts(to, value->text);
        return;
    case VALUE_TIME: /* the invariant culture's form */
        tm = wall(value, &millis);
        (void)buf_printf(to, "%02d/%02d/%04d %02d:%02d:%02d", tm.tm_mon + 1, tm.tm_mday,
                         tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
        return;
    case VALUE_OBJECT:
        (void)buf_puts(to, value->object->class_name);
        return;
    case VALUE_LIST:
        append_list(value, to);
        return;
    }
}

struct ps_value ps_member(const struct ps_value *value, const char *name)
{
    struct ps_value none = {0};
    if (value->type == VALUE_LIST && str_ieq(name, "Count")) {
        return ps_number((int64_t)value->count);
    }
    if (value->type == VALUE_TEXT && str_ieq(name, "Length")) {
        return ps_number((int64_t)strlen(value->text));
    }
    for (size_t i = 0; value->type == VALUE_OBJECT && i < value->object->count; i++) {
        if (str_ieq(value->object->properties[i].name, name)) {
            return value->object->properties[i].value;
        }
    }
    return none;
}

bool ps_compare(const struct ps_value *a, const struct ps_value *b, int *ret)
{
    if (a->type == VALUE_NULL || b->type == VALUE_NULL) {
        *ret = (a->type != VALUE_NULL) - (b->type != VALUE_NULL);
        return true;
    }
    if (a->type == VALUE_TIME && b->type == VALUE_TIME) {
        int64_t x = a->ms * 10000 + a->ticks, y = b->ms * 10000 + b->ticks;
        *ret = (x > y) - (x < y);
        return true;
    }
    if ((a->type == VALUE_INT || a->type == VALUE_BOOL) &&
        (b->type == VALUE_INT || b->type == VALUE_BOOL)) {
        *ret = (a->number > b->number) - (a->number < b->number);
        return true;
    }
    if (a->type == VALUE_OBJECT || b->type == VALUE_OBJECT || a->type == VALUE_LIST ||
        b->type == VALUE_LIST) {
        return false;
    }
    struct buf x, y;
    buf_init(&x, 1 << 20);
    buf_init(&y, 1 << 20);
    ps_append(a, &x);
    ps_append(b, &y);
    int order = strcasecmp(x.data == NULL ? "" : x.data, y.data == NULL ? "" : y.data);
    *ret = (order > 0) - (order < 0);
    buf_done(&x);
    buf_done(&y);
    return true;
}
