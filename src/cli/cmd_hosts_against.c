/* cmd_hosts_against: the hosts here beside the servers that a farm itself names. */
#include "cli/commands.h"
#include "cli/question.h"
#include "config/server_list.h"
#include "core/ip.h"
#include "core/log.h"
#include "core/str.h"
#include "out/summary.h"

#include <string.h>
#include <strings.h>
#include <unistd.h>

/* A host of the inventory, or without one of the history. */
struct known {
    const char *name, *address, *computer_name, *site;
    enum host_state state;
    bool asked; /* --limit wants it */
    const struct server_entry *entry; /* what it is there; NULL = not found yet */
};

struct comparison {
    struct question *question;
    struct server_list there;
    struct known *here;
    size_t count;
    struct host_list list; /* of the history: names that machines give themselves */
    struct answer *answer;
    size_t missing_here, missing_there, renamed, others;
};

static const struct answer_column columns[] = {
    {"what", "WHAT", ANSWER_TEXT, true},     {"host", "HERE", ANSWER_TEXT, false},
    {"server", "THERE", ANSWER_TEXT, false}, {"by", "BY", ANSWER_TEXT, false},
    {"site", "SITE", ANSWER_TEXT, false},    {"server_site", "SITE THERE", ANSWER_TEXT, false},
    {"line", "LINE", ANSWER_INT, false},
};
enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };

static size_t label_length(const char *name)
{
    return strcspn(name, ".");
}

static bool is_address(const char *text, struct ip *ret)
{
    return ip_parse((struct slice){text, strlen(text)}, ret);
}

/* Case aside; where one of the two has no domain, by what stands before the first point. */
static bool same_name(const char *a, const char *b)
{
    struct ip ip;
    if (a == NULL || b == NULL) {
        return false;
    }
    size_t a_len = strlen(a) - (a[0] != '\0' && a[strlen(a) - 1] == '.');
    size_t b_len = strlen(b) - (b[0] != '\0' && b[strlen(b) - 1] == '.');
    bool whole = is_address(a, &ip) || is_address(b, &ip) ||
                 (label_length(a) < a_len && label_length(b) < b_len);
    if (!whole) {
        a_len = label_length(a) < a_len ? label_length(a) : a_len;
        b_len = label_length(b) < b_len ? label_length(b) : b_len;
    }
    return a_len == b_len && a_len > 0 && strncasecmp(a, b, a_len) == 0;
}

static bool is_entry(const struct server_entry *entry, const char *name)
{
    /* What a full name says counts for more than a short one. */
    return entry->fqdn != NULL ? same_name(entry->fqdn, name) : same_name(entry->name, name);
}

/* One of the addresses that the file lists. */
static bool has_address(const struct server_entry *entry, const char *address)
{
    struct ip wanted;
    struct ip found;
    char text[64];
    if (entry->address == NULL || address == NULL || !is_address(address, &wanted)) {
        return false;
    }
    for (const char *at = entry->address; *at != '\0';) {
        size_t len = strcspn(at, " ,;{}()|");
        if (len > 0 && len < sizeof(text)) {
            (void)snprintf(text, sizeof(text), "%.*s", (int)len, at);
            if (is_address(text, &found) && ip_equal(&wanted, &found)) {
                return true;
            }
        }
        at += len + (at[len] != '\0');
    }
    return false;
}

static const char *renamed_by(const struct known *host, const struct server_entry *entry)
{
    if (is_entry(entry, host->computer_name)) {
        return "computer name";
    }
    return is_entry(entry, host->address) || has_address(entry, host->address) ? "address" : NULL;
}

static const char *computer_of(const struct comparison *comparison, const char *name)
{
    for (size_t i = 0; i < comparison->list.count; i++) {
        if (str_eq(comparison->list.rows[i].name, name)) {
            return comparison->list.rows[i].computer_name;
        }
    }
    return NULL;
}

static int list_inventory(struct comparison *comparison, struct err *err)
{
    struct question *question = comparison->question;
    const struct inventory *inventory = &question->inventory;
    comparison->here = arena_array(&question->arena, inventory->count + 1, sizeof(struct known));
    if (comparison->here == NULL) {
        return err_memory(err);
    }
    for (size_t i = 0; i < inventory->count; i++) {
        const struct host *host = &inventory->hosts[i];
        comparison->here[comparison->count++] =
            (struct known){.name = host->name,
                           .address = host->address,
                           .computer_name = computer_of(comparison, host->name),
                           .site = host->site,
                           .state = host->state,
                           .asked = question->selected[i]};
    }
    return 0;
}

static int list_history(struct comparison *comparison, struct err *err)
{
    struct question *question = comparison->question;
    const struct host_list *list = &comparison->list;
    comparison->here = arena_array(&question->arena, list->count + 1, sizeof(struct known));
    if (comparison->here == NULL) {
        return err_memory(err);
    }
    for (size_t i = 0; i < list->count; i++) {
        const struct host_row *row = &list->rows[i];
        if (row->counts) {
            comparison->here[comparison->count++] =
                (struct known){.name = row->name,
                               .computer_name = row->computer_name,
                               .site = row->site,
                               .state = row->state,
                               .asked = question_wants(question, row->name, row->site, row->farm)};
        }
    }
    return 0;
}

