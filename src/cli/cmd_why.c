/* cmd_why: what stands behind the verdicts of one host, in sentences or as rows. */
#include "cli/cmd_why_text.h"
#include "cli/commands.h"
#include "cli/overview.h"
#include "cli/phrase.h"
#include "out/escape.h"
#include "out/remedy.h"

enum { COLUMNS = 47 };

static const struct answer_column columns[COLUMNS] = {
    {"host", NULL, ANSWER_TEXT, false},
    {"site", NULL, ANSWER_TEXT, false},
    {"farm", NULL, ANSWER_TEXT, false},
    {"expectation", NULL, ANSWER_TEXT, false},
    {"service", NULL, ANSWER_TEXT, false},
    {"display_name", NULL, ANSWER_TEXT, false},
    {"proto", NULL, ANSWER_TEXT, false},
    {"port", NULL, ANSWER_PORT, false},
    {"verdict", NULL, ANSWER_TEXT, false},
    {"reason", NULL, ANSWER_TEXT, false},
    {"detail", NULL, ANSWER_TEXT, false},
    {"finding", NULL, ANSWER_TEXT, false},
    {"first_bad", NULL, ANSWER_TIME, false},
    {"expected_by", NULL, ANSWER_TEXT, false},
    {"conflict", NULL, ANSWER_BOOL, false},
    {"as_of", NULL, ANSWER_TIME, false},
    {"boot_time", NULL, ANSWER_TIME, false},
    {"service_state", NULL, ANSWER_TEXT, false},
    {"startup_type", NULL, ANSWER_TEXT, false},
    {"pid", NULL, ANSWER_INT, false},
    {"process_created", NULL, ANSWER_TIME, false},
    {"exit_code", NULL, ANSWER_INT, false},
    {"holder_address", NULL, ANSWER_TEXT, false},
    {"holder_pid", NULL, ANSWER_INT, false},
    {"holder_image", NULL, ANSWER_TEXT, false},
    {"good_time", NULL, ANSWER_TIME, false},
    {"good_boot_time", NULL, ANSWER_TIME, false},
    {"good_pid", NULL, ANSWER_INT, false},
    {"good_process_created", NULL, ANSWER_TIME, false},
    {"good_startup_type", NULL, ANSWER_TEXT, false},
    {"sections", NULL, ANSWER_TEXT, false},
    {"remedy", NULL, ANSWER_TEXT, false},
    {"prevention", NULL, ANSWER_TEXT, false},
    {"source", NULL, ANSWER_TEXT, false},
    {"dropped", NULL, ANSWER_BOOL, false},
    {"recovered_at", NULL, ANSWER_TIME, false},
    {"recovered_by", NULL, ANSWER_TEXT, false},
    {"recovered_finding", NULL, ANSWER_TEXT, false},
    {"recovered_verdict", NULL, ANSWER_TEXT, false},
    {"recovered_first_bad", NULL, ANSWER_TIME, false},
    {"recovered_last_bad", NULL, ANSWER_TIME, false},
    {"startup_reverted", NULL, ANSWER_BOOL, false},
    {"startup_was", NULL, ANSWER_TEXT, false},
    {"startup_until", NULL, ANSWER_TIME, false},
    {"owner_changed", NULL, ANSWER_BOOL, false},
    {"owner_was", NULL, ANSWER_TEXT, false},
    {"code", NULL, ANSWER_INT, false},
};

/* "udp complete, services denied" of what was asked. */
static const char *sections_text(struct arena *arena, const struct snapshot *snapshot)
{
    const char *text = "";
    for (int i = 0; i < SECTION_COUNT && text != NULL; i++) {
        if (snapshot->sections[i].outcome != OUTCOME_NOT_ASKED) {
            text = arena_printf(arena, "%s%s%s %s", text, text[0] == '\0' ? "" : ", ",
                                section_name((enum section_id)i),
                                outcome_name(snapshot->sections[i].outcome));
        }
    }
    return text == NULL || text[0] == '\0' ? NULL : text;
}

static struct answer_cell address_cell(struct arena *arena, const struct endpoint *endpoint)
{
    char text[IP_TEXT];
    if (endpoint->port == 0) {
        return answer_none();
    }
    ip_text(&endpoint->address, text);
    return answer_text(arena_strdup(arena, text));
}

