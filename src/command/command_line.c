/* command_line: parsing with getopt_long over the table; every mistake names what was meant. */
#include "command/command_line.h"

#include "command/option_values.h"
#include "core/str.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum { LONG_BASE = 256 };

void command_line_done(struct command_line *line)
{
    if (line != NULL) {
        arena_done(&line->arena);
        memset(line, 0, sizeof(*line));
    }
}

static int unknown(const struct command_line *line, struct err *err, const char *kind,
                   const char *dashes, const char *word, const char *nearest)
{
    char what[512];
    if (nearest == NULL) {
        (void)snprintf(what, sizeof(what), "unknown %s %s%.100s", kind, dashes, word);
    } else {
        (void)snprintf(what, sizeof(what), "unknown %s %s%.100s; did you mean %s%s?", kind, dashes,
                       word, dashes, nearest);
    }
    return option_values_usage(line, err, what);
}

static int find_option(const char *name, size_t len)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (strlen(option_rows[i].name) == len && memcmp(option_rows[i].name, name, len) == 0) {
            return i;
        }
    }
    return OPTION_NONE;
}

/* getopt_long takes any unambiguous beginning of a name; we do not, since that would turn into
 * another meaning when an option is added. */
static int check_long_words(struct command_line *line, int argc, char **argv, struct err *err)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (!str_starts(argv[i], "--")) {
            continue;
        }
        const char *name = argv[i] + 2;
        size_t len = strcspn(name, "=");
        int id = find_option(name, len);
        if (id == OPTION_NONE) {
            const char *names[OPTION_COUNT];
            for (int n = 0; n < OPTION_COUNT; n++) {
                names[n] = option_rows[n].name;
            }
            char word[64];
            (void)snprintf(word, sizeof(word), "%.*s", (int)(len < 60 ? len : 60), name);
            return unknown(line, err, "option", "--", word, str_nearest(word, names, OPTION_COUNT));
        }
        if (option_rows[id].value != NULL && name[len] == '\0') {
            i++; /* the next word is its value, whatever it looks like */
        }
    }
    return 0;
}

static void make_tables(struct option longs[OPTION_COUNT + 1], char shorts[2 * OPTION_COUNT + 2])
{
    size_t n = 0;
    shorts[n++] = ':';
    for (int i = 0; i < OPTION_COUNT; i++) {
        const struct command_option *row = &option_rows[i];
        longs[i] = (struct option){row->name, row->value != NULL ? required_argument : no_argument,
                                   NULL, LONG_BASE + i};
        if (row->letter != 0) {
            shorts[n++] = row->letter;
            if (row->value != NULL) {
                shorts[n++] = ':';
            }
        }
    }
    shorts[n] = '\0';
    longs[OPTION_COUNT] = (struct option){NULL, 0, NULL, 0};
}

static int option_of(int got)
{
    if (got >= LONG_BASE) {
        return got - LONG_BASE;
    }
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (option_rows[i].letter != 0 && option_rows[i].letter == got) {
            return i;
        }
    }
    return OPTION_NONE;
}

/* One value more of an option that is a list. */
static int take_repeated(struct command_line *line, int id, const char *value, struct err *err)
{
    bool parameter = id == OPTION_PARAM;
    const char ***list = parameter ? &line->parameters : &line->expectation_files;
    size_t *count = parameter ? &line->parameter_count : &line->expectation_file_count;
    void *items = (void *)*list;
    const char **slot = arena_push(&line->arena, &items, count, sizeof(*slot));
    if (slot == NULL) {
        return err_memory(err);
    }
    *list = items;
    *slot = value;
    return 0;
}

static int take_option(struct option_values *parse, int id, const char *value, struct err *err)
{
    struct command_line *line = parse->line;
    const struct command_option *row = &option_rows[id];
    char what[256];
    if (row->value != NULL && (value == NULL || value[0] == '\0')) {
        (void)snprintf(what, sizeof(what), "--%s needs a value, %s", row->name, row->value);
        return option_values_usage(line, err, what);
    }
    if (row->repeatable) {
        if (take_repeated(line, id, value, err) != 0) {
            return -1;
        }
    } else if (row->kind != OPTION_KIND_FLAG && parse->given[id]) {
        (void)snprintf(what, sizeof(what), "--%s is given twice", row->name);
        return option_values_usage(line, err, what);
    }
    if (id == OPTION_VERBOSE) {
        line->verbose++;
    }
    if (id == OPTION_AGAINST) {
        line->against = value;
    }
    parse->given[id] = true;
    parse->values[id] = value;
    return 0;
}

