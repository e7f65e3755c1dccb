/* past_answer: what the commands that ask about the past have in common. */
#include "cli/past/past_answer.h"

#include "out/summary.h"

int64_t past_from(const struct question *question, int64_t length_ms)
{
    if (question->line->from_ms != 0) {
        return question->line->from_ms;
    }
    int64_t end_ms = question->line->to_ms != 0 ? question->line->to_ms : question->meta.as_of_ms;
    return end_ms > length_ms ? end_ms - length_ms : 0;
}

int past_exit_code(const struct question *question, bool told)
{
    return told && !question->answer_meta.stale ? EXIT_FINE : EXIT_CANNOT_TELL;
}

const enum section_id *past_compared(size_t *ret_count)
{
    static const enum section_id compared[] = {SECTION_UDP, SECTION_TCP, SECTION_SERVICES,
                                               SECTION_REGISTRY};
    *ret_count = sizeof(compared) / sizeof(compared[0]);
    return compared;
}
