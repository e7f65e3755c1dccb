/* past_answer: what the commands that ask about the past have in common. */
#ifndef PVSAUDIT_CLI_PAST_PAST_ANSWER_H
#define PVSAUDIT_CLI_PAST_PAST_ANSWER_H

#include "cli/question.h"

/* From T of the option, else so long before the answer's as_of; 0 where nothing was ever seen. */
int64_t past_from(const struct question *question, int64_t length_ms);
/* Fine, or cannot tell: where the last complete scan is too old, or nothing was there to tell. */
int past_exit_code(const struct question *question, bool told);
/* The sections that diff and compare go by; *ret_count of them. */
const enum section_id *past_compared(size_t *ret_count);

#endif
