/* tree: libyaml's events to a bounded tree. */
#include "config/tree.h"

#include "config/tree_pairs.h"
#include "config/tree_read.h"

#include <string.h>
#include <yaml.h>

struct anchor {
    const char *name;
    const struct tree_node *node; /* NULL while the node is still being read */
};

struct builder {
    yaml_parser_t parser;
    struct arena *arena;
    const char *file;
    const char *bytes;
    size_t len;
    struct anchor *anchors;
    size_t anchor_count;
    size_t nodes;
    struct err *err;
};

static struct tree_node *node_new(struct builder *b, enum tree_kind kind, const yaml_mark_t *mark)
{
    struct tree_node *node = arena_alloc(b->arena, sizeof(*node));
    if (node == NULL) {
        (void)err_memory(b->err);
        return NULL;
    }
    *node = (struct tree_node){.kind = kind,
                               .line = (unsigned)mark->line + 1,
                               .column = (unsigned)mark->column + 1,
                               .file = b->file,
                               .weight = 1};
    return node;
}

/* ---- errors of the parser ---- */

static void line_of_offset(const struct builder *b, size_t offset, struct tree_node *ret)
{
    ret->line = 1;
    ret->column = 1;
    for (size_t i = 0; i < offset && i < b->len; i++) {
        ret->column++;
        if (b->bytes[i] == '\n') {
            ret->line++;
            ret->column = 1;
        }
    }
}

static const char *syntax_remedy(const struct builder *b, size_t index)
{
    if (index < b->len && b->bytes[index] == '\t') {
        return "a tab stands here: indent with blanks";
    }
    return "look at the indentation, the quotes and the colons of this line and the one before";
}

static int syntax_fail(struct builder *b)
{
    const yaml_parser_t *parser = &b->parser;
    struct tree_node at = {.file = b->file};
    const char *problem = parser->problem == NULL ? "it cannot be read" : parser->problem;
    if (parser->error == YAML_MEMORY_ERROR) {
        return err_memory(b->err);
    }
    if (parser->error == YAML_READER_ERROR) {
        line_of_offset(b, parser->problem_offset, &at);
        return tree_fail(b->err, &at, "not text in UTF-8: %s; save the file as UTF-8", problem);
    }
    at.line = (unsigned)parser->problem_mark.line + 1;
    at.column = (unsigned)parser->problem_mark.column + 1;
    const char *remedy = syntax_remedy(b, parser->problem_mark.index);
    if (parser->context == NULL) {
        return tree_fail(b->err, &at, "not valid YAML: %s; %s", problem, remedy);
    }
    return tree_fail(b->err, &at, "not valid YAML: %s, %s that starts in line %zu; %s", problem,
                     parser->context, parser->context_mark.line + 1, remedy);
}

static int next_event(struct builder *b, yaml_event_t *event)
{
    return yaml_parser_parse(&b->parser, event) ? 0 : syntax_fail(b);
}

/* ---- tags and anchors ---- */

static int tag_fail(struct builder *b, const struct tree_node *at, const char *tag)
{
    if (strcmp(tag, "!vault") == 0 || strcmp(tag, "!vault-encrypted") == 0) {
        return tree_fail(b->err, at,
                         "%s: nothing encrypted is read from here; keep the secret out of the "
                         "file and name its source: " TREE_SECRET_REMEDY,
                         tag);
    }
    return tree_fail(b->err, at, "the tag %.64s is not understood; write the plain value", tag);
}

static int anchor_open(struct builder *b, const struct tree_node *at, const yaml_char_t *name,
                       size_t *ret)
{
    *ret = SIZE_MAX;
    if (name == NULL) {
        return 0;
    }
    if (b->anchor_count >= TREE_ANCHORS_MAX) {
        return tree_fail(b->err, at, "more than %d anchors; write the values out",
                         (int)TREE_ANCHORS_MAX);
    }
    struct anchor *anchor =
        arena_push(b->arena, (void **)&b->anchors, &b->anchor_count, sizeof(*anchor));
    if (anchor == NULL || (anchor->name = arena_strdup(b->arena, (const char *)name)) == NULL) {
        return err_memory(b->err);
    }
    *ret = b->anchor_count - 1;
    return 0;
}

static void anchor_close(struct builder *b, size_t number, const struct tree_node *node)
{
    if (number != SIZE_MAX) {
        b->anchors[number].node = node;
    }
}

