/* ps_value: the values that a PowerShell script holds. */
#ifndef PVSAUDIT_FARM_POWERSHELL_PS_VALUE_H
#define PVSAUDIT_FARM_POWERSHELL_PS_VALUE_H

#include "core/arena.h"
#include "core/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ps_type {
    VALUE_NULL,
    VALUE_BOOL,
    VALUE_INT,
    VALUE_TEXT,
    VALUE_TIME,
    VALUE_OBJECT,
    VALUE_LIST
};

struct ps_value {
    enum ps_type type;
    int64_t number; /* BOOL, INT */
    const char *text;
    int64_t ms; /* TIME: since 1970, UTC */
    int32_t ticks; /* TIME: 100 ns beyond the millisecond */
    int32_t offset_min; /* TIME of local kind: minutes east */
    bool local;
    const struct ps_object *object;
    const struct ps_value *items; /* LIST */
    size_t count;
};

struct ps_property {
    const char *name;
    struct ps_value value;
};

struct ps_object {
    const char *class_name;
    struct ps_property *properties;
    size_t count;
};

struct ps_value ps_text(const char *text); /* borrowed */
struct ps_value ps_number(int64_t number);
struct ps_value ps_bool(bool value);
struct ps_value ps_time(int64_t ms, int32_t ticks, bool local, int32_t offset_min);

bool ps_is_true(const struct ps_value *value);
/* As the + operator and output make a text of it. */
void ps_append(const struct ps_value *value, struct buf *to);
/* .ToString('o'): 2026-11-22T21:11:00.1234567Z, or a numeric offset for local kind. */
void ps_append_roundtrip(const struct ps_value *time, struct buf *to);
/* NULL value where the object has no such property, as PowerShell answers. */
struct ps_value ps_member(const struct ps_value *value, const char *name);
/* -1, 0, 1 in *ret; false where they cannot be compared. Letter case does not count. */
bool ps_compare(const struct ps_value *a, const struct ps_value *b, int *ret);

#endif
