/* question: loads what the command line names, and decides which hosts are asked about. */
#include "cli/question.h"

#include "config/expectation_file.h"
#include "core/clock.h"
#include "core/str.h"

#include <string.h>

enum { LIMIT_PART = 256 };

static int load_inventory(struct question *question, struct err *err)
{
    const struct command_line *line = question->line;
    const char *path = line->inventory != NULL ? line->inventory : question->settings.inventory;
    if (path == NULL) {
        return 0;
    }
    if (inventory_load(path, &question->expectations, &question->inventory, err) != 0) {
        return -1;
    }
    question->has_inventory = true;
    question->selected = arena_array(&question->arena, question->inventory.count + 1, sizeof(bool));
    if (question->selected == NULL) {
        return err_memory(err);
    }
    return inventory_select(&question->inventory, line->limit, question->selected, err);
}

int question_load_settings(struct question *question, const struct command_line *line,
                           struct err *err)
{
    question->line = line;
    return settings_load(line->config, line->db, &question->settings, err) != 0 ||
                   expectation_file_load_all(&question->settings, line, &question->expectations,
                                             err) != 0
               ? -1
               : 0;
}

int question_load(struct question *question, const struct command_line *line, struct err *err)
{
    return question_load_settings(question, line, err) != 0 ? -1 : load_inventory(question, err);
}

static bool part_matches(const char *part, const char *host, const char *site, const char *farm)
{
    return str_match(part, host) || (site != NULL && str_match(part, site)) ||
           (farm != NULL && str_match(part, farm));
}

/* Without an inventory a limit is a list of globs, of hosts, sites and farms; ! excludes. */
static bool limit_matches(const char *limit, const char *host, const char *site, const char *farm)
{
    struct slice rest = {limit, strlen(limit)};
    bool any_positive = false;
    bool matched = false;
    while (rest.len > 0) {
        char part[LIMIT_PART];
        size_t len = 0;
        while (len < rest.len && rest.data[len] != ',') {
            len++;
        }
        struct slice word = slice_trim((struct slice){rest.data, len});
        size_t cut = len < rest.len ? len + 1 : len;
        rest = (struct slice){rest.data + cut, rest.len - cut};
        (void)snprintf(part, sizeof(part), "%.*s", (int)(word.len < 255 ? word.len : 255),
                       word.data);
        if (part[0] == '!') {
            if (part_matches(part + 1, host, site, farm)) {
                return false;
            }
        } else if (part[0] != '\0') {
            any_positive = true;
            matched = matched || part_matches(part, host, site, farm);
        }
    }
    return matched || !any_positive;
}

bool question_wants(void *data, const char *host, const char *site, const char *farm)
{
    const struct question *question = data;
    if (question->line->limit == NULL) {
        return true;
    }
    if (!question->has_inventory) {
        return limit_matches(question->line->limit, host, site, farm);
    }
    const struct host *found = inventory_find(&question->inventory, host);
    return found != NULL && question->selected[found - question->inventory.hosts];
}

bool question_is_linux(const struct question *question, const char *name)
{
    const struct expectation *expectation =
        name == NULL ? NULL : expectation_find(&question->expectations, name);
    return expectation != NULL && str_eq(expectation->os, host_os_name(HOST_LINUX));
}

const char *question_zone(const struct question *question, const char *name, const char *recorded)
{
    const struct host *host =
        question->has_inventory ? inventory_find(&question->inventory, name) : NULL;
    return host != NULL ? host->timezone : recorded;
}

