/* wsman_reply: what a WS-Management service answered, read off its envelope. */
#include "collector/transport/wsman/wsman_reply.h"

#include "collector/transport/base64.h"
#include "collector/transport/wsman/wsman_names.h"
#include "collector/transport/wsman/wsman_rows.h"

#include <string.h>

#include <libxml/parser.h>

enum {
    ENVELOPE_BODY = 2, /* the depth of s:Header and s:Body; the root's is 1 */
    BODY_CHILD = 3,
    TEXT_MAX = 1024 * 1024, /* of one element: a stream of a shell is the longest */
    ROWS_MAX = 32 * 1024 * 1024,
    OUTPUT_MAX = 16 * 1024 * 1024,
};

struct element {
    const char *uri, *name; /* the parser's, alive as long as it */
};

struct reading {
    xmlParserCtxtPtr parser;
    struct element path[WSMAN_DEPTH_MAX + 1]; /* [1] is the root */
    unsigned depth;
    unsigned items_depth; /* of the element whose children are items; 0 = none is open */
    bool nil, cut; /* of the property that is open */
    unsigned nested; /* elements in it: a date has one around it */
    bool keeps_text;
    unsigned text_depth; /* of the element whose text is kept */
    bool to_stdout; /* the stream that is open */
    bool failed;
    struct buf text;
    struct buf rows, output, errors;
    int64_t wmi_code, fault_code;
    struct wsman_reply reply;
    struct err err;
};

static bool is(const struct element *element, const char *uri, const char *name)
{
    return str_eq(element->uri, uri) && str_eq(element->name, name);
}

static void fail(struct reading *reading, enum err_code code, const char *what)
{
    if (!reading->failed) {
        reading->failed = true;
        (void)err_set(&reading->err, code, "wsman", "%s", what);
        xmlStopParser(reading->parser);
    }
}

/* Attributes come in fives: name, prefix, URI, value, end. */
static bool attribute(const xmlChar **attributes, int count, const char *uri, const char *name,
                      struct slice *ret)
{
    for (int i = 0; i < count; i++) {
        const xmlChar **row = attributes + (ptrdiff_t)5 * i;
        if (str_eq((const char *)row[0], name) && str_eq((const char *)row[2], uri)) {
            *ret = (struct slice){(const char *)row[3], (size_t)(row[4] - row[3])};
            return true;
        }
    }
    return false;
}

static void copy(char *to, size_t size, struct slice text)
{
    text = slice_trim(text);
    size_t len = text.len < size ? text.len : size - 1;
    for (size_t i = 0; i < len; i++) {
        to[i] = text.data[i] == '\0' ? '?' : text.data[i];
    }
    to[len] = '\0';
}

static void keep_text(struct reading *reading)
{
    buf_clear(&reading->text);
    reading->cut = false;
    reading->keeps_text = true;
    reading->text_depth = reading->depth;
}

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text);
    size_t end_len = strlen(end);
    return len > end_len && strcmp(text + len - end_len, end) == 0;
}

/* The first child of the body says what the envelope is. */
static void begin_body_child(struct reading *reading, const struct element *element)
{
    static const struct {
        const char *uri, *name;
        enum wsman_kind kind;
    } kinds[] = {
        {WSMAN_NS_SOAP, "Fault", WSMAN_FAULT},
        {WSMAN_NS_IDENTITY, "IdentifyResponse", WSMAN_IDENTIFIED},
        {WSMAN_NS_ENUMERATION, "EnumerateResponse", WSMAN_ENUMERATED},
        {WSMAN_NS_ENUMERATION, "PullResponse", WSMAN_PULLED},
        {WSMAN_NS_TRANSFER, "ResourceCreated", WSMAN_SHELL_CREATED},
        {WSMAN_NS_SHELL, "Shell", WSMAN_SHELL_CREATED},
        {WSMAN_NS_SHELL, "CommandResponse", WSMAN_COMMAND_STARTED},
        {WSMAN_NS_SHELL, "ReceiveResponse", WSMAN_RECEIVED},
        {WSMAN_NS_SHELL, "SignalResponse", WSMAN_SIGNALLED},
    };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (is(element, kinds[i].uri, kinds[i].name)) {
            reading->reply.kind = kinds[i].kind;
            return;
        }
    }
    reading->reply.kind = WSMAN_OTHER;
    if (element->uri != NULL && str_starts(element->uri, WSMAN_WMI) &&
        ends_with(element->name, "_OUTPUT")) {
        reading->reply.kind = WSMAN_INVOKED;
        reading->items_depth = ENVELOPE_BODY;
    }
}

