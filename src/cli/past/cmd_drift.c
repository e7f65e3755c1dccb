/* cmd_drift: the settings that changed, and the first bad boot after each. */
#include "cli/commands.h"
#include "cli/past/past_answer.h"
#include "cli/phrase.h"
#include "core/str.h"
#include "db/query/past/drifts.h"
#include "out/escape.h"
#include "out/fold.h"

enum { COLUMNS = 20 };

static const int64_t SHOWN_MS = INT64_C(30) * 86400000;

static const struct answer_column columns[COLUMNS] = {
    {"host", "HOST", ANSWER_TEXT, false},
    {"site", "SITE", ANSWER_TEXT, false},
    {"setting", "SETTING", ANSWER_TEXT, false},
    {"item", "OF", ANSWER_TEXT, false},
    {"before", "BEFORE", ANSWER_TEXT, false},
    {"after", "AFTER", ANSWER_TEXT, false},
    {"last_before", NULL, ANSWER_TIME, false},
    {"first_after", "SINCE", ANSWER_TIME, false},
    {NULL, "UPGRADE", ANSWER_TEXT, false},
    {NULL, "FIRST BAD BOOT", ANSWER_TEXT, true},
    {"upgraded", NULL, ANSWER_BOOL, false},
    {"pvs_build_before", NULL, ANSWER_TEXT, false},
    {"pvs_build_after", NULL, ANSWER_TEXT, false},
    {"bad_boot_expectation", NULL, ANSWER_TEXT, false},
    {"bad_boot_time", NULL, ANSWER_TIME, false},
    {"bad_boot_read", NULL, ANSWER_TIME, false},
    {"bad_boot_verdict", NULL, ANSWER_TEXT, false},
    {"farm", NULL, ANSWER_TEXT, false},
    {"timezone", NULL, ANSWER_TEXT, false},
    {"source", NULL, ANSWER_TEXT, false},
};

/* "BNPXE not-bound 2026-11-23 03:12:00 CET" */
static const char *bad_of(struct question *question, const struct drift_row *row, const char *zone)
{
    struct arena *arena = &question->arena;
    return row->bad_ms == 0
               ? NULL
               : arena_printf(arena, "%s %s %s", row->expectation, verdict_name(row->verdict),
                              phrase_time(arena,
                                          row->bad_boot_ms != 0 ? row->bad_boot_ms : row->bad_ms,
                                          zone));
}

static int put_row(struct answer *answer, struct question *question, const struct drift_row *row,
                   struct err *err)
{
    struct arena *arena = &question->arena;
    const char *zone = question_zone(question, row->host, row->timezone);
    bool bad = row->bad_ms != 0;
    const struct answer_cell cells[COLUMNS] = {
        answer_text(row->host),
        answer_text(row->site),
        answer_text(fact_kind_name(row->kind)),
        answer_text(row->item[0] == '\0' ? NULL : row->item),
        answer_text(row->before),
        answer_text(row->after),
        answer_time(row->before_ms, zone),
        answer_time(row->after_ms, zone),
        answer_text(row->upgraded
                        ? arena_printf(arena, "%s to %s", row->build_before, row->build_after)
                        : NULL),
        answer_text(bad_of(question, row, zone)),
        answer_bool(row->upgraded),
        answer_text(row->build_before),
        answer_text(row->build_after),
        answer_text(row->expectation),
        answer_time(row->bad_boot_ms, zone),
        answer_time(row->bad_ms, zone),
        answer_text(bad ? verdict_name(row->verdict) : NULL),
        answer_text(row->farm),
        answer_text(row->timezone),
        answer_text(row->source),
    };
    return answer_row(answer, cells, bad ? MARK_PROBLEM : MARK_NONE, err);
}

/* The same change on many servers is one sentence. */
static bool is_alike(const struct drift_row *a, const struct drift_row *b)
{
    return a->kind == b->kind && str_eq(a->item, b->item) && str_eq(a->before, b->before) &&
           str_eq(a->after, b->after) && a->upgraded == b->upgraded;
}

