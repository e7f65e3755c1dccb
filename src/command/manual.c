/* manual: the pages of the table of commands in man(7) form. */
#include "command/manual.h"

#include "command/help_words.h"
#include "core/str.h"

/* man(7) text: a backslash, a leading dot or quote, and hyphens that are minus signs. */
static void roff(struct buf *to, const char *text)
{
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '\\') {
            (void)buf_puts(to, "\\e");
        } else if (*p == '-') {
            (void)buf_puts(to, "\\-");
        } else if ((*p == '.' || *p == '\'') && p == text) {
            (void)buf_printf(to, "\\&%c", *p);
        } else {
            (void)buf_putc(to, *p);
        }
    }
}

static void roff_option(struct buf *to, enum option_id id)
{
    char words[128];
    help_option_words(&option_rows[id], words, sizeof(words));
    (void)buf_puts(to, ".TP\n\\fB");
    roff(to, words);
    (void)buf_puts(to, "\\fR\n");
    roff(to, option_rows[id].help);
    (void)buf_puts(to, ".\n");
}

static void roff_exit_codes(struct buf *to, unsigned which)
{
    (void)buf_puts(to, ".SH EXIT STATUS\n");
    const struct exit_row *row = NULL;
    for (size_t n = 0; (row = help_exit_row(which, n)) != NULL; n++) {
        (void)buf_printf(to, ".TP\n\\fB%d\\fR\n", row->code);
        roff(to, row->text);
        (void)buf_puts(to, ".\n");
    }
}

static void roff_command(struct buf *to, enum program program, const struct command *row)
{
    char words[128];
    help_command_words(row, true, words, sizeof(words));
    (void)buf_puts(to, ".SS ");
    roff(to, program_name(program));
    (void)buf_putc(to, ' ');
    roff(to, words);
    (void)buf_puts(to, "\nAnswers: ");
    roff(to, row->answers);
    (void)buf_puts(to, ".\n.PP\n");
    roff(to, row->description);
    (void)buf_putc(to, '\n');
    for (size_t i = 0; row->options[i] != OPTION_NONE; i++) {
        roff_option(to, row->options[i]);
    }
    (void)buf_puts(to, ".PP\nExample:\n.PP\n.EX\n");
    roff(to, row->example);
    (void)buf_puts(to, "\n.EE\n");
}

int manual_page(enum program program, const char *name, struct buf *to, struct err *err)
{
    unsigned codes = name == NULL ? HELP_EXIT_CODES : 0;
    size_t matches = 0;
    const char *answers = program == PROGRAM_COLLECT
                              ? "visit boot servers and remember what is bound"
                              : "which boot servers lost their port";
    for (size_t i = 0; name != NULL && i < COMMAND_COUNT; i++) {
        if (command_in(&command_rows[i], program) && str_eq(command_rows[i].name, name)) {
            codes |= command_rows[i].exit_codes;
            answers = command_rows[i].answers;
            matches++;
        }
    }
    if (name != NULL && matches == 0) {
        return help_unknown_topic(program, name, err);
    }
    (void)buf_printf(to, ".TH %s%s%s 1 \"\" \"pvsaudit %s\"\n.SH NAME\n", program_name(program),
                     name == NULL ? "" : "-", name == NULL ? "" : name, PVSAUDIT_VERSION);
    roff(to, program_name(program));
    if (name != NULL) {
        (void)buf_printf(to, "\\-%s", name);
    }
    (void)buf_puts(to, " \\- ");
    roff(to, matches > 1 ? "the hosts of the inventory" : answers);
    (void)buf_puts(to, "\n.SH COMMANDS\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        const struct command *row = &command_rows[i];
        if (command_in(row, program) && (name == NULL || str_eq(row->name, name))) {
            roff_command(to, program, row);
        }
    }
    (void)buf_puts(to, ".SH OPTIONS OF EVERY COMMAND\n");
    for (int i = 0; i <= OPTION_VERSION; i++) {
        roff_option(to, (enum option_id)i);
    }
    roff_exit_codes(to, codes);
    return to->failed ? err_memory(err) : 0;
}
