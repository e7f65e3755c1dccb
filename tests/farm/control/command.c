/* command: what the control socket can be told, as words in and text out. */
#include "farm/control/command.h"

#include "core/clock.h"
#include "core/str.h"
#include "farm/control/tell.h"
#include "farm/server/knob.h"
#include "farm/server/misbehave.h"
#include "farm/server/names.h"
#include "farm/server/service.h"

#include <stdlib.h>
#include <string.h>

struct selection {
    struct fleet *fleet;
    struct server **servers;
    size_t count, capacity;
    struct err *err;
};

static int select_one(struct selection *s, struct server *server)
{
    if (s->count == s->capacity) {
        size_t capacity = s->capacity == 0 ? 64 : s->capacity * 2;
        struct server **servers = realloc(s->servers, capacity * sizeof(*servers));
        if (servers == NULL) {
            return err_memory(s->err);
        }
        s->servers = servers;
        s->capacity = capacity;
    }
    s->servers[s->count++] = server;
    return 0;
}

static int select_name(void *data, const char *name)
{
    struct selection *s = data;
    struct server *server = fleet_find(s->fleet, name);
    return server == NULL ? err_set(s->err, ERR_USAGE, "", "no server is called '%s'", name)
                          : select_one(s, server);
}

static int select_pattern(struct selection *s, const char *pattern)
{
    size_t before = s->count;
    for (size_t i = 0; i < s->fleet->count; i++) {
        if (str_match(pattern, s->fleet->servers[i].name) &&
            select_one(s, &s->fleet->servers[i]) != 0) {
            return -1;
        }
    }
    return s->count > before ? 0
                             : err_set(s->err, ERR_USAGE, "", "no server is called '%s'", pattern);
}

/* Names, ranges, patterns with * and ?, all. */
static int select_words(struct selection *s, char **words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *word = str_eq(words[i], "all") ? "*" : words[i];
        bool pattern = strpbrk(word, "*?") != NULL;
        int rc = pattern ? select_pattern(s, word) : names_expand(word, select_name, s, s->err);
        if (rc != 0) {
            return -1;
        }
    }
    return s->count > 0 ? 0 : err_set(s->err, ERR_USAGE, "", "which servers?");
}

/* A settable service as last word is taken off; else BNPXE. */
static int take_service(char **words, size_t *count)
{
    int service = *count > 1 ? service_find(words[*count - 1]) : -1;
    if (service < 0 || service >= SERVICE_SETTABLE) {
        return SERVICE_BNPXE;
    }
    (*count)--;
    return service;
}

static int run_reboot(struct fleet *fleet, char **words, size_t count, struct buf *answer,
                      struct err *err)
{
    struct selection s = {.fleet = fleet, .err = err};
    (void)answer;
    int rc = select_words(&s, words, count);
    for (size_t i = 0; rc == 0 && i < s.count; i++) {
        server_reboot(fleet, s.servers[i]);
    }
    free(s.servers);
    return rc;
}

static int run_lose(struct fleet *fleet, char **words, size_t count, struct buf *answer,
                    struct err *err)
{
    struct selection s = {.fleet = fleet, .err = err};
    (void)answer;
    bool now = count > 1 && str_eq(words[count - 1], "now");
    count -= now ? 1 : 0;
    int service = take_service(words, &count);
    int rc = select_words(&s, words, count);
    for (size_t i = 0; rc == 0 && i < s.count; i++) {
        s.servers[i]->services[service].lose_next |= !now;
        s.servers[i]->services[service].lost |= now;
    }
    free(s.servers);
    return rc;
}

static int run_restart(struct fleet *fleet, char **words, size_t count, struct buf *answer,
                       struct err *err)
{
    struct selection s = {.fleet = fleet, .err = err};
    (void)answer;
    int service = take_service(words, &count);
    int rc = select_words(&s, words, count);
    for (size_t i = 0; rc == 0 && i < s.count; i++) {
        if (!service_restart(fleet, s.servers[i], service)) {
            rc = err_set(err, ERR_USAGE, "", "%s is disabled or not installed on %s",
                         service_rows[service].name, s.servers[i]->name);
        }
    }
    free(s.servers);
    return rc;
}

static int run_misbehave(struct fleet *fleet, char **words, size_t count, struct buf *answer,
                         struct err *err)
{
    struct selection s = {.fleet = fleet, .err = err};
    struct server scratch;
    (void)answer;
    if (count < 2) {
        return err_set(err, ERR_USAGE, "", "misbehave HOST... KIND");
    }
    int rc = misbehave_set(&scratch, words[count - 1], err);
    rc = rc == 0 ? select_words(&s, words, count - 1) : rc;
    for (size_t i = 0; rc == 0 && i < s.count; i++) {
        rc = misbehave_set(s.servers[i], words[count - 1], err);
    }
    free(s.servers);
    return rc;
}

