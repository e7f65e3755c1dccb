/* cmd_hosts_list: the hosts of the inventory, or without one those of the history. */
#include "cli/commands.h"
#include "cli/question.h"

static const struct answer_column inventory_columns[] = {
    {"host", "HOST", ANSWER_TEXT, false},    {"address", "ADDRESS", ANSWER_TEXT, false},
    {"port", "PORT", ANSWER_PORT, false},    {"os", "OS", ANSWER_TEXT, false},
    {"transport", "BY", ANSWER_TEXT, false}, {"user", "USER", ANSWER_TEXT, false},
    {"auth", "AUTH", ANSWER_TEXT, false},    {"site", "SITE", ANSWER_TEXT, false},
    {"farm", "FARM", ANSWER_TEXT, false},    {"state", "STATE", ANSWER_TEXT, false},
    {"timezone", NULL, ANSWER_TEXT, false},  {"maintenance", NULL, ANSWER_TEXT, false},
    {"group", "GROUP", ANSWER_TEXT, false},
};
enum { INVENTORY_COLUMNS = sizeof(inventory_columns) / sizeof(inventory_columns[0]) };

static const struct answer_column history_columns[] = {
    {"host", "HOST", ANSWER_TEXT, false},
    {"site", "SITE", ANSWER_TEXT, false},
    {"farm", "FARM", ANSWER_TEXT, false},
    {"os", "OS", ANSWER_TEXT, false},
    {"transport", "BY", ANSWER_TEXT, false},
    {"state", "STATE", ANSWER_TEXT, false},
    {"first_seen", NULL, ANSWER_TIME, false},
    {"last_seen", NULL, ANSWER_TIME, false},
    {"last_read", "LAST READ", ANSWER_TIME, false},
    {"computer_name", "COMPUTER", ANSWER_TEXT, false},
    {"machine_id", NULL, ANSWER_TEXT, false},
    {"same_machine_as", "SAME MACHINE AS", ANSWER_TEXT, false},
    {"source", NULL, ANSWER_TEXT, false},
};
enum { HISTORY_COLUMNS = sizeof(history_columns) / sizeof(history_columns[0]) };

static int put_host(struct answer *answer, const struct host *host, struct err *err)
{
    const struct answer_cell cells[INVENTORY_COLUMNS] = {
        answer_text(host->name),
        answer_text(host->address),
        answer_positive(host->port),
        answer_text(host_os_name(host->os)),
        answer_text(host_transport_name(host->transport)),
        answer_text(host->user),
        answer_text(host_auth_name(host->auth)),
        answer_text(host->site),
        answer_text(host->farm),
        answer_text(host_state_name(host->state)),
        answer_text(host->timezone),
        answer_text(host->maintenance),
        answer_text(host->group_count == 0 ? NULL : host->groups[host->group_count - 1]),
    };
    return answer_row(answer, cells, MARK_NONE, err);
}

static int put_seen(struct answer *answer, const struct question *question,
                    const struct host_row *row, struct err *err)
{
    const char *zone = question_zone(question, row->host, row->timezone);
    const struct answer_cell cells[HISTORY_COLUMNS] = {
        answer_text(row->host),
        answer_text(row->site),
        answer_text(row->farm),
        answer_text(row->os),
        answer_text(row->transport),
        answer_text(host_state_name(row->state)),
        answer_time(row->first_seen_ms, zone),
        answer_time(row->last_seen_ms, zone),
        answer_time(row->last_read_ms, zone),
        answer_text(row->computer_name),
        answer_text(row->machine_id),
        answer_text(row->same_machine_as),
        answer_text(row->source),
    };
    return answer_row(answer, cells, MARK_NONE, err);
}

static int list_inventory(struct question *question, struct err *err)
{
    const struct command_line *line = question->line;
    struct answer *answer =
        answer_new(stdout, line->format, false, inventory_columns, INVENTORY_COLUMNS, NULL);
    int result = answer == NULL ? err_memory(err) : 0;
    for (size_t i = 0; i < question->inventory.count && result == 0; i++) {
        if (question->selected[i]) {
            result = put_host(answer, &question->inventory.hosts[i], err);
        }
    }
    return answer_close(answer, result, NULL, err);
}

static int list_history(struct question *question, struct err *err)
{
    const struct command_line *line = question->line;
    struct host_list list = {0};
    if (question_open(question, QUESTION_FLEET, err) != 0 ||
        query_hosts(question->query, &question->frame, &list, err) != 0) {
        return -1;
    }
    struct answer *answer = answer_new(stdout, line->format, false, history_columns,
                                       HISTORY_COLUMNS, &question->answer_meta);
    int result = answer == NULL ? err_memory(err) : 0;
    for (size_t i = 0; i < list.count && result == 0; i++) {
        result = put_seen(answer, question, &list.rows[i], err);
    }
    result = answer_close(answer, result, NULL, err);
    host_list_done(&list);
    return result;
}

int cmd_hosts_list(const struct command_line *line, struct err *err)
{
    struct question question = {0};
    int result = question_load(&question, line, err);
    if (result == 0) {
        result =
            question.has_inventory ? list_inventory(&question, err) : list_history(&question, err);
    }
    question_done(&question);
    return result;
}
