/* eventlog: when Windows started, from the XML of its newest Kernel-General event 12. */
#include "collector/probe/windows/eventlog.h"

#include "collector/probe/field.h"
#include "core/clock.h"

#include <string.h>

/* Everything behind the first `text`; false: it does not occur. */
static bool skip_past(struct slice *rest, const char *text)
{
    const char *found = rest->len == 0 ? NULL : memmem(rest->data, rest->len, text, strlen(text));
    if (found == NULL) {
        return false;
    }
    size_t skip = (size_t)(found - rest->data) + strlen(text);
    rest->data += skip;
    rest->len -= skip;
    return true;
}

/* Everything up to the first byte `end`, which is dropped. */
static bool take_until(struct slice *rest, char end, struct slice *ret)
{
    const char *found = rest->len == 0 ? NULL : memchr(rest->data, end, rest->len);
    if (found == NULL) {
        return false;
    }
    *ret = (struct slice){rest->data, (size_t)(found - rest->data)};
    rest->data += ret->len + 1;
    rest->len -= ret->len + 1;
    return true;
}

static bool is_boot_event(struct slice event)
{
    struct slice attributes;
    struct slice number;
    return skip_past(&event, "<EventID") && take_until(&event, '>', &attributes) &&
           take_until(&event, '<', &number) && slice_eq(slice_trim(number), "12");
}

bool eventlog_boot_parse(struct slice output, int64_t *ret_boot_ms)
{
    struct slice event = {output.data, output.len > FIELD_LINE_MAX ? FIELD_LINE_MAX : output.len};
    struct slice end = event;
    struct slice time;
    if (!skip_past(&event, "<Event ") || !skip_past(&end, "</Event>") || !is_boot_event(event) ||
        !skip_past(&event, "SystemTime=") || event.len == 0 ||
        (event.data[0] != '\'' && event.data[0] != '"')) {
        return false;
    }
    char quote = event.data[0];
    event.data++;
    event.len--;
    return take_until(&event, quote, &time) && time.len > 0 && time.data[time.len - 1] == 'Z' &&
           clock_parse(time, ret_boot_ms);
}