static void begin_item(struct reading *reading, const struct element *element)
{
    if (++reading->reply.items > WSMAN_ITEMS_MAX) {
        fail(reading, ERR_LIMIT, "an answer has more items than one envelope can hold");
        return;
    }
    wsman_rows_item(&reading->rows,
                    is(element, WSMAN_NS_WSMAN, "XmlFragment") ? "" : element->name);
}

static void begin_in_items(struct reading *reading, const struct element *element,
                           const xmlChar **attributes, int count)
{
    unsigned below = reading->depth - reading->items_depth;
    struct slice value;
    if (below == 1) {
        begin_item(reading, element);
    } else if (below == 2) {
        keep_text(reading);
        reading->nested = 0;
        reading->nil = attribute(attributes, count, WSMAN_NS_INSTANCE, "nil", &value) &&
                       (slice_ieq(slice_trim(value), "true") || slice_eq(slice_trim(value), "1"));
    } else {
        reading->nested++;
    }
}

static void take_number(struct slice text, int64_t *to)
{
    uint64_t number = 0;
    if (str_u64(slice_trim(text), UINT32_MAX, &number) && number != 0) {
        *to = (int64_t)number;
    }
}

static void begin_in_fault(struct reading *reading, const struct element *element,
                           const xmlChar **attributes, int count)
{
    struct slice value;
    if (is(element, WSMAN_NS_FAULT, "WSManFault") &&
        attribute(attributes, count, NULL, "Code", &value)) {
        take_number(value, &reading->fault_code);
    }
    keep_text(reading);
}

static void begin_in_shell(struct reading *reading, const struct element *element,
                           const xmlChar **attributes, int count)
{
    struct slice value;
    if (is(element, WSMAN_NS_SHELL, "Stream")) {
        reading->to_stdout =
            attribute(attributes, count, NULL, "Name", &value) && slice_eq(value, "stdout");
    }
    if (is(element, WSMAN_NS_SHELL, "CommandState") &&
        attribute(attributes, count, NULL, "State", &value)) {
        static const char done[] = "/CommandState/Done";
        size_t len = sizeof(done) - 1;
        reading->reply.command_done =
            value.len >= len && memcmp(value.data + value.len - len, done, len) == 0;
    }
    bool selects_shell = is(element, WSMAN_NS_WSMAN, "Selector") &&
                         attribute(attributes, count, NULL, "Name", &value) &&
                         slice_eq(value, "ShellId");
    if (selects_shell || str_eq(element->uri, WSMAN_NS_SHELL)) {
        keep_text(reading);
    }
}

static bool in_body(const struct reading *reading)
{
    return reading->depth >= BODY_CHILD && is(&reading->path[ENVELOPE_BODY], WSMAN_NS_SOAP, "Body");
}

static void begin_in_body(struct reading *reading, const struct element *element,
                          const xmlChar **attributes, int count)
{
    if (reading->depth == BODY_CHILD && reading->reply.kind == WSMAN_EMPTY) {
        begin_body_child(reading, element);
    } else if (reading->depth == BODY_CHILD && reading->reply.kind != WSMAN_SHELL_CREATED) {
        fail(reading, ERR_FORMAT, "an answer holds more than one");
        return;
    }
    if (reading->items_depth != 0) {
        begin_in_items(reading, element, attributes, count);
        return;
    }
    switch (reading->reply.kind) {
    case WSMAN_FAULT:
        begin_in_fault(reading, element, attributes, count);
        break;
    case WSMAN_ENUMERATED:
    case WSMAN_PULLED:
        if (is(element, WSMAN_NS_WSMAN, "Items") || is(element, WSMAN_NS_ENUMERATION, "Items")) {
            reading->items_depth = reading->depth;
        } else {
            keep_text(reading);
        }
        break;
    case WSMAN_IDENTIFIED:
        keep_text(reading);
        break;
    default:
        begin_in_shell(reading, element, attributes, count);
        break;
    }
}

