/* prompt: libedit, with a reader of our own so that Ctrl-C ends the line and not the program. */
#include "cli/prompt/prompt.h"

#include "cli/prompt/prompt_history.h"
#include "core/log.h"
#include "core/str.h"

#include <errno.h>
#include <histedit.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <wchar.h>

enum { LINES_KEPT = 1000, LISTED_MAX = 200, LINE_WIDTH = 79 };

struct prompt {
    const struct prompt_options *options;
    EditLine *editor;
    History *history;
    int history_fd; /* -1 = none */
    const char *label;
    char *line; /* what was read last */
};

static struct prompt *prompt_of(EditLine *editor)
{
    void *prompt = NULL;
    (void)el_get(editor, EL_CLIENTDATA, &prompt);
    return prompt;
}

static char *show_label(EditLine *editor)
{
    return (char *)prompt_of(editor)->label;
}

/* Waits until there is something to read; false where Ctrl-C came, also just before. */
static bool wait_input(const struct prompt *prompt)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    sigset_t interrupt;
    sigset_t before;
    int ready = -1;
    (void)sigemptyset(&interrupt);
    (void)sigaddset(&interrupt, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &interrupt, &before);
    while (ready < 0 && *prompt->options->interrupted == 0) {
        ready = ppoll(&input, 1, NULL, &before);
        if (ready < 0 && errno != EINTR) {
            break;
        }
    }
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    return ready > 0;
}

/* One character of the terminal; -1 where Ctrl-C came or the terminal has gone. */
static int read_character(EditLine *editor, wchar_t *ret)
{
    const struct prompt *prompt = prompt_of(editor);
    mbstate_t state = {0};
    for (;;) {
        char byte = 0;
        ssize_t got = wait_input(prompt) ? read(STDIN_FILENO, &byte, 1) : -1;
        if (got <= 0) {
            return (int)got;
        }
        size_t used = mbrtowc(ret, &byte, 1, &state);
        if (used == 0 || used == 1) {
            return 1;
        }
        if (used == (size_t)-1) {
            memset(&state, 0, sizeof(state)); /* no character begins like this: it is left out */
        }
    }
}

/* How far all words are the same, without regard to case. */
static size_t common(const char *const *words)
{
    size_t len = strlen(words[0]);
    for (size_t i = 1; words[i] != NULL; i++) {
        size_t same = 0;
        while (same < len && strncasecmp(words[0], words[i], same + 1) == 0) {
            same++;
        }
        len = same;
    }
    return len;
}

static void list(const char *const *words)
{
    size_t width = 0;
    for (size_t i = 0; words[i] != NULL && i < LISTED_MAX; i++) {
        size_t len = strlen(words[i]) + 2;
        if (width == 0 || width + len > LINE_WIDTH) {
            (void)fputc('\n', stdout);
            width = 0;
        }
        (void)printf("%s  ", words[i]);
        width += len;
    }
    (void)fputc('\n', stdout);
    (void)fflush(stdout);
}

static unsigned char complete(EditLine *editor, int key)
{
    struct prompt *prompt = prompt_of(editor);
    const LineInfo *line = el_line(editor);
    struct arena arena = {.blocks = NULL};
    size_t typed = 0;
    unsigned char result = CC_ERROR;
    (void)key;
    const char *before = arena_strndup(&arena, line->buffer, (size_t)(line->cursor - line->buffer));
    const char **words =
        before == NULL ? NULL
                       : prompt->options->complete(prompt->options->data, before, &arena, &typed);
    if (words != NULL && words[0] != NULL) {
        size_t len = common(words);
        const char *more =
            len > typed ? arena_strndup(&arena, words[0] + typed, len - typed) : NULL;
        if (more != NULL) {
            result = el_insertstr(editor, more) == 0 ? CC_REFRESH : CC_ERROR;
        } else if (words[1] != NULL) {
            list(words);
            result = CC_REDISPLAY;
        }
    }
    arena_done(&arena);
    return result;
}

