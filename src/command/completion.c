/* completion: a script for bash, whose tables are the rows of commands and options. */
#include "command/completion.h"

#include "core/str.h"

#include <string.h>

/* What stands before the tables: the words of the command so far, without options and their
 * values. Bash cuts --color=auto into three words, unless somebody has told it not to. */
static const char head[] =
    "{\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} prefix= word i\n"
    "    local options= names= arguments= own=1 skip=\n"
    "    local -a words=() wanted=()\n"
    "    COMPREPLY=()\n"
    "    if [[ $cur == --*=* ]]; then\n"
    "        prev=${cur%%=*} prefix=${cur%%=*}= cur=${cur#*=}\n"
    "    elif [[ $cur == = ]]; then\n"
    "        cur=\n"
    "    elif [[ $prev == = ]]; then\n"
    "        prev=${COMP_WORDS[COMP_CWORD-2]}\n"
    "    fi\n"
    "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
    "        word=${COMP_WORDS[i]}\n"
    "        if [[ -n $skip ]]; then\n"
    "            [[ $word == = ]] || skip=\n"
    "            continue\n"
    "        fi\n"
    "        case $word in\n";

/* What stands behind them: a value was dealt with, so an option, a name or an argument is next. */
static const char tail[] = "    if [[ $cur == -* ]]; then\n"
                           "        COMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
                           "    elif [[ -n $names ]]; then\n"
                           "        COMPREPLY=($(compgen -W \"$names\" -- \"$cur\"))\n"
                           "    else\n"
                           "        read -ra wanted <<<\"$arguments\"\n"
                           "        if [[ ${wanted[${#words[@]} - own]-} == FILE ]]; then\n"
                           "            compopt -o filenames 2>/dev/null\n"
                           "            mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
                           "        fi\n"
                           "    fi\n"
                           "}\n";

/* "-i | --inventory" */
static void put_pattern(struct buf *to, const struct command_option *row)
{
    if (row->letter != 0) {
        (void)buf_printf(to, "-%c | ", row->letter);
    }
    (void)buf_printf(to, "--%s", row->name);
}

static void put_value_options(struct buf *to)
{
    bool first = true;
    (void)buf_puts(to, "        ");
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (option_rows[i].value != NULL) {
            (void)buf_puts(to, first ? "" : " | ");
            put_pattern(to, &option_rows[i]);
            first = false;
        }
    }
    (void)buf_puts(to, ") skip=1 ;;\n        -* | =) ;;\n        *) words+=(\"$word\") ;;\n"
                       "        esac\n    done\n");
}

/* What a value may be, where an option that takes one stands before the cursor. */
static void put_value(struct buf *to, const struct command_option *row)
{
    (void)buf_puts(to, "    ");
    put_pattern(to, row);
    (void)buf_puts(to, ")\n");
    if (row->kind == OPTION_KIND_CHOICE) {
        (void)buf_puts(to, "        COMPREPLY=($(compgen -P \"$prefix\" -W \"");
        for (size_t i = 0; i < OPTION_CHOICES && row->choices[i] != NULL; i++) {
            (void)buf_printf(to, "%s%s", i == 0 ? "" : " ", row->choices[i]);
        }
        (void)buf_puts(to, "\" -- \"$cur\"))\n");
    } else if (str_eq(row->value, "FILE") || str_eq(row->value, "DIR")) {
        (void)buf_printf(to,
                         "        compopt -o filenames 2>/dev/null\n"
                         "        mapfile -t COMPREPLY < <(compgen -P \"$prefix\" -%c -- "
                         "\"$cur\")\n",
                         str_eq(row->value, "DIR") ? 'd' : 'f');
    }
    (void)buf_puts(to, "        return\n        ;;\n");
}

static void put_values(struct buf *to)
{
    (void)buf_puts(to, "    case $prev in\n");
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (option_rows[i].value != NULL) {
            put_value(to, &option_rows[i]);
        }
    }
    (void)buf_puts(to, "    esac\n");
}

/* The commands, or a command's verbs, each once. */
static void put_names(struct buf *to, enum program program, const char *name)
{
    const char *last = NULL;
    (void)buf_puts(to, "names=\"");
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        const struct command *row = &command_rows[i];
        const char *word = name == NULL ? row->name : row->verb;
        bool wanted = command_in(row, program) && (name == NULL || str_eq(row->name, name));
        if (wanted && word != NULL && !str_eq(word, last)) {
            (void)buf_printf(to, "%s%s", last == NULL ? "" : " ", word);
            last = word;
        }
    }
    (void)buf_puts(to, "\"");
}

static void put_command(struct buf *to, const struct command *row)
{
    if (row->verb == NULL) {
        (void)buf_printf(to, "    \"%s \"*) ", row->name);
    } else {
        (void)buf_printf(to, "    \"%s %s\") own=2 ", row->name, row->verb);
    }
    (void)buf_puts(to, "options=\"");
    for (size_t i = 0; row->options[i] != OPTION_NONE; i++) {
        (void)buf_printf(to, "%s--%s", i == 0 ? "" : " ", option_rows[row->options[i]].name);
    }
    (void)buf_printf(to, "\" arguments=\"%s\" ;;\n", row->arguments);
}

/* A name that wants a verb yet, said itself or as what help is asked about; the command's own row
 * is looked for after it. */
static void put_verbs(struct buf *to, enum program program, const struct command *row)
{
    (void)buf_printf(to, "    \"%s \" | \"help %s\") ", row->name, row->name);
    put_names(to, program, row->name);
    (void)buf_puts(to, " ;;&\n");
}

static void put_commands(struct buf *to, enum program program)
{
    (void)buf_puts(to, "    case \"${words[0]-} ${words[1]-}\" in\n    \" \" | \"help \") ");
    put_names(to, program, NULL);
    (void)buf_puts(to, " ;;&\n");
    const char *last = NULL;
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        const struct command *row = &command_rows[i];
        if (!command_in(row, program)) {
            continue;
        }
        if (row->verb != NULL && !str_eq(row->name, last)) {
            put_verbs(to, program, row);
        }
        last = row->name;
    }
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (command_in(&command_rows[i], program)) {
            put_command(to, &command_rows[i]);
        }
    }
    (void)buf_puts(to, "    esac\n    options+=\"");
    for (int i = 0; i <= OPTION_VERSION; i++) {
        (void)buf_printf(to, " --%s", option_rows[i].name);
    }
    (void)buf_puts(to, "\"\n");
}

int completion_bash(enum program program, struct buf *to, struct err *err)
{
    const char *name = program_name(program);
    const char *function = program == PROGRAM_COLLECT ? "_pvsaudit_collect" : "_pvsaudit";
    (void)buf_printf(to, "# Completion of %s for bash, as `%s help --completion=bash` writes it.\n",
                     name, name);
    (void)buf_printf(to, "%s()\n%s", function, head);
    put_value_options(to);
    put_values(to);
    put_commands(to, program);
    (void)buf_puts(to, tail);
    (void)buf_printf(to, "complete -F %s %s\n", function, name);
    return to->failed ? err_memory(err) : 0;
}