static int put_row(struct answer *answer, struct arena *arena, const struct why *why,
                   const struct why_service *service, struct err *err)
{
    const struct status_row *row = &service->status;
    bool unknown = row->verdict == VERDICT_UNKNOWN;
    bool good = service->good_ms > 0;
    const struct why_recovery *recovery = &service->recovery;
    bool recovered = recovery->at_ms > 0;
    const struct answer_cell cells[COLUMNS] = {
        answer_text(why->host),
        answer_text(why->site),
        answer_text(why->farm),
        answer_text(row->expectation),
        answer_text(row->service),
        answer_text(row->display_name),
        answer_text(proto_name(row->proto)),
        answer_number(row->port),
        answer_text(verdict_name(row->verdict)),
        answer_text(unknown ? reason_name(row->reason) : NULL),
        answer_text(row->detail),
        answer_text(service->finding == FINDING_NONE ? NULL : finding_name(service->finding)),
        answer_positive(service->first_bad_ms),
        answer_text(expected_by_name(service->expected_by)),
        answer_bool(row->conflict),
        answer_positive(row->as_of_ms),
        answer_positive(row->boot_time_ms),
        answer_text(service_state_name(row->service_state)),
        answer_text(startup_type_name(row->startup)),
        answer_positive(row->pid),
        answer_positive(service->process_created_ms),
        service->exit_code < 0 ? answer_none() : answer_number(service->exit_code),
        address_cell(arena, &service->holder),
        service->holder.port == 0 ? answer_none() : answer_positive(service->holder.pid),
        answer_text(service->holder_image),
        answer_positive(service->good_ms),
        answer_positive(service->good_boot_ms),
        good ? answer_positive(service->good_pid) : answer_none(),
        answer_positive(service->good_process_created_ms),
        answer_text(good ? startup_type_name(service->good_startup) : NULL),
        answer_text(sections_text(arena, &why->snapshot)),
        answer_text(service->remedy),
        answer_text(service->prevention),
        answer_text(why->source),
        answer_bool(why->dropped),
        answer_positive(recovery->at_ms),
        answer_text(recovered ? recovery_name(recovery->by) : NULL),
        answer_text(recovered ? finding_name(recovery->finding) : NULL),
        answer_text(recovered ? verdict_name(recovery->verdict) : NULL),
        answer_positive(recovery->first_bad_ms),
        answer_positive(recovery->last_bad_ms),
        answer_bool(row->changes.startup_reverted),
        answer_text(row->changes.startup_was == STARTUP_UNKNOWN
                        ? NULL
                        : startup_type_name(row->changes.startup_was)),
        answer_time(row->changes.startup_until_ms, NULL),
        answer_bool(row->changes.owner_was != NULL),
        answer_text(row->changes.owner_was),
        unknown && row->code != 0 ? answer_number(row->code) : answer_none(),
    };
    return answer_row(answer, cells, overview_mark(row), err);
}

static int print_rows(struct question *question, const struct why *why, struct err *err)
{
    const struct command_line *line = question->line;
    struct answer *answer =
        answer_new(stdout, line->format, false, columns, COLUMNS, &question->answer_meta);
    int result = answer == NULL ? err_memory(err) : 0;
    for (size_t i = 0; i < why->service_count && result == 0; i++) {
        result = put_row(answer, &question->arena, why, &why->services[i], err);
    }
    return answer_close(answer, result, NULL, err);
}

/* Of this host alone. */
static int exit_code(const struct question *question, const struct why *why)
{
    struct summary summary = {.stale = question->answer_meta.stale};
    bool active = why->service_count == 0 || why->services[0].status.host_state == HOST_ACTIVE;
    summary.hosts = active;
    summary.inactive = !active;
    if (active && !why->newest.read) {
        summary_unread(&summary, why->newest.reason);
    }
    for (size_t i = 0; i < why->service_count && active; i++) {
        const struct status_row *row = &why->services[i].status;
        if (overview_is_problem(row) && !row->informational) {
            summary.problems++;
        } else if (why->newest.read && !row->informational) {
            summary_verdict(&summary, row->verdict);
        }
    }
    return summary_exit_code(&summary);
}

/* What cures each problem, by its verdict; in the rows and in the text. */
static void fill_remedies(struct question *question, struct why *why)
{
    for (size_t i = 0; i < why->service_count; i++) {
        struct why_service *service = &why->services[i];
        const struct status_row *row = &service->status;
        enum verdict_code code = overview_problem(row);
        service->remedy =
            remedy_text(&question->arena, code, question_is_linux(question, row->expectation),
                        row->service, service->remedy);
        service->prevention = remedy_prevention(code, row->startup, service->prevention);
    }
}

static int answer_why(struct question *question, struct err *err)
{
    const struct command_line *line = question->line;
    struct why why = {0};
    if (query_why(question->query, &question->frame, line->arguments[0], &why, err) != 0) {
        return -1;
    }
    fill_remedies(question, &why);
    int result = 0;
    if (line->format == FORMAT_TABLE) {
        why_print_text(question, &why, stdout, answer_color(line->color, stdout));
    } else {
        result = print_rows(question, &why, err);
    }
    int code = result == 0 ? exit_code(question, &why) : -1;
    why_done(&why);
    return code;
}

int cmd_why(const struct command_line *line, struct err *err)
{
    return question_run(line, QUESTION_HOST, answer_why, err);
}
