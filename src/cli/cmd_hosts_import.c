/* cmd_hosts_import: what other programs list, as an inventory on standard output. */
#include "cli/commands.h"
#include "cli/question.h"
#include "config/inventory/inventory_import.h"
#include "config/text_file.h"

#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 64 << 20 };

static bool is_json(const char *bytes, size_t len)
{
    struct slice text = slice_trim((struct slice){bytes, len});
    return text.len > 0 && text.data[0] == '{';
}

static int import(const char *path, const char *bytes, size_t len, struct buf *to, struct err *err)
{
    struct server_list list = {.count = 0};
    if (is_json(bytes, len)) {
        return inventory_import_ansible(path, bytes, len, to, err);
    }
    if (server_list_parse(path, bytes, len, &list, err) != 0) {
        return -1;
    }
    int rc = inventory_import_servers(&list, to, err);
    server_list_done(&list);
    return rc;
}

/* What is written can be read: a file that cannot would be found out too late. */
static int check(struct question *question, const struct buf *text, struct err *err)
{
    struct inventory inventory = {.count = 0};
    if (inventory_parse("the inventory that it amounts to", text->data, text->len,
                        &question->expectations, &inventory, err) != 0) {
        return -1;
    }
    inventory_done(&inventory);
    return 0;
}

static int run(struct question *question, const char *path, struct err *err)
{
    struct buf text;
    char *bytes = NULL;
    size_t len = 0;
    if (text_file_load(path, FILE_MAX, &bytes, &len, NULL, err) != 0) {
        return -1;
    }
    buf_init(&text, FILE_MAX);
    int rc = import(path, bytes, len, &text, err);
    if (rc == 0) {
        rc = check(question, &text, err);
    }
    if (rc == 0) {
        (void)fwrite(text.data, 1, text.len, stdout);
        rc = answer_written(stdout, err);
    }
    buf_done(&text);
    free(bytes);
    return rc;
}

int cmd_hosts_import(const struct command_line *line, struct err *err)
{
    struct question question = {.line = line};
    if (line->format != FORMAT_TABLE) {
        return err_set(err, ERR_USAGE, "",
                       "hosts import always writes an inventory in YAML: --json, --ndjson and "
                       "--csv do not apply; see: pvsaudit hosts import --help");
    }
    int result = question_load_settings(&question, line, err);
    if (result == 0) {
        result = run(&question, line->arguments[0], err);
    }
    question_done(&question);
    return result;
}
