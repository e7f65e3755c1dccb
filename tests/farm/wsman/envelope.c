/* envelope: the SOAP envelope of a WS-Management request, and the frame of an answer. */
#include "farm/wsman/envelope.h"

#include "farm/wsman/xml_write.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

enum { DEFAULT_TIMEOUT_MS = 60000 };

static const char anonymous[] = "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous";

static const char *header_text(struct arena *arena, const struct xml_node *header,
                               const char *space, const char *name)
{
    struct slice text = xml_text(xml_child(header, space, name));
    const char *copy = arena_strndup(arena, text.data, text.len);
    return copy == NULL ? "" : copy;
}

static size_t read_names(struct arena *arena, const struct xml_node *set, const char *name,
                         struct envelope_name names[ENVELOPE_NAMES])
{
    size_t count = 0;
    const struct xml_node *node = set == NULL ? NULL : set->children;
    for (; node != NULL && count < ENVELOPE_NAMES; node = node->next) {
        const char *key = xml_attribute(node, "Name");
        if (str_eq(node->space, NS_WSMAN) && str_eq(node->name, name) && key != NULL) {
            struct slice text = xml_text(node);
            names[count++] = (struct envelope_name){key, arena_strndup(arena, text.data, text.len)};
        }
    }
    return count;
}

/* "60" or "60.5", in thousandths, off the front of *rest. */
static bool take_thousandths(struct slice *rest, int64_t *ret)
{
    size_t n = 0;
    uint64_t whole = 0;
    while (n < rest->len && isdigit((unsigned char)rest->data[n]) != 0) {
        n++;
    }
    if (!str_u64((struct slice){rest->data, n}, 10000000, &whole)) {
        return false;
    }
    *ret = (int64_t)whole * 1000;
    if (n < rest->len && rest->data[n] == '.') {
        n++;
        for (int64_t place = 100; n < rest->len && isdigit((unsigned char)rest->data[n]) != 0;
             place /= 10) {
            *ret += (rest->data[n++] - '0') * place;
        }
    }
    *rest = (struct slice){rest->data + n, rest->len - n};
    return true;
}

static int64_t unit_seconds(char unit, bool time)
{
    return unit == 'D' && !time  ? 86400
           : unit == 'H' && time ? 3600
           : unit == 'M' && time ? 60
           : unit == 'S' && time ? 1
                                 : 0;
}

bool envelope_duration(struct slice text, int64_t *ret_ms)
{
    bool time = false;
    int64_t ms = 0;
    if (text.len < 3 || text.data[0] != 'P') {
        return false;
    }
    for (struct slice rest = {text.data + 1, text.len - 1}; rest.len > 0;
         rest = (struct slice){rest.data + 1, rest.len - 1}) {
        int64_t thousandths = 0;
        if (!time && rest.data[0] == 'T') {
            time = true;
            continue;
        }
        if (!take_thousandths(&rest, &thousandths) || rest.len == 0 ||
            unit_seconds(rest.data[0], time) == 0) {
            return false;
        }
        ms += thousandths * unit_seconds(rest.data[0], time);
    }
    *ret_ms = ms;
    return true;
}

static void read_header(struct arena *arena, const struct xml_node *header,
                        struct envelope *envelope)
{
    envelope->action = header_text(arena, header, NS_ADDRESSING, "Action");
    envelope->to = header_text(arena, header, NS_ADDRESSING, "To");
    envelope->message_id = header_text(arena, header, NS_ADDRESSING, "MessageID");
    envelope->resource = header_text(arena, header, NS_WSMAN, "ResourceURI");
    envelope->selector_count = read_names(arena, xml_child(header, NS_WSMAN, "SelectorSet"),
                                          "Selector", envelope->selectors);
    envelope->option_count =
        read_names(arena, xml_child(header, NS_WSMAN, "OptionSet"), "Option", envelope->options);
    (void)str_u64(xml_text(xml_child(header, NS_WSMAN, "MaxEnvelopeSize")), UINT32_MAX,
                  &envelope->max_envelope);
    (void)envelope_duration(xml_text(xml_child(header, NS_WSMAN, "OperationTimeout")),
                            &envelope->timeout_ms);
}

enum envelope_problem envelope_parse(struct arena *arena, const char *bytes, size_t len,
                                     struct envelope *envelope)
{
    *envelope = (struct envelope){
        .action = "", .resource = "", .message_id = "", .to = "", .timeout_ms = DEFAULT_TIMEOUT_MS};
    const struct xml_node *root = xml_parse(arena, bytes, len);
    if (root == NULL) {
        return ENVELOPE_NO_XML;
    }
    const struct xml_node *body = xml_child(root, NS_SOAP, "Body");
    if (!str_eq(root->space, NS_SOAP) || !str_eq(root->name, "Envelope") || body == NULL) {
        return ENVELOPE_NO_SOAP;
    }
    read_header(arena, xml_child(root, NS_SOAP, "Header"), envelope);
    envelope->body = body->children;
    bool identify = envelope->body != NULL && str_eq(envelope->body->space, NS_IDENTITY);
    return identify || (*envelope->action != '\0' && *envelope->message_id != '\0')
               ? ENVELOPE_FINE
               : ENVELOPE_NO_HEADER;
}

static const char *find_name(const struct envelope_name *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (str_ieq(names[i].name, name)) {
            return names[i].value;
        }
    }
    return NULL;
}

const char *envelope_selector(const struct envelope *envelope, const char *name)
{
    return find_name(envelope->selectors, envelope->selector_count, name);
}

const char *envelope_option(const struct envelope *envelope, const char *name)
{
    return find_name(envelope->options, envelope->option_count, name);
}

void envelope_uuid(char to[ENVELOPE_UUID])
{
    unsigned char r[16] = {0};
    (void)getrandom(r, sizeof(r), 0);
    r[6] = (unsigned char)((r[6] & 0x0f) | 0x40);
    r[8] = (unsigned char)((r[8] & 0x3f) | 0x80);
    (void)snprintf(to, ENVELOPE_UUID,
                   "%02X%02X%02X%02X-%02X%02X-%02X%02X-%02X%02X-%02X%02X%02X%02X%02X%02X", r[0],
                   r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8], r[9], r[10], r[11], r[12], r[13],
                   r[14], r[15]);
}

void envelope_begin(struct buf *to, const char *action, const char *relates_to)
{
    char id[ENVELOPE_UUID];
    envelope_uuid(id);
    (void)buf_puts(to,
                   "<s:Envelope xml:lang=\"en-US\" xmlns:s=\"" NS_SOAP "\" xmlns:a=\"" NS_ADDRESSING
                   "\" xmlns:x=\"" NS_TRANSFER
                   "\" xmlns:e=\"http://schemas.xmlsoap.org/ws/2004/08/eventing\" "
                   "xmlns:n=\"" NS_ENUMERATION "\" xmlns:w=\"" NS_WSMAN "\" xmlns:rsp=\"" NS_SHELL
                   "\" xmlns:p=\"http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd\">"
                   "<s:Header>");
    xml_leaf(to, "a:Action", action);
    (void)buf_printf(to, "<a:MessageID>uuid:%s</a:MessageID>", id);
    xml_leaf(to, "a:To", anonymous);
    if (*relates_to != '\0') {
        xml_leaf(to, "a:RelatesTo", relates_to);
    }
    (void)buf_puts(to, "</s:Header><s:Body>");
}

void envelope_end(struct buf *to)
{
    (void)buf_puts(to, "</s:Body></s:Envelope>");
}