/* What keeps a delayed start from being taken back; NULL where that is not what happened. */
static const char *prevention_of(const struct question *question, const struct drift_row *row)
{
    bool undone = row->kind == FACT_STARTUP &&
                  str_eq(row->before, startup_type_name(STARTUP_AUTOMATIC_DELAYED)) &&
                  str_eq(row->after, startup_type_name(STARTUP_AUTOMATIC));
    for (size_t i = 0; undone && i < question->expectations.count; i++) {
        const struct expectation *expectation = &question->expectations.items[i];
        if (str_ieq(expectation->service, row->item)) {
            return expectation->prevention;
        }
    }
    return NULL;
}

static int print_change(struct question *question, const struct drift_list *list, size_t first,
                        bool *said)
{
    struct arena *arena = &question->arena;
    const struct drift_row *of = &list->rows[first];
    const char **names = arena_array(arena, list->count, sizeof(*names));
    size_t count = 0;
    size_t bad = 0;
    for (size_t i = first; names != NULL && i < list->count; i++) {
        if (is_alike(of, &list->rows[i])) {
            said[i] = true;
            bad += list->rows[i].bad_ms != 0;
            bool again = count > 0 && str_eq(names[count - 1], list->rows[i].host);
            names[again ? count - 1 : count++] = list->rows[i].host;
        }
    }
    if (names == NULL) {
        return -1;
    }
    const char *hosts = escape_text(arena, fold_names(arena, names, count));
    const char *prevention = prevention_of(question, of);
    (void)printf("%s%s%s: %s to %s%s on %zu server%s (%s); a bad boot after it on %zu\n",
                 fact_kind_name(of->kind), of->item[0] == '\0' ? "" : " of ",
                 escape_text(arena, of->item), escape_text(arena, of->before),
                 escape_text(arena, of->after), of->upgraded ? " with an upgrade" : "", count,
                 count == 1 ? "" : "s", hosts, bad);
    if (prevention != NULL) {
        (void)printf("Prevention (%s): %s\n", hosts, escape_text(arena, prevention));
    }
    return 0;
}

static int print_footer(struct question *question, const struct drift_list *list, struct err *err)
{
    bool *said = arena_array(&question->arena, list->count + 1, sizeof(*said));
    for (size_t i = 0; said != NULL && i < list->count; i++) {
        if (!said[i] && print_change(question, list, i, said) != 0) {
            return err_memory(err);
        }
    }
    (void)printf("%zu change%s on %zu server%s with two readings to compare\n", list->count,
                 list->count == 1 ? "" : "s", list->hosts, list->hosts == 1 ? "" : "s");
    return said == NULL ? err_memory(err) : 0;
}

static int print(struct question *question, const struct drift_list *list, struct err *err)
{
    struct answer *answer = question_answer(question, columns, COLUMNS);
    int result = answer == NULL ? err_memory(err) : 0;
    for (size_t i = 0; i < list->count && result == 0; i++) {
        result = put_row(answer, question, &list->rows[i], err);
    }
    result = answer_close(answer, result, NULL, err);
    return result == 0 && question->line->format == FORMAT_TABLE ? print_footer(question, list, err)
                                                                 : result;
}

static int answer_drift(struct question *question, struct err *err)
{
    const struct command_line *line = question->line;
    struct drift_list list = {.count = 0};
    bool builds = line->argument_count == 2;
    struct drift_question asked = {.from_ms = past_from(question, SHOWN_MS), .to_ms = line->to_ms};
    if (line->argument_count == 1) {
        return err_set(err, ERR_USAGE, "", "drift takes two builds, the old one and the new one");
    }
    if (builds && (line->from_ms != 0 || line->to_ms != 0)) {
        return err_set(err, ERR_USAGE, "", "drift takes two builds or --from and --to, not both");
    }
    if (builds) {
        asked.build_from = line->arguments[0];
        asked.build_to = line->arguments[1];
    }
    if (query_drifts(question->query, &question->frame, &asked, &list, err) != 0) {
        return -1;
    }
    int result = print(question, &list, err);
    int code = result == 0 ? past_exit_code(question, list.hosts > 0) : -1;
    drift_list_done(&list);
    return code;
}

int cmd_drift(const struct command_line *line, struct err *err)
{
    return question_run(line, QUESTION_FLEET, answer_drift, err);
}