static void remember(void *data, const char *text)
{
    struct prompt *prompt = data;
    HistEvent event;
    (void)history(prompt->history, &event, H_ENTER, text);
}

static void open_history(struct prompt *prompt)
{
    struct err err = {.code = ERR_NONE};
    if (prompt->options->history == NULL) {
        return;
    }
    prompt->history_fd = prompt_history_open(prompt->options->history, &err);
    if (prompt->history_fd < 0) {
        log_line(LOG_WARNING, NULL, "the lines are not kept: %s", err.text);
        return;
    }
    prompt_history_load(prompt->history_fd, remember, prompt);
}

/* el_set copies the two words of EL_ADDFN and forgets the copies; el_wset borrows them. */
static int set_up(struct prompt *prompt)
{
    HistEvent event;
    prompt->editor = el_init(prompt->options->program, stdin, stdout, stderr);
    prompt->history = history_init();
    if (prompt->editor == NULL || prompt->history == NULL) {
        return -1;
    }
    (void)history(prompt->history, &event, H_SETSIZE, LINES_KEPT);
    (void)history(prompt->history, &event, H_SETUNIQUE, 1);
    return el_set(prompt->editor, EL_CLIENTDATA, prompt) != 0 ||
                   el_set(prompt->editor, EL_PROMPT, show_label) != 0 ||
                   el_set(prompt->editor, EL_EDITOR, "emacs") != 0 ||
                   el_set(prompt->editor, EL_HIST, history, prompt->history) != 0 ||
                   el_set(prompt->editor, EL_GETCFN, read_character) != 0 ||
                   el_wset(prompt->editor, EL_ADDFN, L"complete", L"Complete the word", complete) !=
                       0 ||
                   el_set(prompt->editor, EL_BIND, "^I", "complete", NULL) != 0 ||
                   el_set(prompt->editor, EL_BIND, "^R", "em-inc-search-prev", NULL) != 0
               ? -1
               : 0;
}

int prompt_open(const struct prompt_options *options, struct prompt **ret, struct err *err)
{
    struct prompt *prompt = calloc(1, sizeof(*prompt));
    if (prompt == NULL) {
        return err_memory(err);
    }
    *prompt = (struct prompt){.options = options, .history_fd = -1, .label = ""};
    if (set_up(prompt) != 0) {
        prompt_close(prompt);
        return err_set(err, ERR_IO, "prompt", "this terminal cannot be used (TERM)");
    }
    open_history(prompt);
    *ret = prompt;
    return 0;
}

void prompt_close(struct prompt *prompt)
{
    if (prompt == NULL) {
        return;
    }
    if (prompt->editor != NULL) {
        el_end(prompt->editor);
    }
    if (prompt->history != NULL) {
        history_end(prompt->history);
    }
    if (prompt->history_fd >= 0) {
        (void)close(prompt->history_fd);
    }
    free(prompt->line);
    free(prompt);
}

static void keep(struct prompt *prompt)
{
    if (prompt->line[strspn(prompt->line, " \t")] == '\0') {
        return;
    }
    remember(prompt, prompt->line);
    if (prompt->history_fd >= 0) {
        prompt_history_add(prompt->history_fd, prompt->line);
    }
}

enum prompt_result prompt_read(struct prompt *prompt, const char *label, const char **ret_line)
{
    int count = 0;
    prompt->label = label;
    el_resize(prompt->editor);
    const char *got = el_gets(prompt->editor, &count);
    if (got == NULL || count <= 0) {
        (void)fputc('\n', stdout);
        return *prompt->options->interrupted != 0 ? PROMPT_INTERRUPTED : PROMPT_END;
    }
    free(prompt->line);
    prompt->line = strndup(got, strcspn(got, "\r\n"));
    if (prompt->line == NULL) {
        return PROMPT_END;
    }
    keep(prompt);
    *ret_line = prompt->line;
    return PROMPT_LINE;
}
