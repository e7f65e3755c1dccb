/* prompt_history: the file of the lines that were typed, for its owner alone. */
#ifndef PVSAUDIT_CLI_PROMPT_PROMPT_HISTORY_H
#define PVSAUDIT_CLI_PROMPT_PROMPT_HISTORY_H

#include "core/err.h"

/* Opens path for reading and appending, made with its folder where it is not there, mode 0600; cuts
 * off its beginning where it has grown past 1 MiB. The descriptor, or -1 with ERR_IO. */
int prompt_history_open(const char *path, struct err *err);
/* Every line that it holds, the oldest first. */
void prompt_history_load(int fd, void (*line)(void *data, const char *text), void *data);
/* In one write, so that two prompts never mix their lines; what cannot be written is lost. */
void prompt_history_add(int fd, const char *text);

#endif
