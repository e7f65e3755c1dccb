/* windows_registry: keys, the delay of delayed services and the addresses, from `reg query`. */
#include "collector/probe/field.h"
#include "collector/probe/windows/windows.h"

#include <stdio.h>
#include <string.h>

enum { DEFAULT_DELAY_MS = 120000 }; /* of a host that has no AutoStartDelay */

static bool reads_something(const struct windows *windows)
{
    const struct answer_section *guid = sections_find(windows->sections, "guid");
    const struct answer_section *interfaces = sections_find(windows->sections, "interfaces");
    return (guid != NULL && guid->ended && guid->status == 0) ||
           (interfaces != NULL && interfaces->ended && interfaces->status == 0);
}

enum key_state windows_key_state(const struct windows *windows,
                                 const struct answer_section *section)
{
    const struct answer_section *absent = sections_find(windows->sections, "absent");
    if (section == NULL || !section->ended) {
        return KEY_CUT;
    }
    if (section->status == 0) {
        return KEY_PRESENT;
    }
    if (absent == NULL || !absent->ended ||
        (!windows->sections->whole && !reads_something(windows))) {
        return KEY_CUT;
    }
    struct slice text = slice_trim(section->body);
    struct slice none = slice_trim(absent->body);
    bool same =
        text.len == none.len && (text.len == 0 || memcmp(text.data, none.data, text.len) == 0);
    return section->status == 1 && absent->status == 1 && same && reads_something(windows)
               ? KEY_ABSENT
               : KEY_DENIED;
}

const char *windows_key_section(const struct plan *plan, size_t i, char *to, size_t size)
{
    if (str_ieq(plan->keys[i], WINDOWS_WIZARD_KEY)) {
        return "wizard";
    }
    (void)snprintf(to, size, "key:%zu", i);
    return to;
}

static int add_value(struct snapshot *snapshot, const char *key, const struct reg_row *row)
{
    struct registry_value *value = snapshot_add_registry(snapshot);
    if (value == NULL) {
        return -1;
    }
    value->key = key;
    value->name = field_copy(&snapshot->arena, row->name);
    value->text = field_copy(&snapshot->arena, row->data);
    value->is_number = row->is_number;
    value->number = row->number;
    return value->name == NULL || value->text == NULL ? -1 : 0;
}

/* The key's own values stand under its name; further names are those of its subkeys. */
static int add_values(struct snapshot *snapshot, const char *key, struct slice output,
                      struct reading *reading)
{
    struct reg_row row = {0};
    enum reg_line line;
    unsigned keys = 0;
    while ((line = reg_next(&output, &row)) != REG_END) {
        keys += line == REG_KEY ? 1U : 0U;
        if (line == REG_BAD) {
            *reading = (struct reading){OUTCOME_PARTIAL, 0, "a value cannot be read"};
        } else if (line == REG_VALUE && keys == 1) {
            if (snapshot->registry_count >= FIELD_VALUES_MAX) {
                *reading = (struct reading){OUTCOME_PARTIAL, 0, "too many values"};
            } else if (add_value(snapshot, key, &row) != 0) {
                return -1;
            }
        }
    }
    return 0;
}

static int add_presence(struct snapshot *snapshot, const char *key, enum key_state state)
{
    struct registry_value *value = snapshot_add_registry(snapshot);
    if (value == NULL) {
        return -1;
    }
    value->key = key;
    value->name = "";
    value->text = state == KEY_PRESENT ? "present" : "absent";
    return 0;
}

static int take_key(const struct windows *windows, size_t i, struct reading *reading)
{
    char name[32];
    struct snapshot *snapshot = windows->snapshot;
    const struct answer_section *section =
        sections_find(windows->sections, windows_key_section(windows->plan, i, name, sizeof(name)));
    enum key_state state = windows_key_state(windows, section);
    if (state == KEY_CUT) {
        *reading = (struct reading){OUTCOME_PARTIAL, 0, "the answer was cut"};
        return 0;
    }
    if (state == KEY_DENIED) {
        if (reading->outcome == OUTCOME_COMPLETE) {
            *reading = (struct reading){OUTCOME_DENIED, section->status, "a key cannot be read"};
        }
        return 0;
    }
    const char *key = arena_strdup(&snapshot->arena, windows->plan->keys[i]);
    if (key == NULL || add_presence(snapshot, key, state) != 0) {
        return -1;
    }
    return state == KEY_PRESENT ? add_values(snapshot, key, section->body, reading) : 0;
}

static int64_t read_delay(const struct windows *windows)
{
    const struct answer_section *section = sections_find(windows->sections, "delay");
    enum key_state state = windows_key_state(windows, section);
    struct reg_row row;
    if (state == KEY_PRESENT && reg_find(section->body, "AutoStartDelay", &row) && row.is_number &&
        row.number <= UINT32_MAX) {
        return (int64_t)row.number * 1000;
    }
    return state == KEY_ABSENT ? DEFAULT_DELAY_MS : -1;
}

int windows_take_registry(const struct windows *windows)
{
    struct reading reading = reading_complete;
    for (size_t i = 0; i < windows->plan->key_count; i++) {
        if (take_key(windows, i, &reading) != 0) {
            return -1;
        }
    }
    windows->snapshot->auto_start_delay_ms = read_delay(windows);
    snapshot_set_section(windows->snapshot, SECTION_REGISTRY, reading.outcome, "reg", reading.code,
                         reading.detail);
    return 0;
}