/* Hosts of the inventory that the history's fleet has not, or not any more. */
static int collect_unseen(struct question *question, const struct host_list *list, struct err *err)
{
    const struct inventory *inventory = &question->inventory;
    bool *seen = arena_array(&question->arena, inventory->count + 1, sizeof(*seen));
    question->unseen = arena_array(&question->arena, inventory->count + 1, sizeof(struct host *));
    if (seen == NULL || question->unseen == NULL) {
        return err_memory(err);
    }
    for (size_t i = 0; i < list->count; i++) {
        const struct host *host = inventory_find(inventory, list->rows[i].name);
        if (host != NULL && list->rows[i].counts) {
            seen[host - inventory->hosts] = true;
        }
    }
    for (size_t i = 0; i < inventory->count; i++) {
        if (question->selected[i] && !seen[i]) {
            question->unseen[question->unseen_count++] = &inventory->hosts[i];
        }
    }
    return 0;
}

static int find_unseen(struct question *question, struct err *err)
{
    struct host_list list = {0};
    const char *limit = question->line->limit;
    if (query_hosts(question->query, &question->frame, &list, err) != 0) {
        return -1;
    }
    int result = question->has_inventory ? collect_unseen(question, &list, err) : 0;
    if (result == 0 && limit != NULL && list.count == 0 && question->unseen_count == 0) {
        result = err_set(err, ERR_USAGE, "limit",
                         question->has_inventory
                             ? "%.100s matches no host of the history"
                             : "%.100s matches no host, site or farm of the history; groups are "
                               "the inventory's: give -i FILE",
                         limit);
    }
    host_list_done(&list);
    return result;
}

static void fill_answer_meta(struct question *question)
{
    size_t unseen = 0;
    for (size_t i = 0; i < question->unseen_count; i++) {
        unseen += question->unseen[i]->state == HOST_ACTIVE;
    }
    question->answer_meta = (struct answer_meta){
        .as_of_ms = question->meta.as_of_ms,
        .last_complete_scan_ms = question->meta.last_complete_scan_ms,
        .now_ms = question->now_ms,
        .stale = question->meta.stale || question->meta.last_complete_scan_ms == 0,
        .hosts = question->meta.hosts + unseen,
        .hosts_read = question->meta.hosts_read,
    };
}

int question_open(struct question *question, enum question_scope scope, struct err *err)
{
    const struct command_line *line = question->line;
    if (query_open(question->settings.db, &question->query, err) != 0) {
        return -1;
    }
    question->now_ms = line->as_of_ms != 0 ? line->as_of_ms : clock_now_ms(&(struct clock){0});
    question->frame = (struct query_frame){
        .as_of_ms = line->as_of_ms,
        .now_ms = question->now_ms,
        .stale_after_ms = question->settings.stale_after_ms,
    };
    if (scope == QUESTION_FLEET && line->limit != NULL) {
        question->frame.wants = question_wants;
        question->frame.data = question;
    }
    if (query_meta(question->query, &question->frame, &question->meta, err) != 0) {
        return -1;
    }
    /* What a person reads is judged by the clock; what a program reads is the same whenever it is
     * asked for. A reading of the future ages nothing: it is the one that is wrong. */
    bool for_people = line->format == FORMAT_TABLE || line->format == FORMAT_NAGIOS;
    if (!for_people && question->meta.as_of_ms < question->now_ms) {
        question->frame.now_ms = question->meta.as_of_ms;
    }
    if (scope == QUESTION_FLEET && find_unseen(question, err) != 0) {
        return -1;
    }
    fill_answer_meta(question);
    return 0;
}

void question_done(struct question *question)
{
    query_close(question->query);
    inventory_done(&question->inventory);
    expectation_set_done(&question->expectations);
    settings_done(&question->settings);
    arena_done(&question->arena);
}

struct answer *question_answer(struct question *question, const struct answer_column *columns,
                               size_t count)
{
    const struct command_line *line = question->line;
    return answer_new(stdout, line->format, answer_color(line->color, stdout), columns, count,
                      &question->answer_meta);
}

int question_run(const struct command_line *line, enum question_scope scope,
                 int (*answer)(struct question *question, struct err *err), struct err *err)
{
    struct question question = {0};
    int code = -1;
    if (question_load(&question, line, err) == 0 && question_open(&question, scope, err) == 0) {
        code = answer(&question, err);
    }
    question_done(&question);
    return code;
}
