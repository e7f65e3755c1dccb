/* windows_services: the watched services of a Windows host, from sc.exe and the registry. */
#include "collector/probe/field.h"
#include "collector/probe/windows/sc.h"
#include "collector/probe/windows/windows.h"

/* What the four sections of one service said. */
struct findings {
    enum sc_answer before, after, config;
    struct sc_query query, query_after;
    struct sc_config settings;
    enum key_state key;
    bool has_start;
    uint64_t start, delayed;
    struct slice image, account;
};

static const struct reading cut = {OUTCOME_PARTIAL, 0, "the answer was cut"};
static const struct reading strange = {OUTCOME_PARTIAL, 0, "what sc printed cannot be read"};

/* sc says twice what happened, in its text and in its exit code; both must say the same. */
static struct reading agree(const struct answer_section *section, enum sc_answer answer,
                            int64_t error)
{
    if (answer == SC_BAD) {
        return section->status == 9009
                   ? (struct reading){OUTCOME_UNSUPPORTED, 9009, "no such command"}
                   : strange;
    }
    int64_t said = answer == SC_REFUSED ? error : 0;
    if (said != section->status) {
        return (struct reading){OUTCOME_PARTIAL, section->status,
                                "sc's text and its exit code disagree"};
    }
    if (said != 0 && said != SC_NO_SERVICE && said != SC_ACCESS_DENIED) {
        return (struct reading){OUTCOME_FAILED, said, "sc failed"};
    }
    return reading_complete;
}

static struct reading ask_query(const struct sections *sections,
                                const struct answer_section *section, const char *name,
                                enum sc_answer *ret_answer, struct sc_query *ret)
{
    if (section == NULL || !section->ended) {
        return sections_reading(sections, section);
    }
    *ret_answer = sc_parse_query(section->body, ret);
    if (*ret_answer == SC_FOUND && !slice_ieq(ret->name, name)) {
        *ret_answer = SC_BAD;
    }
    return agree(section, *ret_answer, ret->error);
}

static struct reading ask_config(const struct sections *sections,
                                 const struct answer_section *section, struct findings *to)
{
    if (section == NULL || !section->ended) {
        return sections_reading(sections, section);
    }
    to->config = sc_parse_config(section->body, &to->settings);
    return agree(section, to->config, to->settings.error);
}

/* The service's own key; one without Start is what an uninstaller leaves behind. */
static struct reading ask_key(const struct windows *windows, const struct answer_section *section,
                              struct findings *to)
{
    struct reg_row row;
    to->key = windows_key_state(windows, section);
    if (to->key == KEY_CUT) {
        return cut;
    }
    if (to->key != KEY_PRESENT) {
        return reading_complete;
    }
    to->has_start = reg_find(section->body, "Start", &row) && row.is_number;
    to->start = to->has_start ? row.number : 0;
    if (reg_find(section->body, "DelayedAutostart", &row) && row.is_number) {
        to->delayed = row.number;
    }
    if (reg_find(section->body, "ImagePath", &row)) {
        to->image = row.data;
    }
    if (reg_find(section->body, "ObjectName", &row)) {
        to->account = row.data;
    }
    return reading_complete;
}

/* Between two readings the worse one decides what the section is. */
static void worsen(struct reading *reading, struct reading with)
{
    static const int badness[OUTCOME_COUNT] = {
        [OUTCOME_UNSUPPORTED] = 1, [OUTCOME_FAILED] = 2, [OUTCOME_PARTIAL] = 3};
    if (badness[with.outcome] > badness[reading->outcome]) {
        *reading = with;
    }
}

static enum presence presence_of(const struct findings *found, struct reading *reading)
{
    bool none = found->before == SC_REFUSED && found->query.error == SC_NO_SERVICE;
    bool key = found->key == KEY_PRESENT && found->has_start;
    if (none && key) {
        worsen(reading, (struct reading){OUTCOME_PARTIAL, SC_NO_SERVICE,
                                         "sc and the registry disagree about a service"});
    }
    if (key || found->before == SC_FOUND) {
        return PRESENCE_PRESENT;
    }
    return none || found->key == KEY_ABSENT || found->key == KEY_PRESENT ? PRESENCE_ABSENT
                                                                         : PRESENCE_UNREAD;
}

static void fill_state(const struct findings *found, struct service *service)
{
    if (found->before == SC_FOUND) {
        service->visible = true;
        service->state = found->query.state;
        service->pid = found->query.pid;
        service->exit_code = found->query.exit_code;
    }
    if (found->before == SC_FOUND && found->after == SC_FOUND) {
        service->pid_after = found->query_after.pid;
        /* A service that began to stop in between is not judged as a running one. */
        if (service->state == SERVICE_RUNNING) {
            service->state = found->query_after.state;
        }
    }
}

static int copy_text(struct arena *arena, struct slice text, const char **to)
{
    if (text.len > 0) {
        *to = field_copy(arena, text);
        return *to == NULL ? -1 : 0;
    }
    return 0;
}

static int fill_settings(const struct findings *found, struct arena *arena, struct service *service)
{
    bool config = found->config == SC_FOUND;
    if (config) {
        service->startup = found->settings.startup;
    } else if (found->has_start) {
        service->startup = sc_startup(found->start, found->delayed == 1);
    }
    if (copy_text(arena, config ? found->settings.path : found->image, &service->image) != 0 ||
        copy_text(arena, config ? found->settings.account : found->account, &service->account) !=
            0) {
        return -1;
    }
    return config ? copy_text(arena, found->settings.display_name, &service->display_name) : 0;
}

static int take_service(const struct windows *windows, const char *name, struct reading *reading)
{
    const struct sections *sections = windows->sections;
    struct findings found = {0};
    struct service *service = snapshot_add_service(windows->snapshot);
    if (service == NULL) {
        return -1;
    }
    service->name = arena_strdup(&windows->snapshot->arena, name);
    worsen(reading, ask_query(sections, sections_find_of(sections, "before", name), name,
                              &found.before, &found.query));
    worsen(reading, ask_query(sections, sections_find_of(sections, "after", name), name,
                              &found.after, &found.query_after));
    if (!windows->light) {
        worsen(reading, ask_config(sections, sections_find_of(sections, "config", name), &found));
        worsen(reading, ask_key(windows, sections_find_of(sections, "canary", name), &found));
    }
    service->canary = presence_of(&found, reading);
    fill_state(&found, service);
    if (service->visible && found.after == SC_REFUSED) {
        worsen(reading, (struct reading){OUTCOME_PARTIAL, found.query_after.error,
                                         "a service went away between two questions"});
    }
    return service->name == NULL ? -1 : fill_settings(&found, &windows->snapshot->arena, service);
}

int windows_take_services(const struct windows *windows)
{
    struct snapshot *snapshot = windows->snapshot;
    struct reading reading = reading_complete;
    bool learnt = false;
    for (size_t i = 0; i < windows->plan->service_count; i++) {
        if (take_service(windows, windows->plan->services[i], &reading) != 0) {
            return -1;
        }
        const struct service *service = &snapshot->services[snapshot->service_count - 1];
        learnt = learnt || service->visible || service->canary != PRESENCE_UNREAD;
    }
    if (reading.outcome == OUTCOME_COMPLETE && !learnt) {
        reading = (struct reading){OUTCOME_DENIED, SC_ACCESS_DENIED,
                                   "neither sc nor the registry answers this account"};
    }
    snapshot_set_section(snapshot, SECTION_SERVICES, reading.outcome, "sc", reading.code,
                         reading.detail);
    return 0;
}