static int set_words(struct selection *s, char **words, size_t count)
{
    for (size_t w = 0; w < count; w++) {
        char *equal = strchr(words[w], '=');
        *equal = '\0';
        for (size_t i = 0; i < s->count; i++) {
            struct server before = *s->servers[i];
            if (knob_set(s->servers[i], words[w], equal + 1, s->fleet, s->err) != 0) {
                *s->servers[i] = before;
                return -1;
            }
        }
    }
    return 0;
}

static int run_set(struct fleet *fleet, char **words, size_t count, struct buf *answer,
                   struct err *err)
{
    struct selection s = {.fleet = fleet, .err = err};
    size_t hosts = 0;
    (void)answer;
    while (hosts < count && strchr(words[hosts], '=') == NULL) {
        hosts++;
    }
    for (size_t i = hosts; i < count; i++) {
        if (strchr(words[i], '=') == NULL) {
            return err_set(err, ERR_USAGE, "", "'%s' is no KEY=VALUE", words[i]);
        }
    }
    if (hosts == count) {
        return err_set(err, ERR_USAGE, "", "set HOST... KEY=VALUE...");
    }
    int rc = select_words(&s, words, hosts);
    rc = rc == 0 ? set_words(&s, words + hosts, count - hosts) : rc;
    free(s.servers);
    return rc;
}

static int run_clock(struct fleet *fleet, char **words, size_t count, struct buf *answer,
                     struct err *err)
{
    char text[CLOCK_TEXT];
    int64_t at = fleet_now_ms(fleet), by = 0;
    if (count > 1) {
        return err_set(err, ERR_USAGE, "", "clock [TIME | +DURATION]");
    }
    if (count == 1) {
        struct slice word = {words[0], strlen(words[0])};
        if (words[0][0] == '+' &&
            str_duration_ms((struct slice){word.data + 1, word.len - 1}, &by)) {
            at += by;
        } else if (!clock_parse(word, &at)) {
            return err_set(err, ERR_USAGE, "", "'%s' is no time and no +DURATION", words[0]);
        }
        fleet_set_clock(fleet, at);
    }
    clock_rfc3339(at, text);
    (void)buf_printf(answer, "%s\n", text);
    return 0;
}

static int run_counts(struct fleet *fleet, char **words, size_t count, struct buf *answer,
                      struct err *err)
{
    struct selection s = {.fleet = fleet, .err = err};
    if (count == 0) {
        tell_totals(fleet, answer);
        return 0;
    }
    int rc = select_words(&s, words, count);
    for (size_t i = 0; rc == 0 && i < s.count; i++) {
        tell_counts(s.servers[i], answer);
    }
    free(s.servers);
    return rc;
}

static int run_truth(struct fleet *fleet, char **words, size_t count, struct buf *answer,
                     struct err *err)
{
    struct selection s = {.fleet = fleet, .err = err};
    int rc = select_words(&s, words, count);
    for (size_t i = 0; rc == 0 && i < s.count; i++) {
        tell_truth(fleet, s.servers[i], answer);
    }
    free(s.servers);
    return rc;
}

const struct command commands[] = {
    {"reboot", "HOST...", "a new boot at the farm's now", run_reboot},
    {"lose", "HOST... [SERVICE] [now]",
     "the next boot (now: this one) runs the service without its ports", run_lose},
    {"restart", "HOST... [SERVICE]", "restarts a service: a new pid, its ports bound", run_restart},
    {"misbehave", "HOST... KIND[@WHEN][:TIMES]", "does something wrong with every connection",
     run_misbehave},
    {"set", "HOST... KEY=VALUE...", "changes a setting", run_set},
    {"clock", "[TIME | +DURATION]", "moves the farm's clock; prints it", run_clock},
    {"counts", "[HOST...]", "connections, requests, logins as JSON lines", run_counts},
    {"truth", "HOST...", "what a server really is, as JSON lines", run_truth},
};

const size_t command_count = sizeof(commands) / sizeof(commands[0]);

int command_run(struct fleet *fleet, char **words, size_t count, struct buf *answer,
                struct err *err)
{
    for (size_t i = 0; count > 0 && i < command_count; i++) {
        if (str_eq(words[0], commands[i].name)) {
            return commands[i].run(fleet, words + 1, count - 1, answer, err);
        }
    }
    return err_set(err, ERR_USAGE, "", "there is no command '%s'", count > 0 ? words[0] : "");
}
