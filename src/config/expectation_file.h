/* expectation_file: expectations as YAML data, the shipped ones and a user's own, in one form. */
#ifndef PVSAUDIT_CONFIG_EXPECTATION_FILE_H
#define PVSAUDIT_CONFIG_EXPECTATION_FILE_H

#include "command/command_line.h"
#include "config/settings.h"
#include "core/err.h"
#include "model/expectation.h"

#include <stddef.h>

/* The profiles that the program carries inside it. */
int expectation_file_load_shipped(struct expectation_set *ret, struct err *err);
/* Add a user's file to the set; an id that is there already is replaced. The form is described in
 * docs/EXPECTATIONS.md. ERR_CONFIG with file:line:column and a remedy. */
int expectation_file_load(const char *path, struct expectation_set *set, struct err *err);
/* The shipped ones, then the files that the settings and the command line name. */
int expectation_file_load_all(const struct settings *settings, const struct command_line *line,
                              struct expectation_set *ret, struct err *err);
int expectation_file_parse(const char *name, const char *bytes, size_t len,
                           struct expectation_set *set, struct err *err);

#endif
