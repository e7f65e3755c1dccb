/* text_file: a whole configuration file in memory, and paths relative to the file that names them.
 */
#ifndef PVSAUDIT_CONFIG_TEXT_FILE_H
#define PVSAUDIT_CONFIG_TEXT_FILE_H

#include "core/arena.h"
#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>

/* path "-" is standard input. Free *ret_bytes with free(3). ERR_CONFIG names the path: absent, a
 * folder, a FIFO, unreadable, or more than max bytes. *ret_absent (may be NULL) tells a file that
 * is not there from every other failure. */
int text_file_load(const char *path, size_t max, char **ret_bytes, size_t *ret_len,
                   bool *ret_absent, struct err *err);

/* path as the file `from` means it: absolute as it is, ~/ from HOME, else relative to the folder of
 * `from` (as it is, where from has no folder). NULL: no memory. */
const char *text_file_path(struct arena *arena, const char *from, const char *path);

#endif