static void on_start(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                     int namespace_count, const xmlChar **namespaces, int attribute_count,
                     int defaulted_count, const xmlChar **attributes)
{
    struct reading *reading = data;
    (void)prefix;
    (void)namespaces;
    (void)defaulted_count;
    if (reading->failed) {
        return;
    }
    if (namespace_count > WSMAN_ATTRIBUTES_MAX || attribute_count > WSMAN_ATTRIBUTES_MAX) {
        fail(reading, ERR_LIMIT, "an answer's element has more attributes than any envelope's");
        return;
    }
    if (reading->depth == WSMAN_DEPTH_MAX) {
        fail(reading, ERR_LIMIT, "an answer's elements are nested deeper than any envelope's");
        return;
    }
    struct element *element = &reading->path[++reading->depth];
    *element = (struct element){(const char *)uri, (const char *)name};
    if (reading->depth == 1 && !is(element, WSMAN_NS_SOAP, "Envelope")) {
        fail(reading, ERR_FORMAT, "an answer is XML but no SOAP 1.2 envelope");
    } else if (in_body(reading)) {
        begin_in_body(reading, element, attributes, attribute_count);
    } else if (is(element, WSMAN_NS_ADDRESSING, "RelatesTo")) {
        keep_text(reading);
    }
}

static void on_text(void *data, const xmlChar *bytes, int len)
{
    struct reading *reading = data;
    bool property = reading->items_depth != 0;
    size_t max = property ? WSMAN_VALUE_MAX : TEXT_MAX;
    if (!reading->keeps_text || reading->failed) {
        return;
    }
    size_t room = max - reading->text.len;
    if ((size_t)len > room) {
        if (!property) {
            fail(reading, ERR_LIMIT, "an answer holds a text longer than any");
            return;
        }
        reading->cut = true;
    }
    (void)buf_append(&reading->text, bytes, (size_t)len < room ? (size_t)len : room);
}

static struct slice text_of(const struct reading *reading)
{
    return (struct slice){reading->text.data == NULL ? "" : reading->text.data, reading->text.len};
}

static void end_in_items(struct reading *reading, const struct element *element)
{
    unsigned below = reading->depth - reading->items_depth;
    if (below == 0) {
        reading->items_depth = 0;
    } else if (below == 2 && reading->nil) {
        wsman_rows_nil(&reading->rows, element->name);
    } else if (below == 2) {
        struct slice text = text_of(reading);
        wsman_rows_value(&reading->rows, element->name,
                         reading->nested == 0 ? text : slice_trim(text),
                         reading->cut || reading->nested > 1);
    }
}

static void end_in_fault(struct reading *reading, const struct element *element)
{
    struct wsman_fault *fault = &reading->reply.fault;
    const struct element *parent = &reading->path[reading->depth - 1];
    struct slice text = slice_trim(text_of(reading));
    if (is(element, WSMAN_NS_SOAP, "Value") && is(parent, WSMAN_NS_SOAP, "Subcode")) {
        const char *colon = text.len == 0 ? NULL : memchr(text.data, ':', text.len);
        size_t before = colon == NULL ? 0 : (size_t)(colon + 1 - text.data);
        copy(fault->subcode, sizeof(fault->subcode),
             (struct slice){text.data + before, text.len - before});
    } else if (is(element, WSMAN_NS_SOAP, "Text") ||
               (is(element, WSMAN_NS_FAULT, "Message") && text.len > 0)) {
        copy(fault->text, sizeof(fault->text), text);
    } else if (str_eq(element->name, "error_Code")) {
        take_number(text, &reading->wmi_code);
    }
}

