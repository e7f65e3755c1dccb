/* cmd_status_site: one line a site, with its expectations counted; hosts in maintenance aside. */
#include "cli/cmd_status_site.h"

#include "core/str.h"
#include "out/fold.h"

enum { COLUMNS = 12 };

static const struct answer_column columns[COLUMNS] = {
    {"site", "SITE", ANSWER_TEXT, false},
    {"hosts", "HOSTS", ANSWER_INT, false},
    {"hosts_unread", "UNREAD", ANSWER_INT, false},
    {"proven", "PROVEN", ANSWER_INT, false},
    {"not_bound", "NOT BOUND", ANSWER_INT, true},
    {"unknown", "UNKNOWN", ANSWER_INT, false},
    {"owner_unknown", NULL, ANSWER_INT, false},
    {"pending", "PENDING", ANSWER_INT, false},
    {"not_expected", "NOT EXPECTED", ANSWER_INT, false},
    {"hosts_inactive", NULL, ANSWER_INT, false},
    {"oldest_reading", NULL, ANSWER_TIME, false},
    {"note", "NOTE", ANSWER_TEXT, false},
};

struct site {
    const char *name;
    size_t hosts, inactive, unread;
    size_t proven, not_bound, unknown, owner_unknown, pending, not_expected;
    int64_t oldest_ms;
    enum reason reason; /* of the first unread host */
    const char **problem_hosts;
    size_t problem_count;
};

struct sites {
    struct site *items;
    size_t count;
};

static struct site *find_site(struct sites *sites, struct arena *arena, const char *name)
{
    for (size_t i = sites->count; i > 0; i--) { /* rows come by site: mostly the last one */
        if (str_eq(sites->items[i - 1].name, name)) {
            return &sites->items[i - 1];
        }
    }
    void *items = sites->items;
    struct site *site = arena_push(arena, &items, &sites->count, sizeof(*site));
    sites->items = items;
    if (site != NULL) {
        site->name = name;
    }
    return site;
}

static int add_problem_host(struct site *site, struct arena *arena, const char *host)
{
    void *items = (void *)site->problem_hosts;
    const char **place = arena_push(arena, &items, &site->problem_count, sizeof(*place));
    site->problem_hosts = items;
    if (place == NULL) {
        return -1;
    }
    *place = host;
    return 0;
}

static void count_verdict(struct site *site, const struct status_row *row)
{
    switch (row->verdict) {
    case VERDICT_BOUND:
        site->proven++;
        break;
    case VERDICT_BOUND_OWNER_UNKNOWN:
        site->owner_unknown++;
        break;
    case VERDICT_PENDING:
        site->pending++;
        break;
    case VERDICT_NOT_EXPECTED:
    case VERDICT_NOT_INSTALLED:
        site->not_expected++;
        break;
    default:
        site->unknown++;
        break;
    }
}

static int count_row(struct site *site, struct arena *arena, const struct status_row *row,
                     bool first)
{
    if (row->host_state != HOST_ACTIVE) {
        site->inactive += first;
        return 0;
    }
    site->hosts += first && row->alias_of == NULL;
    if (first && row->unread) {
        site->unread++;
        site->reason = site->unread == 1 ? row->reason : site->reason;
    }
    if (row->as_of_ms > 0 && (site->oldest_ms == 0 || row->as_of_ms < site->oldest_ms)) {
        site->oldest_ms = row->as_of_ms;
    }
    if (row->informational || row->same_machine_as != NULL) {
        return 0;
    }
    if (overview_is_problem(row)) {
        site->not_bound++;
        return add_problem_host(site, arena, row->host);
    }
    count_verdict(site, row);
    return 0;
}

/* What the numbers do not tell, one line. */
static const char *note_of(struct arena *arena, const struct site *site)
{
    if (site->hosts > 0 && site->unread == site->hosts) {
        return arena_printf(arena, "no host could be read: %s", reason_name(site->reason));
    }
    if (site->problem_count > 0) {
        return arena_printf(arena, "not bound: %s",
                            fold_names(arena, site->problem_hosts, site->problem_count));
    }
    if (site->inactive > 0) {
        return arena_printf(arena, "%zu in maintenance or retired", site->inactive);
    }
    return "";
}

static enum answer_mark mark_of(const struct site *site)
{
    if (site->not_bound > 0) {
        return MARK_PROBLEM;
    }
    return site->unknown + site->pending + site->unread > 0 ? MARK_UNKNOWN : MARK_NONE;
}

static int put_site(struct answer *answer, struct arena *arena, const struct site *site,
                    struct err *err)
{
    const struct answer_cell cells[COLUMNS] = {
        answer_text(site->name),
        answer_number((int64_t)site->hosts),
        answer_number((int64_t)site->unread),
        answer_number((int64_t)site->proven),
        answer_number((int64_t)site->not_bound),
        answer_number((int64_t)site->unknown),
        answer_number((int64_t)site->owner_unknown),
        answer_number((int64_t)site->pending),
        answer_number((int64_t)site->not_expected),
        answer_number((int64_t)site->inactive),
        answer_positive(site->oldest_ms),
        answer_text(note_of(arena, site)),
    };
    return answer_row(answer, cells, mark_of(site), err);
}

int status_print_sites(struct question *question, const struct overview *overview,
                       const struct answer_counts *counts, struct err *err)
{
    struct arena *arena = &question->arena;
    struct sites sites = {NULL, 0};
    for (size_t i = 0; i < overview->count; i++) {
        const struct status_row *row = &overview->rows[i];
        struct site *site = find_site(&sites, arena, row->site);
        bool first = i == 0 || !str_eq(row->host, overview->rows[i - 1].host);
        if (site == NULL || count_row(site, arena, row, first) < 0) {
            return err_memory(err);
        }
    }
    struct answer *answer = question_answer(question, columns, COLUMNS);
    int result = answer == NULL ? err_memory(err) : 0;
    for (size_t i = 0; i < sites.count && result == 0; i++) {
        result = put_site(answer, arena, &sites.items[i], err);
    }
    return answer_close(answer, result, counts, err);
}
