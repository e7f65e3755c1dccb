/* test_decision: holds and decisions are written in the transaction that has looked at the holds.
 */
#include "history_file.h"

#include "db/store/decision.h"

struct script {
    struct ruling ruling;
    size_t holds_seen;
    char change_seen[32];
    bool fails;
};

static int play(void *data, const struct hold_list *holds, struct ruling *ret, struct err *err)
{
    struct script *script = data;
    script->holds_seen = holds->count;
    (void)str_copy(script->change_seen, sizeof(script->change_seen),
                   holds->count > 0 ? holds->rows[0].change : "");
    *ret = script->ruling;
    return script->fails ? err_set(err, ERR_USAGE, "", "no") : 0;
}

static int decide_as(struct store *store, const char *source, int64_t now_ms, struct script *script,
                     struct err *err)
{
    const struct store_decider decider = {source, now_ms, play, script};
    return store_decide(store, &decider, err);
}

static void decide(struct store *store, int64_t now_ms, struct script *script)
{
    struct err err = {.code = ERR_NONE};
    if (decide_as(store, "local", now_ms, script, &err) != 0) {
        fail_msg("%s", err.text);
    }
}

static const struct decision held[] = {
    {.kind = "gate", .answer = "GO", .sentence = "go"},
    {.kind = "hold", .answer = "GO", .sentence = "held", .hold_host = "pvs01"},
};
static const struct decision_reading readings[] = {{"pvs02", NIGHT, VISIT_FULL},
                                                   {"pvs02", NIGHT, VISIT_FULL}};
static const struct ruling hold_ruling = {
    .decisions = held,
    .decision_count = 2,
    .readings = readings,
    .reading_count = 2,
    .asked_by = "alice",
    .change = "CHG1",
    .hold_until_ms = NIGHT + HOUR,
};

static void a_hold_is_seen_until_it_ends(void **state)
{
    (void)state;
    const char *folder = scene_folder();
    const char *path = scene_path(folder, "history.db");
    struct store *store = scene_open(path);
    struct script first = {.ruling = hold_ruling};
    struct script look = {.holds_seen = 9};
    decide(store, NIGHT, &first);
    assert_int_equal(first.holds_seen, 0);
    decide(store, NIGHT + HOUR - 1, &look);
    assert_int_equal(look.holds_seen, 1);
    assert_string_equal(look.change_seen, "CHG1");
    decide(store, NIGHT + HOUR, &look);
    assert_int_equal(look.holds_seen, 0);
    store_close(store);
    file_text_is(path, "SELECT kind, asked_by, change, answer, hold_id FROM decision ORDER BY id",
                 "gate|alice|CHG1|GO|NULL|\nhold|alice|CHG1|GO|1|\n");
    file_text_is(path, "SELECT decision_id, count(*) FROM decision_reading GROUP BY 1",
                 "1|1|\n2|1|\n");
    scene_folder_done(folder);
}

static void a_released_hold_is_seen_no_more_and_says_by_whom(void **state)
{
    static const struct decision release[] = {
        {.kind = "release", .answer = "PROVEN", .sentence = "back", .released_id = 1}};
    (void)state;
    const char *folder = scene_folder();
    const char *path = scene_path(folder, "history.db");
    struct store *store = scene_open(path);
    struct script first = {.ruling = hold_ruling};
    struct script second = {
        .ruling = {.decisions = release, .decision_count = 1, .asked_by = "bob", .change = "CHG1"}};
    struct script look = {.holds_seen = 9};
    decide(store, NIGHT, &first);
    decide(store, NIGHT + 1, &second);
    decide(store, NIGHT + 2, &look);
    assert_int_equal(look.holds_seen, 0);
    store_close(store);
    file_text_is(path, "SELECT released_ms - from_ms, released_by, held_by FROM hold",
                 "1|bob|alice|\n");
    scene_folder_done(folder);
}

static void a_hold_of_another_collector_is_of_another_host(void **state)
{
    (void)state;
    const char *folder = scene_folder();
    const char *path = scene_path(folder, "history.db");
    struct store *store = scene_open(path);
    struct script first = {.ruling = hold_ruling};
    struct script look = {.holds_seen = 9};
    struct err err = {.code = ERR_NONE};
    decide(store, NIGHT, &first);
    assert_int_equal(decide_as(store, "elsewhere", NIGHT + 1, &look, &err), 0);
    assert_int_equal(look.holds_seen, 0);
    store_close(store);
    scene_folder_done(folder);
}

static void a_decider_that_fails_leaves_nothing(void **state)
{
    (void)state;
    const char *folder = scene_folder();
    const char *path = scene_path(folder, "history.db");
    struct store *store = scene_open(path);
    struct script script = {.ruling = hold_ruling, .fails = true};
    struct err err = {.code = ERR_NONE};
    assert_int_equal(decide_as(store, "local", NIGHT, &script, &err), -1);
    assert_int_equal(err.code, ERR_USAGE);
    store_close(store);
    file_text_is(path, "SELECT (SELECT count(*) FROM decision), (SELECT count(*) FROM hold)",
                 "0|0|\n");
    scene_folder_done(folder);
}

/* The second writer waits for the first, and then sees its hold. */
static int second_in_between(void *data, const struct hold_list *holds, struct ruling *ret,
                             struct err *err)
{
    struct script *script = data;
    char *others = file_rows((const char *)script->ruling.asked_by, "SELECT count(*) FROM hold");
    assert_string_equal(others, "0|\n"); /* not committed: nobody else sees it yet */
    free(others);
    (void)err;
    *ret = hold_ruling;
    script->holds_seen = holds->count;
    return 0;
}

static void nobody_sees_half_of_a_decision(void **state)
{
    (void)state;
    const char *folder = scene_folder();
    const char *path = scene_path(folder, "history.db");
    struct store *store = scene_open(path);
    struct script script = {.ruling = {.asked_by = path}};
    struct script look = {.holds_seen = 9};
    struct err err = {.code = ERR_NONE};
    const struct store_decider decider = {"local", NIGHT, second_in_between, &script};
    assert_int_equal(store_decide(store, &decider, &err), 0);
    struct store *other = scene_open(path);
    decide(other, NIGHT + 1, &look);
    assert_int_equal(look.holds_seen, 1);
    store_close(other);
    store_close(store);
    scene_folder_done(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hold_is_seen_until_it_ends),
        cmocka_unit_test(a_released_hold_is_seen_no_more_and_says_by_whom),
        cmocka_unit_test(a_hold_of_another_collector_is_of_another_host),
        cmocka_unit_test(a_decider_that_fails_leaves_nothing),
        cmocka_unit_test(nobody_sees_half_of_a_decision),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