static void end_in_shell(struct reading *reading, const struct element *element)
{
    struct wsman_reply *reply = &reading->reply;
    struct slice text = text_of(reading);
    if (is(element, WSMAN_NS_SHELL, "Stream")) {
        reply->streamed = reply->streamed || text.len > 0;
        if (base64_parse(text, reading->to_stdout ? &reading->output : &reading->errors) != 0) {
            fail(reading, ERR_FORMAT, "the output of a command is not base64, or too long");
        }
    } else if (is(element, WSMAN_NS_SHELL, "ShellId") || is(element, WSMAN_NS_WSMAN, "Selector")) {
        copy(reply->shell_id, sizeof(reply->shell_id), text);
    } else if (is(element, WSMAN_NS_SHELL, "CommandId")) {
        copy(reply->command_id, sizeof(reply->command_id), text);
    } else if (is(element, WSMAN_NS_SHELL, "ExitCode")) {
        uint64_t code = 0;
        if (str_u64(slice_trim(text), UINT32_MAX, &code)) {
            reply->exit_code = (int64_t)code;
        }
    }
}

static void end_in_enumeration(struct reading *reading, const struct element *element)
{
    struct wsman_reply *reply = &reading->reply;
    if (is(element, WSMAN_NS_ENUMERATION, "EnumerationContext")) {
        if (text_of(reading).len >= sizeof(reply->context)) {
            fail(reading, ERR_LIMIT, "an enumeration context is longer than any");
            return;
        }
        copy(reply->context, sizeof(reply->context), text_of(reading));
    } else if (is(element, WSMAN_NS_WSMAN, "EndOfSequence") ||
               is(element, WSMAN_NS_ENUMERATION, "EndOfSequence")) {
        reply->end_of_sequence = true;
    }
}

static void end_in_identify(struct reading *reading, const struct element *element)
{
    struct wsman_reply *reply = &reading->reply;
    if (is(element, WSMAN_NS_IDENTITY, "ProductVendor")) {
        copy(reply->vendor, sizeof(reply->vendor), text_of(reading));
    } else if (is(element, WSMAN_NS_IDENTITY, "ProductVersion")) {
        copy(reply->version, sizeof(reply->version), text_of(reading));
    }
}

static void end_in_body(struct reading *reading, const struct element *element)
{
    switch (reading->reply.kind) {
    case WSMAN_FAULT:
        end_in_fault(reading, element);
        break;
    case WSMAN_ENUMERATED:
    case WSMAN_PULLED:
        end_in_enumeration(reading, element);
        break;
    case WSMAN_IDENTIFIED:
        end_in_identify(reading, element);
        break;
    default:
        end_in_shell(reading, element);
        break;
    }
}

static void on_end(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    struct reading *reading = data;
    const struct element *element = &reading->path[reading->depth];
    (void)name;
    (void)prefix;
    (void)uri;
    if (reading->failed) {
        return;
    }
    if (reading->items_depth != 0) {
        end_in_items(reading, element);
        reading->keeps_text = reading->keeps_text && reading->depth > reading->text_depth;
    } else if (reading->keeps_text && reading->depth == reading->text_depth) {
        if (in_body(reading)) {
            end_in_body(reading, element);
        } else {
            copy(reading->reply.relates_to, sizeof(reading->reply.relates_to), text_of(reading));
        }
        reading->keeps_text = false;
    }
    reading->depth--;
}

/* SOAP forbids document types, and with them go all entities but the five of XML itself. */
static void on_document_type(void *data, const xmlChar *name, const xmlChar *external,
                             const xmlChar *system)
{
    (void)name;
    (void)external;
    (void)system;
    fail(data, ERR_FORMAT, "an answer has a document type, which no envelope may have");
}

static void on_words(void *data, const char *format, ...)
{
    (void)data;
    (void)format;
}

/* code: what the parser says after all bytes. */
static void judge(struct reading *reading, int xml_error, enum err_code code)
{
    if (reading->failed) {
        return;
    }
    if (xml_error == XML_ERR_NO_MEMORY || reading->text.failed) {
        (void)err_memory(&reading->err);
    } else if (xml_error != XML_ERR_OK) {
        (void)err_set(&reading->err, code, "wsman",
                      code == ERR_PARTIAL ? "an answer ends within its envelope"
                                          : "an answer is not well-formed XML (libxml2 error %d)",
                      xml_error);
    } else if (reading->rows.failed || reading->output.failed || reading->errors.failed) {
        (void)err_set(&reading->err, ERR_LIMIT, "wsman", "an answer is larger than we take");
    } else {
        return;
    }
    reading->failed = true;
}

