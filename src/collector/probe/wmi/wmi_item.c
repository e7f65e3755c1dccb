/* wmi_item: the instances in one section of an answer, one after the other, and their properties.
 */
#include "collector/probe/wmi/wmi_item.h"

#include "collector/probe/wmi/wmi_rows.h"
#include "core/clock.h"

#include <string.h>

/* The kind of the section's fault, or an empty slice. */
static struct slice fault_kind(const struct answer_section *section)
{
    struct slice rest = section->body;
    struct wmi_row row;
    struct slice kind = {"", 0};
    for (enum wmi_line line = wmi_next(&rest, &row); line != WMI_END;
         line = wmi_next(&rest, &row)) {
        if (line == WMI_FAULT) {
            kind = row.name;
        }
    }
    return kind;
}

struct reading wmi_reading(const struct sections *sections, const char *name)
{
    static const struct {
        const char *kind;
        enum outcome outcome;
        const char *detail;
    } kinds[] = {
        {"denied", OUTCOME_DENIED, "WMI refuses this account"},
        {"no-class", OUTCOME_UNSUPPORTED, "this Windows has no such class"},
        {"filter", OUTCOME_UNSUPPORTED, "this Windows lacks a property of the class"},
        {"too-large", OUTCOME_FAILED, "an item is larger than an envelope may be"},
        {"quota", OUTCOME_FAILED, "too much is open there at once"},
    };
    const struct answer_section *section = sections_find(sections, name);
    if (section == NULL || !section->ended || section->status == 0) {
        return sections_reading(sections, section);
    }
    struct slice kind = fault_kind(section);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (slice_eq(kind, kinds[i].kind)) {
            return (struct reading){kinds[i].outcome, section->status, kinds[i].detail};
        }
    }
    return (struct reading){OUTCOME_FAILED, section->status, "WMI failed"};
}

bool wmi_is_complete(const struct sections *sections, const char *name)
{
    return wmi_reading(sections, name).outcome == OUTCOME_COMPLETE;
}

bool wmi_was_asked(const struct sections *sections, const char *name)
{
    return sections_find(sections, name) != NULL;
}

bool wmi_is_lacking(const struct sections *sections, const char *name)
{
    return wmi_was_asked(sections, name) &&
           wmi_reading(sections, name).outcome == OUTCOME_UNSUPPORTED;
}

bool wmi_item_next(struct slice *rest, struct wmi_item *ret, bool *bad)
{
    struct slice left = *rest;
    struct wmi_row row;
    const char *begin = NULL;
    for (;;) {
        const char *at = left.data;
        enum wmi_line line = wmi_next(&left, &row);
        *bad = *bad || line == WMI_BAD;
        if (line == WMI_ITEM && begin == NULL) {
            begin = left.data;
        } else if (line == WMI_END || line == WMI_ITEM || line == WMI_FAULT) {
            bool found = begin != NULL;
            ret->lines = (struct slice){begin, found ? (size_t)(at - begin) : 0};
            *rest =
                line == WMI_ITEM ? (struct slice){at, left.len + (size_t)(left.data - at)} : left;
            if (found || line == WMI_END) {
                return found;
            }
        }
    }
}

bool wmi_value_at(const struct wmi_item *item, const char *name, size_t n, struct slice *ret)
{
    struct slice rest = item->lines;
    struct wmi_row row;
    for (enum wmi_line line = wmi_next(&rest, &row); line != WMI_END;
         line = wmi_next(&rest, &row)) {
        bool value = line == WMI_VALUE || line == WMI_CUT_VALUE;
        if (value && slice_ieq(row.name, name) && n-- == 0) {
            *ret = row.value;
            return true;
        }
    }
    return false;
}

bool wmi_value(const struct wmi_item *item, const char *name, struct slice *ret)
{
    return wmi_value_at(item, name, 0, ret);
}

bool wmi_has(const struct wmi_item *item, const char *name)
{
    struct slice rest = item->lines;
    struct wmi_row row;
    for (enum wmi_line line = wmi_next(&rest, &row); line != WMI_END;
         line = wmi_next(&rest, &row)) {
        if (line != WMI_BAD && slice_ieq(row.name, name)) {
            return true;
        }
    }
    return false;
}

bool wmi_number(const struct wmi_item *item, const char *name, uint64_t max, uint64_t *ret)
{
    struct slice value;
    return wmi_value(item, name, &value) && str_u64(slice_trim(value), max, ret);
}

/* A time without a zone would be read as the collector's local time. */
static bool has_zone(struct slice text)
{
    const char *t = text.len == 0 ? NULL : memchr(text.data, 'T', text.len);
    if (t == NULL) {
        return false;
    }
    size_t left = text.len - (size_t)(t - text.data);
    return text.data[text.len - 1] == 'Z' || memchr(t, '+', left) != NULL ||
           memchr(t, '-', left) != NULL;
}

bool wmi_date(const struct wmi_item *item, const char *name, int64_t *ret_ms)
{
    struct slice value;
    if (!wmi_value(item, name, &value)) {
        return false;
    }
    value = slice_trim(value);
    return has_zone(value) && clock_parse(value, ret_ms);
}

int64_t wmi_returned(const struct sections *sections, const char *name, struct wmi_item *ret)
{
    const struct answer_section *section = sections_find(sections, name);
    struct wmi_item item = {{"", 0}};
    uint64_t returned = 0;
    bool bad = false;
    if (section == NULL || !section->ended) {
        return -1;
    }
    if (section->status != 0) {
        return wmi_reading(sections, name).outcome == OUTCOME_DENIED ? 5 : -1;
    }
    struct slice rest = section->body;
    if (!wmi_item_next(&rest, &item, &bad) || bad ||
        !wmi_number(&item, "ReturnValue", UINT32_MAX, &returned)) {
        return -1;
    }
    if (ret != NULL) {
        *ret = item;
    }
    return (int64_t)returned;
}
