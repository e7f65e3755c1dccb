/* cmd_netstat: the endpoints of one visit, in netstat's own shape. */
#include "cli/commands.h"
#include "cli/phrase.h"
#include "cli/question.h"
#include "core/clock.h"
#include "core/str.h"
#include "out/escape.h"
#include "out/summary.h"

enum { COLUMNS = 12 };

static const struct answer_column columns[COLUMNS] = {
    {NULL, "Proto", ANSWER_TEXT, false},           {NULL, "Local Address", ANSWER_TEXT, false},
    {NULL, "Foreign Address", ANSWER_TEXT, false}, {NULL, "State", ANSWER_TEXT, false},
    {"proto", NULL, ANSWER_TEXT, false},           {"local_address", NULL, ANSWER_TEXT, false},
    {"local_port", NULL, ANSWER_PORT, false},      {"pid", "PID", ANSWER_INT, false},
    {"image", "Image", ANSWER_TEXT, false},        {"service", "Service", ANSWER_TEXT, false},
    {"process_created", NULL, ANSWER_TIME, false}, {"created", NULL, ANSWER_TIME, false},
};

static const char *foreign_of(const struct endpoint *endpoint)
{
    if (endpoint->proto == PROTO_UDP) {
        return "*:*";
    }
    return endpoint->address.family == 6 ? "[::]:0" : "0.0.0.0:0";
}

static int put_row(struct answer *answer, struct arena *arena, const struct snapshot *snapshot,
                   const struct endpoint *endpoint, struct err *err)
{
    char address[IP_TEXT];
    const struct process *process =
        endpoint->pid > 0 ? snapshot_process(snapshot, endpoint->pid) : NULL;
    bool udp = endpoint->proto == PROTO_UDP;
    ip_text(&endpoint->address, address);
    const struct answer_cell cells[COLUMNS] = {
        answer_text(udp ? "UDP" : "TCP"),
        answer_text(phrase_socket(arena, endpoint)),
        answer_text(foreign_of(endpoint)),
        answer_text(udp ? "" : "LISTENING"),
        answer_text(proto_name(endpoint->proto)),
        answer_text(address),
        answer_number(endpoint->port),
        answer_positive(endpoint->pid),
        answer_text(process == NULL ? NULL : process->name),
        answer_text(snapshot_services_of(snapshot, endpoint->pid, arena)),
        answer_positive(process == NULL ? 0 : process->created_ms),
        answer_positive(endpoint->created_ms),
    };
    return answer_row(answer, cells, MARK_NONE, err);
}

static void print_head(struct question *question, const struct snapshot *snapshot, const char *zone)
{
    const char *host = question->line->arguments[0]; /* with its source, where it took that */
    char line[256];
    answer_first_line(&question->answer_meta, line, sizeof(line));
    (void)printf("%s\n%s as read %s\n", line, escape_text(&question->arena, host),
                 phrase_time(&question->arena, snapshot->visit.time_ms,
                             question_zone(question, host, zone)));
}

static bool is_complete(const struct snapshot *snapshot)
{
    return snapshot->sections[SECTION_UDP].outcome == OUTCOME_COMPLETE &&
           snapshot->sections[SECTION_TCP].outcome == OUTCOME_COMPLETE;
}

static void print_incomplete(const struct snapshot *snapshot)
{
    static const enum section_id both[] = {SECTION_UDP, SECTION_TCP};
    for (size_t i = 0; i < 2; i++) {
        enum outcome outcome = snapshot->sections[both[i]].outcome;
        if (outcome != OUTCOME_COMPLETE) {
            (void)printf("Not complete: %s is %s\n", section_name(both[i]), outcome_name(outcome));
        }
    }
}

/* The answer is about the time of the visit, not about now. */
static int print(struct question *question, const struct snapshot *snapshot, const char *zone,
                 struct err *err)
{
    const struct command_line *line = question->line;
    bool table = line->format == FORMAT_TABLE;
    struct answer_meta meta = question->answer_meta;
    meta.as_of_ms = snapshot->visit.time_ms;
    if (table) {
        print_head(question, snapshot, zone);
    }
    struct answer *answer =
        answer_new(stdout, line->format, false, columns, COLUMNS, table ? NULL : &meta);
    int result = answer == NULL ? err_memory(err) : 0;
    for (int proto = PROTO_TCP; proto >= (int)PROTO_UDP; proto--) { /* netstat's own order */
        for (size_t i = 0; i < snapshot->endpoint_count && result == 0; i++) {
            if (snapshot->endpoints[i].proto == (enum proto)proto) {
                result = put_row(answer, &question->arena, snapshot, &snapshot->endpoints[i], err);
            }
        }
    }
    result = answer_close(answer, result, NULL, err);
    if (result == 0 && table) {
        print_incomplete(snapshot);
    }
    return result;
}

static int answer_netstat(struct question *question, struct err *err)
{
    const struct command_line *line = question->line;
    struct snapshot snapshot;
    const char *zone = NULL;
    int64_t at_ms = query_end_of(line->at_ms != 0 ? line->at_ms : line->as_of_ms);
    if (query_snapshot(question->query, line->arguments[0], at_ms, &snapshot, &zone, err) != 0) {
        return -1;
    }
    int code = print(question, &snapshot, zone, err) == 0 ? EXIT_FINE : -1;
    int64_t age_ms = (at_ms != 0 ? at_ms : question->now_ms) - snapshot.visit.time_ms;
    if (code == EXIT_FINE &&
        (!is_complete(&snapshot) || age_ms > question->settings.stale_after_ms)) {
        code = EXIT_CANNOT_TELL;
    }
    snapshot_done(&snapshot);
    return code;
}

int cmd_netstat(const struct command_line *line, struct err *err)
{
    return question_run(line, QUESTION_HOST, answer_netstat, err);
}