/* With an inventory the history only helps: it knows what the machines call themselves. */
static int load_here(struct comparison *comparison, struct err *err)
{
    struct question *question = comparison->question;
    const struct query_frame frame = {.as_of_ms = question->line->as_of_ms};
    bool there = access(question->settings.db, F_OK) == 0;
    if (there || !question->has_inventory) {
        if (query_open(question->settings.db, &question->query, err) != 0 ||
            query_hosts(question->query, &frame, &comparison->list, err) != 0) {
            return -1;
        }
    }
    return question->has_inventory ? list_inventory(comparison, err)
                                   : list_history(comparison, err);
}

static int put(struct comparison *comparison, const char *what, const struct known *host,
               const struct server_entry *entry, const char *by, struct err *err)
{
    const struct answer_cell cells[COLUMNS] = {
        answer_text(what),
        answer_text(host == NULL ? NULL : host->name),
        answer_text(entry == NULL ? NULL : entry->name),
        answer_text(by),
        answer_text(host == NULL ? NULL : host->site),
        answer_text(entry == NULL ? NULL : entry->site),
        entry == NULL ? answer_none() : answer_number((int64_t)entry->line),
    };
    return answer_row(comparison->answer, cells, MARK_PROBLEM, err);
}

/* Every host that the entry's name fits; a full name that fits alone is the one. */
static size_t find_by_name(struct comparison *comparison, const struct server_entry *entry,
                           struct known **ret)
{
    size_t found = 0;
    for (size_t i = 0; i < comparison->count; i++) {
        struct known *host = &comparison->here[i];
        if (is_entry(entry, host->name)) {
            *ret = host;
            found++;
        }
    }
    return found;
}

/* By names: matched, ambiguous (told at once), or left for later (matched stays false). */
static int match_names(struct comparison *comparison, bool *matched, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; i < comparison->there.count && rc == 0; i++) {
        const struct server_entry *entry = &comparison->there.rows[i];
        struct known *host = NULL;
        size_t found = find_by_name(comparison, entry, &host);
        matched[i] = found > 0;
        if (found > 1 || (found == 1 && host->entry != NULL)) {
            comparison->others++;
            rc = put(comparison, "ambiguous", host, entry, found > 1 ? "short name" : "twice there",
                     err);
        } else if (found == 1) {
            host->entry = entry;
        }
        if (rc == 0 && found == 1 && host->state == HOST_RETIRED && host->asked) {
            comparison->others++;
            rc = put(comparison, "retired here", host, entry, NULL, err);
        }
    }
    return rc;
}

static int match_renamed(struct comparison *comparison, bool *matched, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; i < comparison->there.count && rc == 0; i++) {
        const struct server_entry *entry = &comparison->there.rows[i];
        for (size_t k = 0; k < comparison->count && rc == 0 && !matched[i]; k++) {
            struct known *host = &comparison->here[k];
            const char *by = host->entry == NULL ? renamed_by(host, entry) : NULL;
            if (by != NULL) {
                host->entry = entry;
                matched[i] = true;
                comparison->renamed += host->asked;
                rc = host->asked ? put(comparison, "renamed", host, entry, by, err) : 0;
            }
        }
    }
    return rc;
}

static int put_missing(struct comparison *comparison, const bool *matched, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; i < comparison->there.count && rc == 0; i++) {
        if (!matched[i]) {
            comparison->missing_here++;
            rc = put(comparison, "missing here", NULL, &comparison->there.rows[i], NULL, err);
        }
    }
    for (size_t i = 0; i < comparison->count && rc == 0; i++) {
        const struct known *host = &comparison->here[i];
        if (host->entry == NULL && host->asked && host->state != HOST_RETIRED) {
            comparison->missing_there++;
            rc = put(comparison, "missing there", host, NULL, NULL, err);
        }
    }
    return rc;
}

static int compare(struct comparison *comparison, struct err *err)
{
    const struct command_line *line = comparison->question->line;
    bool *matched =
        arena_array(&comparison->question->arena, comparison->there.count + 1, sizeof(bool));
    comparison->answer =
        answer_new(stdout, line->format, answer_color(line->color, stdout), columns, COLUMNS, NULL);
    if (matched == NULL || comparison->answer == NULL) {
        answer_free(comparison->answer);
        return err_memory(err);
    }
    int rc = match_names(comparison, matched, err);
    if (rc == 0) {
        rc = match_renamed(comparison, matched, err);
    }
    if (rc == 0) {
        rc = put_missing(comparison, matched, err);
    }
    return answer_close(comparison->answer, rc, NULL, err);
}

static int conclude(const struct comparison *comparison)
{
    if (comparison->question->line->format == FORMAT_TABLE) {
        (void)printf("%zu there, %zu here: %zu missing here, %zu missing there, %zu renamed\n",
                     comparison->there.count, comparison->count, comparison->missing_here,
                     comparison->missing_there, comparison->renamed);
    }
    return comparison->missing_here + comparison->missing_there + comparison->renamed +
                       comparison->others ==
                   0
               ? EXIT_FINE
               : EXIT_PROBLEM;
}

int cmd_hosts_against(const struct command_line *line, struct err *err)
{
    struct question question = {0};
    struct comparison comparison = {.question = &question};
    int code = -1;
    if (question_load(&question, line, err) == 0 &&
        server_list_load(line->against, &comparison.there, err) == 0 &&
        load_here(&comparison, err) == 0 && compare(&comparison, err) == 0) {
        code = conclude(&comparison);
    }
    server_list_done(&comparison.there);
    host_list_done(&comparison.list);
    question_done(&question);
    return code;
}
