/* cmd_hosts: whether the inventory is right, its hosts, and where their values come from. */
#include "cli/boot_path_draft.h"
#include "cli/commands.h"
#include "cli/question.h"
#include "core/log.h"
#include "core/str.h"

static int need_inventory(struct question *question, const struct command_line *line,
                          struct err *err)
{
    if (question_load(question, line, err) != 0) {
        return -1;
    }
    if (!question->has_inventory) {
        return err_set(err, ERR_USAGE, "inventory",
                       "no inventory: give one with -i FILE, or set `inventory` in the settings");
    }
    return 0;
}

static struct answer *open_answer(const struct command_line *line,
                                  const struct answer_column *columns, size_t count)
{
    return answer_new(stdout, line->format, answer_color(line->color, stdout), columns, count,
                      NULL);
}

static const struct answer_column check_columns[] = {
    {"site", "SITE", ANSWER_TEXT, false},
    {"transport", "TRANSPORT", ANSWER_TEXT, false},
    {"os", "OS", ANSWER_TEXT, false},
    {"hosts", "HOSTS", ANSWER_INT, false},
    {"expecting", "EXPECTING", ANSWER_INT, false},
    {"inactive", "INACTIVE", ANSWER_INT, false},
};
enum { CHECK_COLUMNS = sizeof(check_columns) / sizeof(check_columns[0]) };

struct check_row {
    const char *site;
    enum host_transport transport;
    enum host_os os;
    size_t hosts, expecting, inactive;
};

struct check {
    struct check_row *rows;
    size_t count;
};

static struct check_row *check_find(struct check *check, struct arena *arena,
                                    const struct host *host)
{
    for (size_t i = 0; i < check->count; i++) {
        struct check_row *row = &check->rows[i];
        if (str_eq(row->site, host->site) && row->transport == host->transport &&
            row->os == host->os) {
            return row;
        }
    }
    void *items = check->rows;
    struct check_row *row = arena_push(arena, &items, &check->count, sizeof(*row));
    check->rows = items;
    if (row != NULL) {
        *row = (struct check_row){.site = host->site, .transport = host->transport, .os = host->os};
    }
    return row;
}

static bool expects_something(const struct host *host)
{
    for (size_t i = 0; i < host->declaration_count; i++) {
        if (host->declarations[i].declared == DECLARED_EXPECTED) {
            return true;
        }
    }
    return false;
}

static int check_count(struct question *question, struct check *check, struct err *err)
{
    for (size_t i = 0; i < question->inventory.count; i++) {
        const struct host *host = &question->inventory.hosts[i];
        if (!question->selected[i]) {
            continue;
        }
        struct check_row *row = check_find(check, &question->arena, host);
        if (row == NULL) {
            return err_memory(err);
        }
        row->hosts++;
        row->expecting += expects_something(host);
        row->inactive += host->state != HOST_ACTIVE;
    }
    return 0;
}

static int check_print(const struct command_line *line, const struct check *check, struct err *err)
{
    struct answer *answer = open_answer(line, check_columns, CHECK_COLUMNS);
    int result = answer == NULL ? err_memory(err) : 0;
    for (size_t i = 0; i < check->count && result == 0; i++) {
        const struct check_row *row = &check->rows[i];
        const struct answer_cell cells[CHECK_COLUMNS] = {
            answer_text(row->site),
            answer_text(host_transport_name(row->transport)),
            answer_text(host_os_name(row->os)),
            answer_number((int64_t)row->hosts),
            answer_number((int64_t)row->expecting),
            answer_number((int64_t)row->inactive),
        };
        result = answer_row(answer, cells, MARK_NONE, err);
    }
    return answer_close(answer, result, NULL, err);
}

static void check_conclude(const struct question *question, const struct check *check)
{
    const struct inventory *inventory = &question->inventory;
    size_t hosts = 0;
    for (size_t i = 0; i < check->count; i++) {
        hosts += check->rows[i].hosts;
    }
    if (question->line->format == FORMAT_TABLE) {
        (void)printf("%zu host%s, no error, %zu warning%s\n", hosts, hosts == 1 ? "" : "s",
                     inventory->warning_count, inventory->warning_count == 1 ? "" : "s");
        (void)fflush(stdout);
    }
    for (size_t i = 0; i < inventory->warning_count; i++) {
        log_line(LOG_WARNING, NULL, "%s", inventory->warnings[i]);
    }
}

/* Where there is a history that can be read: what it knows of servers that have another name now.
 */