static int getopt_failed(struct command_line *line, int got, char **argv, struct err *err)
{
    char what[256];
    int id = optopt >= LONG_BASE ? optopt - LONG_BASE : option_of(optopt);
    if (got == ':' && id != OPTION_NONE) {
        (void)snprintf(what, sizeof(what), "--%s needs a value, %s", option_rows[id].name,
                       option_rows[id].value);
    } else if (id != OPTION_NONE && optopt >= LONG_BASE) {
        (void)snprintf(what, sizeof(what), "--%s takes no value", option_rows[id].name);
    } else if (optopt > ' ' && optopt < 127) {
        (void)snprintf(what, sizeof(what), "unknown option -%c", optopt);
    } else {
        (void)snprintf(what, sizeof(what), "unknown option %.100s", argv[optind - 1]);
    }
    return option_values_usage(line, err, what);
}

static int run_getopt(struct option_values *parse, int argc, char **argv, struct err *err)
{
    struct option longs[OPTION_COUNT + 1];
    char shorts[2 * OPTION_COUNT + 2];
    make_tables(longs, shorts);
    opterr = 0;
    optind = 0; /* glibc: begin anew, also for a second command line */
    for (;;) {
        int got = getopt_long(argc, argv, shorts, longs, NULL);
        if (got == -1) {
            return 0;
        }
        int id = got == '?' || got == ':' ? OPTION_NONE : option_of(got);
        if (id == OPTION_NONE) {
            return getopt_failed(parse->line, got, argv, err);
        }
        if (take_option(parse, id, optarg, err) < 0) {
            return -1;
        }
    }
}

/* The names, or below a name the verbs, that the program knows; each said once. */
static size_t candidates(enum program program, const char *name, const char **to)
{
    size_t count = 0;
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        const struct command *row = &command_rows[i];
        if (!command_in(row, program) || (name != NULL && !str_eq(row->name, name))) {
            continue;
        }
        const char *word = name == NULL ? row->name : row->verb;
        if (word != NULL && (count == 0 || !str_eq(to[count - 1], word))) {
            to[count++] = word;
        }
    }
    return count;
}

static int unknown_verb(struct command_line *line, const char *name, const char *word,
                        struct err *err)
{
    const char *verbs[COMMAND_COUNT];
    size_t count = candidates(line->program, name, verbs);
    char kind[64];
    (void)snprintf(kind, sizeof(kind), "%s command", name);
    if (word != NULL) {
        return unknown(line, err, kind, "", word, str_nearest(word, verbs, count));
    }
    char list[128] = "";
    for (size_t i = 0; i < count; i++) {
        size_t used = strlen(list);
        (void)snprintf(list + used, sizeof(list) - used, "%s%s", i == 0 ? "" : ", ", verbs[i]);
    }
    char what[256];
    (void)snprintf(what, sizeof(what), "%s needs one of: %s", name, list);
    return option_values_usage(line, err, what);
}

/* A command of that name has verbs beside this one, which has none: `hosts --against FILE`. */
static bool has_verbs(const struct command *command, enum program program)
{
    const char *verbs[COMMAND_COUNT];
    return candidates(program, command->name, verbs) > 0;
}

/* Finds the command and eats its words; help is not asked for a complete command. */
static int find_command(struct command_line *line, char **words, size_t count, size_t *ret_eaten,
                        struct err *err)
{
    if (count == 0) {
        return line->help || line->version
                   ? 0
                   : option_values_usage(line, err, "a command is needed, such as: status");
    }
    bool name_found = false;
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        const struct command *row = &command_rows[i];
        if (!command_in(row, line->program) || !str_eq(row->name, words[0])) {
            continue;
        }
        name_found = true;
        if (row->verb == NULL && has_verbs(row, line->program) && line->against == NULL) {
            continue; /* only its option makes it that command */
        }
        if (row->verb == NULL || (count > 1 && str_eq(row->verb, words[1]))) {
            line->command = row;
            line->topic_name = row->name;
            line->topic_verb = row->verb;
            *ret_eaten = row->verb == NULL ? 1 : 2;
            return 0;
        }
    }
    if (!name_found) {
        const char *names[COMMAND_COUNT];
        size_t known = candidates(line->program, NULL, names);
        return unknown(line, err, "command", "", words[0], str_nearest(words[0], names, known));
    }
    if (line->help && count == 1) {
        line->topic_name = words[0];
        *ret_eaten = 1;
        return 0;
    }
    return unknown_verb(line, words[0], count > 1 ? words[1] : NULL, err);
}

