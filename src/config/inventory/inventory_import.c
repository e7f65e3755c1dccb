/* inventory_import: YAML whose every name and value is quoted, so that nothing in it means more. */
#include "config/inventory/inventory_import.h"

#include "config/inventory/inventory_keys.h"
#include "config/tree_read.h"
#include "core/ip.h"
#include "core/str.h"

#include <string.h>

static void put_quoted(struct buf *to, const char *text)
{
    (void)buf_putc(to, '"');
    for (const char *at = text; *at != '\0'; at++) {
        unsigned char byte = (unsigned char)*at;
        if (byte == '"' || byte == '\\') {
            (void)buf_printf(to, "\\%c", byte);
        } else if (byte < 0x20 || byte == 0x7f) {
            (void)buf_printf(to, "\\u%04x", byte);
        } else {
            (void)buf_putc(to, *at);
        }
    }
    (void)buf_putc(to, '"');
}

static void put_value(struct buf *to, const struct tree_node *node)
{
    switch (node->kind) {
    case TREE_NULL:
        (void)buf_puts(to, "null");
        break;
    case TREE_TEXT:
        put_quoted(to, node->text);
        break;
    case TREE_LIST:
        for (size_t i = 0; i < node->count; i++) {
            (void)buf_puts(to, i == 0 ? "[" : ", ");
            put_value(to, node->items[i]);
        }
        (void)buf_puts(to, node->count == 0 ? "[]" : "]");
        break;
    case TREE_MAP:
        for (size_t i = 0; i < node->count; i++) {
            (void)buf_puts(to, i == 0 ? "{" : ", ");
            put_quoted(to, node->pairs[i].key->text);
            (void)buf_puts(to, ": ");
            put_value(to, node->pairs[i].value);
        }
        (void)buf_puts(to, node->count == 0 ? "{}" : "}");
        break;
    }
}

/* One line, whatever the sentence has in it. */
static void put_comment(struct buf *to, const char *text)
{
    (void)buf_puts(to, "      # left out: ");
    for (; *text != '\0'; text++) {
        (void)buf_putc(to, (unsigned char)*text < 0x20 || *text == 0x7f ? ' ' : *text);
    }
    (void)buf_putc(to, '\n');
}

static void put_host(struct buf *to, const char *name, const struct tree_node *variables)
{
    size_t put = 0;
    (void)buf_puts(to, "    ");
    put_quoted(to, name);
    (void)buf_puts(to, ":\n");
    for (size_t i = 0; variables->kind == TREE_MAP && i < variables->count; i++) {
        const struct tree_pair *pair = &variables->pairs[i];
        const struct inventory_key *key = NULL;
        struct err err = {.code = ERR_NONE};
        if (inventory_key_check(pair->key, pair->value, &key, &err) != 0) {
            put_comment(to, err.text);
        } else if (key != NULL && key->field < FIELD_COUNT) {
            (void)buf_printf(to, "      %s: ", key->name);
            put_value(to, pair->value);
            (void)buf_putc(to, '\n');
            put++;
        }
    }
    if (put == 0) {
        (void)buf_puts(to, "      {}\n");
    }
}

/* A group's hosts or children, without what Ansible calls ungrouped. */
static void put_members(struct buf *to, const struct tree_node *group, const char *what)
{
    const struct tree_node *list = tree_get(group, what);
    size_t put = 0;
    for (size_t i = 0; list != NULL && list->kind == TREE_LIST && i < list->count; i++) {
        const struct tree_node *name = list->items[i];
        if (name->kind != TREE_TEXT || str_eq(name->text, "ungrouped")) {
            continue;
        }
        if (put++ == 0) {
            (void)buf_printf(to, "      %s:\n", what);
        }
        (void)buf_puts(to, "        ");
        put_quoted(to, name->text);
        (void)buf_puts(to, ": {}\n");
    }
}

static bool is_group(const struct tree_pair *pair)
{
    static const char *const others[] = {"_meta", "all", "ungrouped"};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (str_eq(pair->key->text, others[i])) {
            return false;
        }
    }
    return pair->value->kind == TREE_MAP;
}

static void put_groups(struct buf *to, const struct tree_node *root)
{
    size_t put = 0;
    for (size_t i = 0; i < root->count; i++) {
        if (!is_group(&root->pairs[i])) {
            continue;
        }
        (void)buf_puts(to, put++ == 0 ? "  children:\n    " : "    ");
        put_quoted(to, root->pairs[i].key->text);
        (void)buf_puts(to, ":\n");
        put_members(to, root->pairs[i].value, "hosts");
        put_members(to, root->pairs[i].value, "children");
    }
}

/* In the order of the answer: each host once, with its variables where it has some. */
static int put_ansible(struct buf *to, const struct tree_node *root, struct err *err)
{
    const struct tree_node *meta = tree_get(root, "_meta");
    const struct tree_node *hosts = meta == NULL ? NULL : tree_get(meta, "hostvars");
    const struct tree_node *rest = tree_get(root, "ungrouped");
    const struct tree_node *list = rest == NULL ? NULL : tree_get(rest, "hosts");
    if (hosts == NULL || hosts->kind != TREE_MAP) {
        return tree_fail(err, root,
                         "no _meta: hostvars: this is not what `ansible-inventory --list` prints");
    }
    (void)buf_puts(to, "all:\n  hosts:\n");
    for (size_t i = 0; i < hosts->count; i++) {
        put_host(to, hosts->pairs[i].key->text, hosts->pairs[i].value);
    }
    for (size_t i = 0; list != NULL && list->kind == TREE_LIST && i < list->count; i++) {
        const struct tree_node *name = list->items[i];
        if (name->kind == TREE_TEXT && tree_get(hosts, name->text) == NULL) {
            put_host(to, name->text, name);
        }
    }
    put_groups(to, root);
    return to->failed ? err_memory(err) : 0;
}

int inventory_import_ansible(const char *name, const char *bytes, size_t len, struct buf *to,
                             struct err *err)
{
    struct arena arena = {.blocks = NULL};
    const struct tree_node *root = NULL;
    int rc = tree_parse(name, bytes, len, &arena, &root, err);
    if (rc == 0) {
        rc = put_ansible(to, root, err);
    }
    arena_done(&arena);
    return rc;
}

int inventory_import_servers(const struct server_list *list, struct buf *to, struct err *err)
{
    struct ip ip;
    (void)buf_puts(to, "all:\n  hosts:\n");
    for (size_t i = 0; i < list->count; i++) {
        const struct server_entry *entry = &list->rows[i];
        bool one = entry->address != NULL &&
                   ip_parse((struct slice){entry->address, strlen(entry->address)}, &ip);
        const char *address = one ? entry->address : entry->fqdn;
        (void)buf_puts(to, "    ");
        put_quoted(to, entry->name);
        (void)buf_puts(to, ":\n");
        if (address != NULL) {
            (void)buf_puts(to, "      ansible_host: ");
            put_quoted(to, address);
            (void)buf_putc(to, '\n');
        }
        if (entry->site != NULL) {
            (void)buf_puts(to, "      pvsaudit_site: ");
            put_quoted(to, entry->site);
            (void)buf_putc(to, '\n');
        }
        if (address == NULL && entry->site == NULL) {
            (void)buf_puts(to, "      {}\n");
        }
    }
    return to->failed ? err_memory(err) : 0;
}
