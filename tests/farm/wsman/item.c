/* item: a WMI instance as XML, in the forms that WinRM gives it. */
#include "farm/wsman/item.h"

#include "core/str.h"
#include "farm/wsman/envelope.h"
#include "farm/wsman/xml_write.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { TIME_TEXT = 128 };

/* 2014-04-03T14:45:50.46875+08:00: as many fraction digits as it takes, Z or an offset. */
static void time_text(const struct wmi_value *value, uint32_t wire, int32_t offset_min,
                      char to[TIME_TEXT])
{
    int32_t offset = (wire & WIRE_ZONE_OFFSET) != 0 ? offset_min : 0;
    int64_t ms = value->ms + (int64_t)offset * 60000;
    time_t seconds = (time_t)(ms / 1000 - (ms % 1000 < 0 ? 1 : 0));
    int64_t micros = (ms - (int64_t)seconds * 1000) * 1000 + value->micros;
    struct tm tm = {0};
    char fraction[16], zone[16] = "Z";
    (void)gmtime_r(&seconds, &tm);
    int n = snprintf(fraction, sizeof(fraction), ".%06d", (int)micros);
    while (n > 0 && (wire & WIRE_SIX_DIGITS) == 0 && fraction[n - 1] == '0') {
        fraction[--n] = '\0';
    }
    if (n == 1 || (wire & WIRE_NO_FRACTION) != 0) {
        fraction[0] = '\0';
    }
    if ((wire & WIRE_ZONE_OFFSET) != 0) {
        int minutes = offset < 0 ? -offset : offset;
        (void)snprintf(zone, sizeof(zone), "%c%02d:%02d", offset < 0 ? '-' : '+', minutes / 60,
                       minutes % 60);
    }
    (void)snprintf(to, TIME_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d%s%s", tm.tm_year + 1900,
                   tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, fraction, zone);
}

/* cim:Datetime in a typed item, Datetime in no namespace in a fragment, unless wire says else. */
static void put_time(struct buf *to, const char *prefix, const struct wmi_value *value,
                     uint32_t wire, int32_t offset_min)
{
    char text[TIME_TEXT];
    time_text(value, wire, offset_min, text);
    bool cim = *prefix != '\0';
    cim = (wire & WIRE_CIM_DATETIME) != 0 || (cim && (wire & WIRE_BARE_DATETIME) == 0);
    if ((wire & WIRE_INLINE_DATETIME) != 0) {
        (void)buf_puts(to, text);
    } else if (cim) {
        (void)buf_printf(to, "<cim:Datetime xmlns:cim=\"" NS_CIM "\">%s</cim:Datetime>", text);
    } else {
        (void)buf_printf(to, "<Datetime>%s</Datetime>", text);
    }
}

static void put_content(struct buf *to, const char *prefix, const struct wmi_value *value,
                        uint32_t wire, int32_t offset_min)
{
    bool upper = (wire & WIRE_UPPER_BOOLEANS) != 0;
    switch (value->type) {
    case WMI_TEXT:
        xml_put(to, value->text);
        return;
    case WMI_NUMBER:
        (void)buf_printf(to, "%lld", (long long)value->number);
        return;
    case WMI_BOOL:
        (void)buf_puts(to, value->number != 0 ? (upper ? "TRUE" : "true")
                                              : (upper ? "FALSE" : "false"));
        return;
    case WMI_TIME:
        put_time(to, prefix, value, wire, offset_min);
        return;
    case WMI_LIST:
        return;
    }
}

/* begin prefix:name end; a formatted write for each of them would be half of an answer's time. */
static void put_tag(struct buf *to, const char *begin, const char *prefix, const char *name,
                    const char *end)
{
    (void)buf_puts(to, begin);
    (void)buf_puts(to, prefix);
    (void)buf_puts(to, *prefix == '\0' ? "" : ":");
    (void)buf_puts(to, name);
    (void)buf_puts(to, end);
}

void item_write_value(struct buf *to, const char *prefix, const char *name,
                      const struct wmi_value *value, uint32_t wire, int32_t offset_min)
{
    if (value->null) {
        put_tag(to, "<", prefix, name, " xsi:nil=\"true\"/>");
        return;
    }
    size_t count = value->type == WMI_LIST ? value->count : 1;
    for (size_t i = 0; i < count; i++) {
        put_tag(to, "<", prefix, name, ">");
        if (value->type == WMI_LIST) {
            xml_put(to, value->items[i]);
        } else {
            put_content(to, prefix, value, wire, offset_min);
        }
        put_tag(to, "</", prefix, name, ">");
    }
}

static bool is_wanted(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (str_ieq(name, names[i])) {
            return true;
        }
    }
    return names == NULL;
}

void item_write(struct buf *to, const struct wmi_class *class, const struct wmi_row *row,
                const char *const *names, size_t name_count, uint32_t wire)
{
    const struct server *server = row->scope->server;
    if (names == NULL) {
        (void)buf_printf(to,
                         "<p:%s xmlns:xsi=\"" NS_XSI "\" xmlns:p=\"" NS_WMI "%s/%s\" "
                         "xmlns:cim=\"" NS_CIM "\" xsi:type=\"p:%s_Type\">",
                         class->name, class->name_space, class->name, class->name);
    } else {
        (void)buf_puts(to, "<w:XmlFragment xmlns:xsi=\"" NS_XSI "\" xmlns:w=\"" NS_WSMAN "\">");
    }
    for (size_t i = 0; i < class->property_count; i++) {
        const struct wmi_property *property = &class->properties[i];
        if (property->since <= (enum os_version)server->os &&
            is_wanted(property->name, names, name_count)) {
            struct wmi_value value = wmi_get_value(property, row);
            item_write_value(to, names == NULL ? "p" : "", property->name, &value, wire,
                             wmi_offset_min(server));
        }
    }
    if (names == NULL) {
        (void)buf_printf(to, "</p:%s>", class->name);
    } else {
        (void)buf_puts(to, "</w:XmlFragment>");
    }
}
