/* help_words: how commands and options are written in help and in manual pages. */
#include "command/help_words.h"

#include "core/str.h"

#include <stdio.h>
#include <string.h>

/* "-i, --inventory=FILE", "--by=site" */
void help_option_words(const struct command_option *row, char *to, size_t size)
{
    char value[64] = "";
    if (row->kind == OPTION_KIND_CHOICE) {
        size_t used = 0;
        for (size_t i = 0; i < OPTION_CHOICES && row->choices[i] != NULL; i++) {
            (void)snprintf(value + used, sizeof(value) - used, "%s%s", i == 0 ? "=" : "|",
                           row->choices[i]);
            used = strlen(value);
        }
    } else if (row->value != NULL) {
        (void)snprintf(value, sizeof(value), "=%s", row->value);
    }
    if (row->letter != 0) {
        (void)snprintf(to, size, "-%c, --%s%s", row->letter, row->name, value);
    } else {
        (void)snprintf(to, size, "--%s%s", row->name, value);
    }
}

/* "hosts origin HOST [KEY]" */
void help_command_words(const struct command *row, bool arguments, char *to, size_t size)
{
    bool more = arguments && row->arguments[0] != '\0';
    (void)snprintf(to, size, "%s%s%s%s%s", row->name, row->verb == NULL ? "" : " ",
                   row->verb == NULL ? "" : row->verb, more ? " " : "", more ? row->arguments : "");
}

int help_unknown_topic(enum program program, const char *word, struct err *err)
{
    const char *names[COMMAND_COUNT];
    size_t count = 0;
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (command_in(&command_rows[i], program)) {
            names[count++] = command_rows[i].name;
        }
    }
    const char *nearest = str_nearest(word, names, count);
    return err_set(err, ERR_USAGE, "", "no help for %.100s%s%s; see: %s help", word,
                   nearest == NULL ? "" : "; did you mean ", nearest == NULL ? "" : nearest,
                   program_name(program));
}

static bool is_before(size_t a, size_t b)
{
    return exit_rows[a].code < exit_rows[b].code ||
           (exit_rows[a].code == exit_rows[b].code && a < b);
}

const struct exit_row *help_exit_row(unsigned which, size_t n)
{
    for (size_t i = 0; i < exit_row_count; i++) {
        size_t before = 0;
        for (size_t k = 0; k < exit_row_count; k++) {
            before += (which & (1U << k)) != 0 && is_before(k, i);
        }
        if ((which & (1U << i)) != 0 && before == n) {
            return &exit_rows[i];
        }
    }
    return NULL;
}