static void check_renamed(const struct question *question)
{
    struct query *query = NULL;
    struct host_list list = {.count = 0};
    const struct query_frame frame = {.as_of_ms = question->line->as_of_ms};
    if (query_open(question->settings.db, &query, NULL) == 0 &&
        query_hosts(query, &frame, &list, NULL) == 0) {
        for (size_t i = 0; i < list.count; i++) {
            const struct host_row *row = &list.rows[i];
            if (row->formerly != NULL) {
                log_line(LOG_WARNING, row->host, HOST_FORMERLY, row->formerly, row->formerly,
                         row->name);
            }
        }
        host_list_done(&list);
    }
    query_close(query);
}

int cmd_hosts_check(const struct command_line *line, struct err *err)
{
    struct question question = {0};
    struct check check = {NULL, 0};
    int result = need_inventory(&question, line, err);
    if (result == 0) {
        result = check_count(&question, &check, err);
    }
    if (result == 0) {
        result = check_print(line, &check, err);
    }
    if (result == 0) {
        check_conclude(&question, &check);
        check_renamed(&question);
    }
    if (result == 0 && line->format == FORMAT_TABLE) {
        result = boot_path_draft_print(&question, stdout, err);
    }
    question_done(&question);
    return result;
}

static const struct answer_column origin_columns[] = {
    {"key", "KEY", ANSWER_TEXT, false},
    {"value", "VALUE", ANSWER_TEXT, false},
    {"file", "FILE", ANSWER_TEXT, false},
    {"line", "LINE", ANSWER_INT, false},
    {"column", NULL, ANSWER_INT, false},
    {"where", "WHERE", ANSWER_TEXT, false},
    {"overrides", "OVERRIDES", ANSWER_TEXT, false},
};
enum { ORIGIN_COLUMNS = sizeof(origin_columns) / sizeof(origin_columns[0]) };

static int origin_unknown_key(const char *key, const struct inventory_value *rows, size_t count,
                              struct arena *arena, struct err *err)
{
    const char **names = arena_array(arena, count + 1, sizeof(char *));
    for (size_t i = 0; names != NULL && i < count; i++) {
        names[i] = rows[i].key;
    }
    const char *nearest = names == NULL ? NULL : str_nearest(key, names, count);
    return err_set(err, ERR_USAGE, "inventory", "the host has no value %.100s%s%s", key,
                   nearest == NULL ? "" : "; did you mean ", nearest == NULL ? "" : nearest);
}

static int origin_print(struct question *question, const struct host *host, struct err *err)
{
    const struct command_line *line = question->line;
    const char *key = line->argument_count > 1 ? line->arguments[1] : NULL;
    const struct inventory_value *rows = NULL;
    size_t count = 0;
    size_t shown = 0;
    if (inventory_origins(&question->inventory, host, &rows, &count, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        shown += key == NULL || str_eq(key, rows[i].key);
    }
    if (shown == 0 && key != NULL) {
        return origin_unknown_key(key, rows, count, &question->arena, err);
    }
    struct answer *answer = open_answer(line, origin_columns, ORIGIN_COLUMNS);
    int result = answer == NULL ? err_memory(err) : 0;
    for (size_t i = 0; i < count && result == 0; i++) {
        if (key != NULL && !str_eq(key, rows[i].key)) {
            continue;
        }
        const struct answer_cell cells[ORIGIN_COLUMNS] = {
            answer_text(rows[i].key),
            answer_text(rows[i].value),
            answer_text(rows[i].origin.file),
            answer_positive(rows[i].origin.line),
            answer_positive(rows[i].origin.column),
            answer_text(rows[i].origin.where),
            answer_text(rows[i].overrides),
        };
        result = answer_row(answer, cells, MARK_NONE, err);
    }
    return answer_close(answer, result, NULL, err);
}

static int unknown_host(const struct question *question, const char *name, struct err *err)
{
    const struct inventory *inventory = &question->inventory;
    struct arena arena = {NULL};
    const char **names = arena_array(&arena, inventory->count + 1, sizeof(char *));
    for (size_t i = 0; names != NULL && i < inventory->count; i++) {
        names[i] = inventory->hosts[i].name;
    }
    const char *nearest = names == NULL ? NULL : str_nearest(name, names, inventory->count);
    int result = err_set(err, ERR_USAGE, "inventory", "no host %.100s in the inventory%s%s", name,
                         nearest == NULL ? "" : "; did you mean ", nearest == NULL ? "" : nearest);
    arena_done(&arena);
    return result;
}

int cmd_hosts_origin(const struct command_line *line, struct err *err)
{
    struct question question = {0};
    int result = need_inventory(&question, line, err);
    if (result == 0) {
        const struct host *host = inventory_find(&question.inventory, line->arguments[0]);
        result = host == NULL ? unknown_host(&question, line->arguments[0], err)
                              : origin_print(&question, host, err);
    }
    question_done(&question);
    return result;
}
