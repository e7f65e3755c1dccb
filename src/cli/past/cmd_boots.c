/* cmd_boots: what the boots came to, by what they have in common. */
#include "cli/commands.h"
#include "cli/past/boot_groups.h"
#include "cli/past/cmd_boots_each.h"
#include "cli/past/past_answer.h"
#include "cli/phrase.h"
#include "core/str.h"
#include "model/wilson.h"
#include "out/escape.h"

#include <string.h>

enum { COLUMNS = 19, VALUE_COLUMN = 2 };

static const struct answer_column columns[COLUMNS] = {
    {"expectation", "EXPECTATION", ANSWER_TEXT, false},
    {NULL, "PORT", ANSWER_TEXT, false},
    {"value", NULL, ANSWER_TEXT, false},
    {"boots", "BOOTS", ANSWER_INT, false},
    {"bound", "BOUND", ANSWER_INT, false},
    {"lost", "LOST", ANSWER_INT, true},
    {"loss_rate", "RATE", ANSWER_RATE, false},
    {NULL, "95 %", ANSWER_TEXT, false},
    {"suspect", "SUSPECT", ANSWER_INT, false},
    {"undecided", "UNDECIDED", ANSWER_INT, false},
    {"unidentified", "NO BOOT TIME", ANSWER_INT, false},
    {"off", "OFF", ANSWER_INT, false},
    {"by", NULL, ANSWER_TEXT, false},
    {"service", NULL, ANSWER_TEXT, false},
    {"proto", NULL, ANSWER_TEXT, false},
    {"port", NULL, ANSWER_PORT, false},
    {"loss_low", NULL, ANSWER_RATE, false},
    {"loss_high", NULL, ANSWER_RATE, false},
    {"sentence", NULL, ANSWER_TEXT, false},
};

struct counting {
    struct question *question;
    struct boot_groups groups;
    struct boot_list list; /* each of them, or the closest ones only */
};

static int64_t millionths(double share)
{
    return (int64_t)(share * ANSWER_RATE_ONE + 0.5);
}

/* The sentence of the one expectation whose groups begin at `first`; *ret_next: those of the next
 * begin there. */
static int sentence_of(struct arena *arena, const struct boot_groups *groups, size_t first,
                       size_t *ret_next, const char **ret)
{
    struct boot_group *parts = arena_array(arena, groups->count, sizeof(*parts));
    const struct counted_boots *of = &groups->items[first];
    size_t count = 0;
    size_t i = first;
    for (; parts != NULL && i < groups->count; i++) {
        const struct counted_boots *group = &groups->items[i];
        if (!str_eq(group->expectation, of->expectation)) {
            break;
        }
        if (group->value != NULL) {
            parts[count++] = (struct boot_group){group->value, &group->tally};
        }
    }
    *ret_next = i;
    return parts == NULL
               ? -1
               : boot_sentence(arena, parts, count, phrase_port(arena, of->proto, of->port), ret);
}

static int put_group(struct answer *answer, struct arena *arena, const struct boot_groups *groups,
                     const struct counted_boots *group, const char *sentence, struct err *err)
{
    const size_t *counts = group->tally.counts;
    size_t base = boot_tally_base(&group->tally);
    size_t lost = counts[BOOT_RESULT_LOST];
    struct wilson interval = wilson_interval(lost, base);
    bool known = base > 0;
    double rate = known ? (double)lost / (double)base : 0;
    const char *shown =
        arena_printf(arena, "%.1f-%.1f %%", interval.low * 100, interval.high * 100);
    const struct answer_cell cells[COLUMNS] = {
        answer_text(group->expectation),
        answer_text(phrase_port_short(arena, group->proto, group->port)),
        answer_text(group->value),
        answer_number((int64_t)base),
        answer_number((int64_t)counts[BOOT_RESULT_BOUND]),
        answer_number((int64_t)lost),
        known ? answer_number(millionths(rate)) : answer_none(),
        answer_text(known ? shown : NULL),
        answer_number((int64_t)counts[BOOT_RESULT_SUSPECT]),
        answer_number((int64_t)counts[BOOT_RESULT_UNDECIDED]),
        answer_number((int64_t)counts[BOOT_RESULT_UNIDENTIFIED]),
        answer_number((int64_t)counts[BOOT_RESULT_OFF]),
        answer_text(boot_groups_name(groups->by)),
        answer_text(group->service),
        answer_text(proto_name(group->proto)),
        answer_number(group->port),
        known ? answer_number(millionths(interval.low)) : answer_none(),
        known ? answer_number(millionths(interval.high)) : answer_none(),
        answer_text(sentence),
    };
    return answer_row(answer, cells, lost > 0 ? MARK_PROBLEM : MARK_NONE, err);
}

