/* boot_path_draft: boot paths as an inventory could declare them, from what was seen. */
#include "cli/boot_path_draft.h"

#include "config/inventory/boot_path_text.h"
#include "core/clock.h"
#include "core/str.h"

#include <ctype.h>
#include <string.h>

enum { LINE_WIDTH = 90 };

struct draft {
    struct question *question;
    struct boot_path *declared;
    size_t declared_count;
    bool (*serves)[BOOT_STAGE_COUNT]; /* by place in the inventory: something was seen to serve */
    bool *done; /* by place: its site has been drafted */
    bool begun;
    FILE *to;
};

static const struct host *host_of(const struct draft *draft, size_t i)
{
    return &draft->question->inventory.hosts[i];
}

/* ---- what was seen ---- */

static void take_row(struct draft *draft, const struct status_row *row)
{
    const struct inventory *inventory = &draft->question->inventory;
    const struct host *host = inventory_find(inventory, row->host);
    enum verdict_code code = row->last_decisive_ms != 0 ? row->last_decisive : VERDICT_UNKNOWN;
    for (int stage = 0; stage < BOOT_STAGE_COUNT && host != NULL; stage++) {
        const char *id = strchr(boot_stage_expectation((enum boot_stage)stage), '/') + 1;
        if (str_ieq(id, row->expectation)) {
            draft->serves[host - inventory->hosts][stage] = code != VERDICT_UNKNOWN &&
                                                            code != VERDICT_NOT_EXPECTED &&
                                                            code != VERDICT_NOT_INSTALLED;
        }
    }
}

/* An absent history has nothing to draft from, and is no error here. */
static int look(struct draft *draft, struct err *err)
{
    const struct query_frame frame = {.now_ms = clock_now_ms(&(struct clock){0}),
                                      .stale_after_ms = INT64_MAX / 4};
    struct status_list list = {.count = 0};
    struct query *query = NULL;
    struct err ignored = {.text = ""};
    if (query_open(draft->question->settings.db, &query, &ignored) != 0) {
        return 0;
    }
    int rc = query_status(query, &frame, &list, err);
    for (size_t i = 0; i < list.count && rc == 0; i++) {
        take_row(draft, &list.rows[i]);
    }
    status_list_done(&list);
    query_close(query);
    return rc;
}

/* ---- a draft ---- */

static bool is_declared(const struct draft *draft, const struct host *host)
{
    for (size_t i = 0; i < draft->declared_count; i++) {
        for (int stage = 0; stage < BOOT_STAGE_COUNT; stage++) {
            if (boot_path_names(&draft->declared[i], (enum boot_stage)stage, host->name)) {
                return true;
            }
        }
    }
    return false;
}

static bool is_of(const struct host *host, const struct host *of)
{
    return str_eq(host->site, of->site) && str_eq(host->farm, of->farm);
}

/* A plain scalar of YAML where that cannot be misread. */
static void put_name(FILE *to, const char *name)
{
    bool plain = isalpha((unsigned char)name[0]) != 0;
    for (const char *at = name; *at != '\0'; at++) {
        plain = plain && (isalnum((unsigned char)*at) != 0 || strchr("._-", *at) != NULL);
    }
    (void)fputs(plain ? "" : "\"", to);
    for (const char *at = name; *at != '\0'; at++) {
        (void)fprintf(to, "%s%c", !plain && (*at == '"' || *at == '\\') ? "\\" : "", *at);
    }
    (void)fputs(plain ? "" : "\"", to);
}

static size_t put_stage(const struct draft *draft, const struct host *of, enum boot_stage stage,
                        const char *key, bool print)
{
    size_t count = 0;
    size_t width = 0;
    for (size_t i = 0; i < draft->question->inventory.count; i++) {
        const struct host *host = host_of(draft, i);
        if (!is_of(host, of) || !draft->serves[i][stage]) {
            continue;
        }
        if (print) {
            bool wraps = width + strlen(host->name) > LINE_WIDTH;
            (void)fprintf(draft->to, count == 0 ? "    %s: [" : wraps ? ",\n      " : ", ", key);
            width = (count == 0 || wraps ? 0 : width) + strlen(host->name) + 2;
            put_name(draft->to, host->name);
        }
        count++;
    }
    if (print && count > 0) {
        (void)fputs("]\n", draft->to);
    }
    return count;
}

static void put_path(struct draft *draft, const struct host *of)
{
    static const char *const keys[BOOT_STAGE_COUNT] = {
        [BOOT_STAGE_PXE] = "pxe", [BOOT_STAGE_TFTP] = "tftp", [BOOT_STAGE_LOGIN] = "login_servers"};
    size_t pxe = put_stage(draft, of, BOOT_STAGE_PXE, keys[BOOT_STAGE_PXE], false);
    size_t login = put_stage(draft, of, BOOT_STAGE_LOGIN, keys[BOOT_STAGE_LOGIN], false);
    if (pxe + login == 0) {
        return;
    }
    if (!draft->begun) {
        (void)fputs("\n# A draft from what was seen: no boot path names these servers yet. Correct "
                    "it, and put it\n# at the top of the inventory; gate goes by it.\n"
                    "pvsaudit_boot_paths:\n",
                    draft->to);
        draft->begun = true;
    }
    (void)fputs("  - name: ", draft->to);
    put_name(draft->to, of->site);
    (void)fprintf(draft->to, "\n    method: %s\n", pxe > 0 ? "pxe" : "bdm-iso");
    for (int stage = 0; stage < BOOT_STAGE_COUNT; stage++) {
        (void)put_stage(draft, of, (enum boot_stage)stage, keys[stage], true);
    }
    (void)fprintf(draft->to, "    min: %d\n", BOOT_PATH_MIN);
}

static void put_all(struct draft *draft)
{
    for (size_t i = 0; i < draft->question->inventory.count; i++) {
        const struct host *host = host_of(draft, i);
        if (host->site == NULL || draft->done[i] || is_declared(draft, host)) {
            continue;
        }
        for (size_t k = i; k < draft->question->inventory.count; k++) {
            draft->done[k] = draft->done[k] || is_of(host_of(draft, k), host);
        }
        put_path(draft, host);
    }
}

int boot_path_draft_print(struct question *question, FILE *to, struct err *err)
{
    size_t count = question->inventory.count;
    struct draft draft = {.question = question, .to = to};
    draft.serves = arena_array(&question->arena, count + 1, sizeof(*draft.serves));
    draft.done = arena_array(&question->arena, count + 1, sizeof(bool));
    if (draft.serves == NULL || draft.done == NULL) {
        return err_memory(err);
    }
    if (boot_path_text_read(question->inventory.boot_paths, &question->arena, &draft.declared,
                            &draft.declared_count, err) != 0 ||
        look(&draft, err) != 0) {
        return -1;
    }
    put_all(&draft);
    return 0;
}