static int build_alias(struct builder *b, const yaml_event_t *event, unsigned depth,
                       const struct tree_node **ret)
{
    const char *name = (const char *)event->data.alias.anchor;
    struct tree_node at = {.file = b->file,
                           .line = (unsigned)event->start_mark.line + 1,
                           .column = (unsigned)event->start_mark.column + 1};
    for (size_t i = b->anchor_count; i-- > 0;) {
        const struct anchor *anchor = &b->anchors[i];
        if (strcmp(anchor->name, name) != 0) {
            continue;
        }
        if (anchor->node == NULL) {
            return tree_fail(b->err, &at, "*%.64s stands inside of &%.64s; write the value out",
                             name, name);
        }
        if (depth + anchor->node->height > TREE_DEPTH_MAX) {
            return tree_fail(b->err, &at, "nested deeper than %d; write it flatter",
                             (int)TREE_DEPTH_MAX);
        }
        if (!tree_nodes_spend(&b->nodes, &at, anchor->node->weight, b->err)) {
            return -1;
        }
        *ret = anchor->node;
        return 0;
    }
    return tree_fail(b->err, &at, "*%.64s has no anchor &%.64s before it; write the value out",
                     name, name);
}

/* ---- nodes ---- */

static int build_node(struct builder *b, yaml_event_t *event, unsigned depth,
                      const struct tree_node **ret);

static bool text_is_null(const char *text)
{
    return *text == '\0' || strcmp(text, "~") == 0 || strcmp(text, "null") == 0 ||
           strcmp(text, "Null") == 0 || strcmp(text, "NULL") == 0;
}

static int build_text(struct builder *b, const yaml_event_t *event, const struct tree_node **ret)
{
    const char *value = (const char *)event->data.scalar.value;
    size_t len = event->data.scalar.length;
    struct tree_node *node = node_new(b, TREE_TEXT, &event->start_mark);
    size_t anchor = SIZE_MAX;
    if (node == NULL || !tree_nodes_spend(&b->nodes, node, 1, b->err)) {
        return -1;
    }
    if (event->data.scalar.tag != NULL) {
        return tag_fail(b, node, (const char *)event->data.scalar.tag);
    }
    if (memchr(value, '\0', len) != NULL) {
        return tree_fail(b->err, node, "a NUL character is in this text; remove it");
    }
    if (anchor_open(b, node, event->data.scalar.anchor, &anchor) != 0) {
        return -1;
    }
    node->text = arena_strndup(b->arena, value, len);
    if (node->text == NULL) {
        return err_memory(b->err);
    }
    if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && text_is_null(node->text)) {
        node->kind = TREE_NULL;
    }
    anchor_close(b, anchor, node);
    *ret = node;
    return 0;
}

static int build_items(struct builder *b, struct tree_node *node, unsigned depth)
{
    const struct tree_node **items = NULL;
    for (;;) {
        yaml_event_t event;
        const struct tree_node *item = NULL;
        if (next_event(b, &event) != 0) {
            return -1;
        }
        if (event.type == YAML_SEQUENCE_END_EVENT) {
            yaml_event_delete(&event);
            node->items = items;
            return 0;
        }
        if (build_node(b, &event, depth + 1, &item) != 0) {
            return -1;
        }
        const struct tree_node **place =
            arena_push(b->arena, (void **)&items, &node->count, sizeof(const struct tree_node *));
        if (place == NULL) {
            return err_memory(b->err);
        }
        *place = item;
        tree_adopt(node, item);
    }
}

/* Keys are text as it is written, so that a host may be called `null` or `12`. */
static int key_check(struct builder *b, const struct tree_node *key, const struct tree_node **ret)
{
    if (key->kind == TREE_TEXT && key->text[0] != '\0') {
        *ret = key;
        return 0;
    }
    if (key->kind != TREE_NULL || key->text[0] == '\0') {
        return tree_fail(b->err, key, "a key must be text; write `name: value`");
    }
    struct tree_node *copy = arena_alloc(b->arena, sizeof(*copy));
    if (copy == NULL) {
        return err_memory(b->err);
    }
    *copy = *key;
    copy->kind = TREE_TEXT;
    *ret = copy;
    return 0;
}

static int build_pairs(struct builder *b, struct tree_node *node, unsigned depth)
{
    struct tree_pair *pairs = NULL;
    for (;;) {
        yaml_event_t event;
        const struct tree_node *key = NULL;
        const struct tree_node *value = NULL;
        if (next_event(b, &event) != 0) {
            return -1;
        }
        if (event.type == YAML_MAPPING_END_EVENT) {
            yaml_event_delete(&event);
            node->pairs = pairs;
            return 0;
        }
        if (build_node(b, &event, depth + 1, &key) != 0 || key_check(b, key, &key) != 0 ||
            next_event(b, &event) != 0 || build_node(b, &event, depth + 1, &value) != 0) {
            return -1;
        }
        struct tree_pair *pair =
            arena_push(b->arena, (void **)&pairs, &node->count, sizeof(*pairs));
        if (pair == NULL) {
            return err_memory(b->err);
        }
        *pair = (struct tree_pair){key, value};
        tree_adopt(node, key);
        tree_adopt(node, value);
    }
}

