/* test_content: a text is stored once, and two texts of one hash stay two. */
#include "history_file.h"

#include "core/embedded.h"
#include "db/file/content.h"
#include "db/file/open.h"
#include "db/store/store_sql.h"

static const struct content_statements statements = {
    .by_hash = SQL_CONTENT_BY_HASH, .insert = SQL_CONTENT_INSERT, .by_id = SQL_CONTENT_BY_ID};

struct shop {
    const char *folder;
    struct db db;
    struct content *content;
};

static void shop_init(struct shop *shop)
{
    shop->folder = scene_folder();
    assert_ok(open_writer(scene_path(shop->folder, "history.db"), schema_embedded, &shop->db,
                          &scene_err));
    assert_ok(db_prepare(&shop->db, store_sql, SQL_STORE_COUNT, &scene_err));
    shop->content = content_new(&shop->db, statements);
    assert_non_null(shop->content);
}

static void shop_done(struct shop *shop)
{
    content_free(shop->content);
    db_close(&shop->db);
    scene_folder_done(shop->folder);
}

static int64_t put(struct shop *shop, const char *text)
{
    int64_t id = -1;
    assert_ok(content_put(shop->content, text, text == NULL ? 0 : strlen(text), &id, &scene_err));
    return id;
}

static int64_t put_hashed(struct shop *shop, uint64_t hash, const char *text)
{
    int64_t id = -1;
    assert_ok(content_put_hashed(shop->content, hash, text, strlen(text), &id, &scene_err));
    return id;
}

static void says(struct shop *shop, int64_t id, const char *expect)
{
    struct arena arena = {.blocks = NULL};
    const char *text = NULL;
    assert_ok(content_get(shop->content, id, &arena, &text, &scene_err));
    assert_string_equal(text, expect);
    arena_done(&arena);
}

static void a_text_is_stored_once(void **state)
{
    (void)state;
    struct shop shop;
    shop_init(&shop);
    int64_t id = put(&shop, "one");
    assert_true(put(&shop, "two") != id);
    assert_true(put(&shop, "one") == id);
    content_forget(shop.content);
    assert_true(put(&shop, "one") == id);
    assert_true(put(&shop, "") != 0);
    assert_true(put(&shop, NULL) == 0);
    says(&shop, id, "one");
    shop_done(&shop);
}

static void texts_of_one_hash_are_told_apart_by_all_their_bytes(void **state)
{
    (void)state;
    struct shop shop;
    shop_init(&shop);
    int64_t one = put_hashed(&shop, UINT64_MAX, "one");
    int64_t two = put_hashed(&shop, UINT64_MAX, "two");
    int64_t three = put_hashed(&shop, 0, "three"); /* the place that "two" took */
    assert_true(one != two && two != three && one != three);
    assert_true(put_hashed(&shop, UINT64_MAX, "one") == one);
    assert_true(put_hashed(&shop, UINT64_MAX, "two") == two);
    assert_true(put_hashed(&shop, 0, "three") == three);
    says(&shop, one, "one");
    says(&shop, two, "two");
    says(&shop, three, "three");
    shop_done(&shop);
}

static void an_id_that_is_not_there_is_damage(void **state)
{
    (void)state;
    struct shop shop;
    struct arena arena = {.blocks = NULL};
    struct err err = {.code = ERR_NONE};
    const char *text = "untouched";
    shop_init(&shop);
    assert_int_equal(content_get(shop.content, 77, &arena, &text, &err), -1);
    assert_int_equal(err.code, ERR_HISTORY);
    assert_string_equal(text, "untouched");
    shop_done(&shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_stored_once),
        cmocka_unit_test(texts_of_one_hash_are_told_apart_by_all_their_bytes),
        cmocka_unit_test(an_id_that_is_not_there_is_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