static int print_groups(struct question *question, const struct boot_groups *groups,
                        struct err *err)
{
    struct arena *arena = &question->arena;
    struct answer_column shown[COLUMNS];
    memcpy(shown, columns, sizeof(shown));
    shown[VALUE_COLUMN].title = boot_groups_title(groups->by);
    struct answer *answer = question_answer(question, shown, COLUMNS);
    int result = answer == NULL ? err_memory(err) : 0;
    size_t i = 0;
    while (i < groups->count && result == 0) {
        const char *sentence = NULL;
        size_t next = i;
        if (sentence_of(arena, groups, i, &next, &sentence) != 0) {
            result = err_memory(err);
        }
        for (; i < next && result == 0; i++) {
            result = put_group(answer, arena, groups, &groups->items[i], sentence, err);
        }
    }
    return answer_close(answer, result, NULL, err);
}

static int print_sentences(struct question *question, const struct boot_groups *groups,
                           struct err *err)
{
    struct arena *arena = &question->arena;
    size_t i = 0;
    while (i < groups->count) {
        const char *expectation = groups->items[i].expectation;
        const char *sentence = NULL;
        if (sentence_of(arena, groups, i, &i, &sentence) != 0) {
            return err_memory(err);
        }
        if (sentence == NULL) {
            (void)printf("%s: no group has %d boots, too few for a sentence\n",
                         escape_text(arena, expectation), BOOT_SENTENCE_MIN);
        } else {
            (void)printf("%s: %s\n", escape_text(arena, expectation), escape_text(arena, sentence));
        }
    }
    return 0;
}

static void print_notes(const struct boot_groups *groups)
{
    struct boot_tally all = {{0}};
    for (size_t i = 0; i < groups->count; i++) {
        for (int k = 0; k < BOOT_RESULT_COUNT; k++) {
            all.counts[k] += groups->items[i].tally.counts[k];
        }
    }
    if (all.counts[BOOT_RESULT_SUSPECT] > 0) {
        (void)printf("Suspect: bound by a process that was restarted before anybody looked; in no "
                     "rate\n");
    }
    if (all.counts[BOOT_RESULT_UNDECIDED] > 0) {
        (void)printf("Undecided: no reading of the boot could tell; in no rate\n");
    }
}

static int take_row(void *data, const struct boot_row *row, struct err *err)
{
    struct counting *counting = data;
    struct arena *arena = &counting->question->arena;
    return boot_groups_add(&counting->groups, arena, row) != 0 ||
                   boot_list_add(&counting->list, arena, row) != 0
               ? err_memory(err)
               : 0;
}

static int answer_boots(struct question *question, struct err *err)
{
    const struct command_line *line = question->line;
    bool each = line->by == BY_BOOT;
    bool table = line->format == FORMAT_TABLE;
    struct counting counting = {.question = question,
                                .groups = {.by = line->by},
                                .list = {.max = each ? 0 : BOOT_LIST_CLOSEST}};
    const struct boots_question asked = {
        .from_ms = line->from_ms, .to_ms = line->to_ms, .windows = each || line->by == BY_WINDOW};
    int result = query_boots(question->query, &question->frame, &asked, take_row, &counting, err);
    boot_groups_sort(&counting.groups);
    boot_list_sort(&counting.list);
    if (result == 0) {
        result = each ? boot_list_print(question, &counting.list, err)
                      : print_groups(question, &counting.groups, err);
    }
    if (result == 0 && table && !each) {
        result = print_sentences(question, &counting.groups, err);
        print_notes(&counting.groups);
        boot_list_print_closest(question, &counting.list);
    }
    return result == 0 ? past_exit_code(question, counting.groups.count > 0) : -1;
}

int cmd_boots(const struct command_line *line, struct err *err)
{
    return question_run(line, QUESTION_FLEET, answer_boots, err);
}
