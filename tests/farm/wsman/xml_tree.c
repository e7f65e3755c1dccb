/* xml_tree: a small XML document as a tree, with its namespaces resolved. */
#include "farm/wsman/xml_tree.h"

#include "core/buf.h"

#include <expat.h>
#include <string.h>

enum { DEEPEST = 32, NODES_MOST = 4096, TEXT_MOST = 1 << 20 };

static const char separator = '\n'; /* between namespace and name; in no well-formed name */

struct builder {
    struct arena *arena;
    XML_Parser parser;
    struct xml_node *open[DEEPEST];
    struct xml_node *last[DEEPEST]; /* the newest child of each */
    struct buf text[DEEPEST];
    unsigned depth, count;
    struct xml_node *root;
    bool failed;
};

static void fail(struct builder *b)
{
    b->failed = true;
    (void)XML_StopParser(b->parser, XML_FALSE);
}

/* "namespace\nname", or "name". */
static void split_name(struct arena *arena, const char *full, const char **ret_space,
                       const char **ret_name)
{
    const char *at = strrchr(full, separator);
    *ret_space = at == NULL ? "" : arena_strndup(arena, full, (size_t)(at - full));
    *ret_name = arena_strdup(arena, at == NULL ? full : at + 1);
}

static void add_attributes(struct builder *b, struct xml_node *node, const char **pairs)
{
    for (; pairs[0] != NULL; pairs += 2) {
        struct xml_attribute *attribute = arena_alloc(b->arena, sizeof(*attribute));
        if (attribute == NULL) {
            fail(b);
            return;
        }
        split_name(b->arena, pairs[0], &attribute->space, &attribute->name);
        attribute->value = arena_strdup(b->arena, pairs[1]);
        attribute->next = node->attributes;
        node->attributes = attribute;
    }
}

static void on_start(void *data, const char *name, const char **attributes)
{
    struct builder *b = data;
    struct xml_node *node = b->depth < DEEPEST && ++b->count <= NODES_MOST
                                ? arena_alloc(b->arena, sizeof(*node))
                                : NULL;
    if (node == NULL || b->failed) {
        fail(b);
        return;
    }
    split_name(b->arena, name, &node->space, &node->name);
    node->text = "";
    add_attributes(b, node, attributes);
    if (b->depth == 0) {
        b->root = node;
    } else if (b->last[b->depth - 1] == NULL) {
        b->open[b->depth - 1]->children = node;
    } else {
        b->last[b->depth - 1]->next = node;
    }
    if (b->depth > 0) {
        b->last[b->depth - 1] = node;
    }
    b->open[b->depth] = node;
    b->last[b->depth] = NULL;
    buf_clear(&b->text[b->depth]);
    b->depth++;
}

static void on_end(void *data, const char *name)
{
    struct builder *b = data;
    (void)name;
    b->depth--;
    const struct buf *text = &b->text[b->depth];
    if (text->len > 0) {
        b->open[b->depth]->text = arena_strndup(b->arena, text->data, text->len);
    }
    if (text->failed || b->open[b->depth]->text == NULL) {
        fail(b);
    }
}

static void on_text(void *data, const char *text, int len)
{
    struct builder *b = data;
    if (b->depth > 0 && len > 0) {
        (void)buf_append(&b->text[b->depth - 1], text, (size_t)len);
    }
}

static void on_doctype(void *data, const char *name, const char *system, const char *public,
                       int internal)
{
    (void)name;
    (void)system;
    (void)public;
    (void)internal;
    fail(data);
}

const struct xml_node *xml_parse(struct arena *arena, const char *bytes, size_t len)
{
    struct builder *b = arena_alloc(arena, sizeof(*b));
    XML_Parser parser = XML_ParserCreateNS(NULL, separator);
    if (b == NULL || parser == NULL || len > TEXT_MOST * 4) {
        XML_ParserFree(parser);
        return NULL;
    }
    *b = (struct builder){.arena = arena, .parser = parser};
    for (size_t i = 0; i < DEEPEST; i++) {
        buf_init(&b->text[i], TEXT_MOST);
    }
    XML_SetUserData(parser, b);
    XML_SetElementHandler(parser, on_start, on_end);
    XML_SetCharacterDataHandler(parser, on_text);
    XML_SetStartDoctypeDeclHandler(parser, on_doctype);
    bool parsed = XML_Parse(parser, bytes, (int)len, 1) == XML_STATUS_OK && !b->failed;
    XML_ParserFree(parser);
    for (size_t i = 0; i < DEEPEST; i++) {
        buf_done(&b->text[i]);
    }
    return parsed ? b->root : NULL;
}

const struct xml_node *xml_child(const struct xml_node *node, const char *space, const char *name)
{
    const struct xml_node *child = node == NULL ? NULL : node->children;
    while (child != NULL && !(str_eq(child->space, space) && str_eq(child->name, name))) {
        child = child->next;
    }
    return child;
}

struct slice xml_text(const struct xml_node *node)
{
    const char *text = node == NULL ? "" : node->text;
    return slice_trim((struct slice){text, strlen(text)});
}

const char *xml_attribute(const struct xml_node *node, const char *name)
{
    const struct xml_attribute *attribute = node == NULL ? NULL : node->attributes;
    while (attribute != NULL && !str_eq(attribute->name, name)) {
        attribute = attribute->next;
    }
    return attribute == NULL ? NULL : attribute->value;
}