static int build_collection(struct builder *b, const yaml_event_t *event, enum tree_kind kind,
                            unsigned depth, const struct tree_node **ret)
{
    bool is_list = kind == TREE_LIST;
    const yaml_char_t *tag =
        is_list ? event->data.sequence_start.tag : event->data.mapping_start.tag;
    const yaml_char_t *name =
        is_list ? event->data.sequence_start.anchor : event->data.mapping_start.anchor;
    struct tree_node *node = node_new(b, kind, &event->start_mark);
    size_t anchor = SIZE_MAX;
    if (node == NULL || !tree_nodes_spend(&b->nodes, node, 1, b->err)) {
        return -1;
    }
    if (tag != NULL) {
        return tag_fail(b, node, (const char *)tag);
    }
    if (depth >= TREE_DEPTH_MAX) {
        return tree_fail(b->err, node, "nested deeper than %d; write it flatter",
                         (int)TREE_DEPTH_MAX);
    }
    if (anchor_open(b, node, name, &anchor) != 0) {
        return -1;
    }
    int rc = is_list ? build_items(b, node, depth) : build_pairs(b, node, depth);
    if (rc != 0 || (!is_list && tree_pairs_finish(b->arena, node, &b->nodes, b->err) != 0)) {
        return -1;
    }
    anchor_close(b, anchor, node);
    *ret = node;
    return 0;
}

/* Takes the event over. */
static int build_node(struct builder *b, yaml_event_t *event, unsigned depth,
                      const struct tree_node **ret)
{
    int rc = -1;
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        rc = build_text(b, event, ret);
        break;
    case YAML_SEQUENCE_START_EVENT:
        rc = build_collection(b, event, TREE_LIST, depth, ret);
        break;
    case YAML_MAPPING_START_EVENT:
        rc = build_collection(b, event, TREE_MAP, depth, ret);
        break;
    case YAML_ALIAS_EVENT:
        rc = build_alias(b, event, depth, ret);
        break;
    default:
        rc = err_set(b->err, ERR_INTERNAL, "config", "%s: an event out of order", b->file);
        break;
    }
    yaml_event_delete(event);
    return rc;
}

/* ---- documents ---- */

static int second_document_fail(struct builder *b, const yaml_event_t *event)
{
    struct tree_node at = {.file = b->file,
                           .line = (unsigned)event->start_mark.line + 1,
                           .column = (unsigned)event->start_mark.column + 1};
    return tree_fail(b->err, &at,
                     "a second document starts here; one file holds one, remove `---`");
}

static int build_stream(struct builder *b, const struct tree_node **ret)
{
    for (;;) {
        yaml_event_t event;
        if (next_event(b, &event) != 0) {
            return -1;
        }
        yaml_event_type_t type = event.type;
        bool begins = type == YAML_DOCUMENT_START_EVENT;
        if (begins && *ret != NULL) {
            (void)second_document_fail(b, &event);
            yaml_event_delete(&event);
            return -1;
        }
        yaml_event_delete(&event);
        if (type == YAML_STREAM_END_EVENT) {
            return 0;
        }
        if (begins && (next_event(b, &event) != 0 || build_node(b, &event, 0, ret) != 0)) {
            return -1;
        }
    }
}

int tree_parse(const char *name, const char *bytes, size_t len, struct arena *arena,
               const struct tree_node **ret, struct err *err)
{
    struct builder b = {.arena = arena, .bytes = bytes, .len = len, .err = err};
    const struct tree_node *root = NULL;
    if (len > TREE_BYTES_MAX) {
        return err_set(err, ERR_CONFIG, "config", "%s: larger than %d MiB; split the file", name,
                       TREE_BYTES_MAX >> 20);
    }
    b.file = arena_strdup(arena, name);
    if (b.file == NULL || !yaml_parser_initialize(&b.parser)) {
        return err_memory(err);
    }
    yaml_parser_set_input_string(&b.parser, (const unsigned char *)bytes, len);
    int rc = build_stream(&b, &root);
    if (rc == 0 && root == NULL) {
        yaml_mark_t start = {0};
        root = node_new(&b, TREE_NULL, &start);
        rc = root == NULL ? -1 : 0;
    }
    yaml_parser_delete(&b.parser);
    if (rc == 0) {
        *ret = root;
    }
    return rc;
}