static int append(struct buf *to, const struct buf *from)
{
    return to == NULL || from->len == 0 ? 0 : buf_append(to, from->data, from->len);
}

/* What the parser keeps is a tag that has not come to its end. Its table of names has a fixed
 * width: with half a million of them each look-up is a long walk. */
static void check_cost(struct reading *reading)
{
    const xmlParserInput *input = reading->parser->input;
    if (input != NULL && input->end - input->cur > WSMAN_TAG_MAX) {
        fail(reading, ERR_LIMIT, "an answer holds a tag longer than any envelope's");
    } else if (xmlDictSize(reading->parser->dict) > WSMAN_NAMES_MAX) {
        fail(reading, ERR_LIMIT, "an answer holds more names than any envelope");
    }
}

static void feed(struct reading *reading, struct slice bytes)
{
    enum { PIECE = 4096 };
    while (bytes.len > 0 && !reading->failed) {
        size_t n = bytes.len < PIECE ? bytes.len : PIECE;
        judge(reading, xmlParseChunk(reading->parser, bytes.data, (int)n, 0), ERR_FORMAT);
        if (!reading->failed) {
            check_cost(reading);
        }
        bytes = (struct slice){bytes.data + n, bytes.len - n};
    }
}

static void run(struct reading *reading, struct slice bytes)
{
    xmlSAXHandler handler = {.initialized = XML_SAX2_MAGIC,
                             .startElementNs = on_start,
                             .endElementNs = on_end,
                             .characters = on_text,
                             .cdataBlock = on_text,
                             .internalSubset = on_document_type,
                             .warning = on_words,
                             .error = on_words,
                             .fatalError = on_words};
    /* The first four bytes tell the encoding. */
    int head = bytes.len < 4 ? (int)bytes.len : 4;
    reading->parser = xmlCreatePushParserCtxt(&handler, reading, bytes.data, head, NULL);
    if (reading->parser == NULL) {
        reading->failed = true;
        (void)err_memory(&reading->err);
        return;
    }
    (void)xmlCtxtUseOptions(reading->parser, XML_PARSE_NONET);
    feed(reading, (struct slice){bytes.data + head, bytes.len - (size_t)head});
    if (!reading->failed) {
        judge(reading, xmlParseChunk(reading->parser, NULL, 0, 1), ERR_PARTIAL);
    }
    xmlFreeParserCtxt(reading->parser);
}

int wsman_reply_parse(struct slice bytes, struct buf *rows, struct buf *output, struct buf *errors,
                      struct wsman_reply *ret, struct err *err)
{
    struct reading reading = {.reply = {.kind = WSMAN_EMPTY, .exit_code = -1}};
    if (bytes.len == 0 || bytes.len > INT32_MAX) {
        return err_set(err, bytes.len == 0 ? ERR_PARTIAL : ERR_LIMIT, "wsman",
                       bytes.len == 0 ? "an answer is empty" : "an answer is larger than we take");
    }
    buf_init(&reading.text, TEXT_MAX);
    buf_init(&reading.rows, ROWS_MAX);
    buf_init(&reading.output, OUTPUT_MAX);
    buf_init(&reading.errors, OUTPUT_MAX);
    run(&reading, bytes);
    reading.reply.fault.code = reading.wmi_code != 0 ? reading.wmi_code : reading.fault_code;
    int rc = reading.failed ? -1 : 0;
    if (rc == 0 && (append(rows, &reading.rows) != 0 || append(output, &reading.output) != 0 ||
                    append(errors, &reading.errors) != 0)) {
        rc = err_set(&reading.err, ERR_LIMIT, "wsman", "the answers are larger than we take");
    }
    if (rc == 0) {
        *ret = reading.reply;
    } else if (err != NULL) {
        *err = reading.err;
    }
    buf_done(&reading.text);
    buf_done(&reading.rows);
    buf_done(&reading.output);
    buf_done(&reading.errors);
    return rc;
}