static int check_arguments(struct command_line *line, struct err *err)
{
    const struct command *command = line->command;
    char what[256];
    if (command == NULL || line->help) {
        return 0;
    }
    if (line->argument_count < command->min_arguments) {
        (void)snprintf(what, sizeof(what), "%s needs %s", command->name, command->arguments);
        return option_values_usage(line, err, what);
    }
    if (line->argument_count > command->max_arguments) {
        (void)snprintf(what, sizeof(what), "one argument too many: %.100s",
                       line->arguments[command->max_arguments]);
        return option_values_usage(line, err, what);
    }
    return 0;
}

static int check_taken(const struct option_values *parse, struct err *err)
{
    const struct command_line *line = parse->line;
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (parse->given[i] && line->command != NULL && !line->help &&
            !command_takes(line->command, (enum option_id)i)) {
            char what[256];
            (void)snprintf(what, sizeof(what), "%s does not take --%s", line->command->name,
                           option_rows[i].name);
            return option_values_usage(line, err, what);
        }
    }
    return 0;
}

/* pvsaudit says which version it is as the first word, so that two halves never disagree. */
static int check_from_cli(int argc, char **argv, int *ret_skip, struct err *err)
{
    static const char prefix[] = "--from-cli=";
    if (argc < 2 || !str_starts(argv[1], prefix)) {
        return 0;
    }
    const char *version = argv[1] + sizeof(prefix) - 1;
    if (!str_eq(version, PVSAUDIT_VERSION)) {
        return err_set(err, ERR_CONFIG, "",
                       "pvsaudit %.40s started pvsaudit-collect %s: install both from one version",
                       version, PVSAUDIT_VERSION);
    }
    *ret_skip = 1;
    return 0;
}

static int split_words(struct command_line *line, int argc, char **argv, struct err *err)
{
    char **words = argv + optind;
    size_t count = (size_t)(argc - optind);
    size_t eaten = 0;
    if (find_command(line, words, count, &eaten, err) < 0) {
        return -1;
    }
    line->argument_count = count - eaten;
    line->arguments = arena_array(&line->arena, line->argument_count + 1, sizeof(char *));
    if (line->arguments == NULL) {
        return err_memory(err);
    }
    for (size_t i = 0; i < line->argument_count; i++) {
        line->arguments[i] = words[eaten + i];
    }
    if (line->command != NULL && line->command->id == COMMAND_HELP && !line->help) {
        line->topic_name = line->argument_count > 0 ? line->arguments[0] : NULL;
        line->topic_verb = line->argument_count > 1 ? line->arguments[1] : NULL;
    }
    return check_arguments(line, err);
}

int command_line_parse(enum program program, int argc, char **argv, int64_t now_ms,
                       struct command_line *ret, struct err *err)
{
    struct command_line line = {.program = program, .words = argv + 1};
    struct option_values parse = {.line = &line, .now_ms = now_ms};
    int skip = 0;
    if (program == PROGRAM_COLLECT && check_from_cli(argc, argv, &skip, err) < 0) {
        return -1;
    }
    argc -= skip;
    argv += skip;
    line.word_count = argc > 1 ? (size_t)argc - 1 : 0;
    if (check_long_words(&line, argc, argv, err) < 0 || run_getopt(&parse, argc, argv, err) < 0) {
        goto fail;
    }
    line.help = parse.given[OPTION_HELP];
    line.version = parse.given[OPTION_VERSION];
    if (split_words(&line, argc, argv, err) < 0 || check_taken(&parse, err) < 0 ||
        option_values_take(&parse, err) < 0) {
        goto fail;
    }
    *ret = line;
    return 0;
fail:
    command_line_done(&line);
    return -1;
}
