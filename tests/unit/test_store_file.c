/* test_store_file: what is opened, what is refused, and with which words. */
#include "history_file.h"

#include "db/file/migrate.h"
#include "db/file/open.h"

#include <sys/stat.h>
#include <sys/wait.h>

static void refuses_to_write(const char *path, enum err_code code, const char *words)
{
    struct store *store = NULL;
    struct err err = {.code = ERR_NONE};
    assert_int_equal(store_open(path, &store, &err), -1);
    assert_null(store);
    if (err.code != code || strstr(err.text, words) == NULL || strstr(err.text, path) == NULL) {
        fail_msg("code %d: %s", (int)err.code, err.text);
    }
}

static void refuses_to_read(const char *path, enum err_code code, const char *words)
{
    struct query *query = NULL;
    struct err err = {.code = ERR_NONE};
    assert_int_equal(query_open(path, &query, &err), -1);
    assert_null(query);
    if (err.code != code || strstr(err.text, words) == NULL || strstr(err.text, path) == NULL) {
        fail_msg("code %d: %s", (int)err.code, err.text);
    }
}

static void write_file(const char *path, const char *bytes, size_t len)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static void fill(const char *path)
{
    struct store *store = scene_open(path);
    struct scene scene = scene_server("pvs01", NIGHT);
    struct host host = scene_host("pvs01");
    scene_scan(store, &scene, &host);
    store_close(store);
}

static void an_absent_file_is_made_with_its_folders_and_mode(void **state)
{
    (void)state;
    const char *folder = scene_folder();
    const char *path = scene_path(folder, "a/b/history.db");
    struct stat there;
    mode_t old = umask(0077);
    fill(path);
    (void)umask(old);
    assert_int_equal(stat(path, &there), 0);
    assert_int_equal(there.st_mode & 0777, 0640);
    /* The -wal stays, for readers that may not make one. */
    assert_int_equal(stat(scene_path(folder, "a/b/history.db-wal"), &there), 0);
    assert_int_equal(there.st_mode & 0777, 0640);
    assert_true(there.st_size == 0);
    file_text_is(path, "SELECT * FROM pragma_application_id, pragma_user_version",
                 "1347834689|1|\n");
    file_text_is(path, "PRAGMA journal_mode", "wal|\n");
    scene_folder_done(folder);
}

static void an_absent_or_empty_history_is_said_to_the_reader(void **state)
{
    (void)state;
    const char *folder = scene_folder();
    const char *path = scene_path(folder, "history.db");
    refuses_to_read(path, ERR_HISTORY, "scan");
    assert_int_not_equal(access(path, F_OK), 0);
    write_file(path, "", 0);
    refuses_to_read(path, ERR_HISTORY, "empty");
    fill(path); /* the writer makes it a history */
    query_close(scene_query(path));
    scene_folder_done(folder);
}

static void a_foreign_database_is_refused_and_left_alone(void **state)
{
    (void)state;
    const char *folder = scene_folder();
    const char *path = scene_path(folder, "foreign.db");
    file_exec(path, "CREATE TABLE t (a); INSERT INTO t VALUES (1)");
    struct stat before;
    struct stat after;
    assert_int_equal(stat(path, &before), 0);
    refuses_to_write(path, ERR_HISTORY, "not a history");
    refuses_to_read(path, ERR_HISTORY, "not a history");
    assert_int_equal(stat(path, &after), 0);
    assert_true(before.st_size == after.st_size);
    file_text_is(path, "PRAGMA journal_mode", "delete|\n");
    file_exec(path, "PRAGMA application_id = 12345; PRAGMA user_version = 1");
    refuses_to_write(path, ERR_HISTORY, "not a history");
    scene_folder_done(folder);
}

static void a_file_that_is_no_database_is_refused_and_left_alone(void **state)
{
    (void)state;
    const char *folder = scene_folder();
    const char *path = scene_path(folder, "letter.txt");
    char bytes[4096];
    memset(bytes, 'x', sizeof(bytes));
    write_file(path, bytes, sizeof(bytes));
    refuses_to_write(path, ERR_HISTORY, "not a database");
    refuses_to_read(path, ERR_HISTORY, "not a database");
    write_file(path, "short", 5);
    refuses_to_read(path, ERR_HISTORY, "not a database");
    refuses_to_write(path, ERR_HISTORY, "not a database");
    refuses_to_write(folder, ERR_HISTORY, "not a file");
    refuses_to_read(folder, ERR_HISTORY, "not a file");
    scene_folder_done(folder);
}

static void a_newer_file_is_refused(void **state)
{
    (void)state;
    const char *folder = scene_folder();
    const char *path = scene_path(folder, "history.db");
    fill(path);
    file_exec(path, "PRAGMA user_version = 99");
    refuses_to_write(path, ERR_HISTORY, "newer");
    refuses_to_read(path, ERR_HISTORY, "newer");
    scene_folder_done(folder);
}

static void a_damaged_file_is_said_to_be_so(void **state)
{
    (void)state;
    const char *folder = scene_folder();
    const char *path = scene_path(folder, "history.db");
    fill(path);
    FILE *file = fopen(path, "r+");
    assert_non_null(file);
    char junk[4096];
    memset(junk, 0x5a, sizeof(junk));
    for (long page = 1; page < 400; page++) {
        assert_int_equal(fseek(file, page * 4096, SEEK_SET), 0);
        if (fread(junk + 1, 1, 1, file) != 1) {
            break;
        }
        assert_int_equal(fseek(file, page * 4096, SEEK_SET), 0);
        memset(junk, 0x5a, sizeof(junk));
        assert_int_equal(fwrite(junk, 1, sizeof(junk), file), sizeof(junk));
    }
    assert_int_equal(fclose(file), 0);
    struct query *query = NULL;
    struct query_frame frame = {.now_ms = NIGHT};
    struct missing_list list;
    struct err err = {.code = ERR_NONE};
    int rc = query_open(path, &query, &err);
    if (rc == 0) {
        rc = query_missing(query, &frame, 0, &list, &err);
    }
    assert_int_equal(rc, -1);
    assert_int_equal(err.code, ERR_HISTORY);
    assert_non_null(strstr(err.text, "damaged"));
    query_close(query);
    scene_folder_done(folder);
}

static const struct embedded_file first[] = {
    {"0001_a.sql", "PRAGMA application_id = 1347834689; PRAGMA user_version = 1;"
                   "CREATE TABLE a (x INTEGER) STRICT;"},
    {NULL, NULL}};
static const struct embedded_file bad[] = {{"0001_a.sql", "CREATE TABLE a (x);"}, {NULL, NULL}};
static const struct embedded_file good[] = {
    {"0001_a.sql", "PRAGMA application_id = 1347834689; PRAGMA user_version = 1;"
                   "CREATE TABLE a (x INTEGER) STRICT;"},
    {"0002_b.sql", "PRAGMA user_version = 2; CREATE TABLE b (y INTEGER) STRICT;"
                   "INSERT INTO b SELECT x FROM a;"},
    {"views.sql", "DROP VIEW IF EXISTS v; CREATE VIEW v AS SELECT x, y FROM a, b;"},
    {NULL, NULL}};
static const struct embedded_file half[] = {
    {"0001_a.sql", "PRAGMA application_id = 1347834689; PRAGMA user_version = 1;"
                   "CREATE TABLE a (x INTEGER) STRICT;"},
    {"0002_b.sql", "PRAGMA user_version = 2; CREATE TABLE b (y INTEGER); SELECT nonsense;"},
    {NULL, NULL}};

static int open_with(const char *path, const struct embedded_file *files, struct err *err)
{
    struct db db;
    if (open_writer(path, files, &db, err) != 0) {
        return -1;
    }
    db_close(&db);
    return 0;
}

static void an_older_file_is_copied_and_upgraded_to_the_same_as_a_fresh_one(void **state)
{
    (void)state;
    const char *folder = scene_folder();
    const char *fresh = scene_path(folder, "fresh.db");
    const char *path = scene_path(folder, "old.db");
    assert_ok(open_with(fresh, good, &scene_err));
    assert_ok(open_with(path, first, &scene_err));
    file_exec(path, "INSERT INTO a VALUES (7)");
    assert_ok(open_with(path, good, &scene_err));
    char *a = file_rows(fresh, "SELECT type, name, sql FROM sqlite_schema ORDER BY name");
    char *b = file_rows(path, "SELECT type, name, sql FROM sqlite_schema ORDER BY name");
    assert_string_equal(a, b);
    free(a);
    free(b);
    file_text_is(path, "SELECT x, y FROM v", "7|7|\n");
    const char *copy = scene_path(folder, "old.db.before-0001");
    file_text_is(copy, "SELECT x FROM a", "7|\n");
    file_text_is(copy, "PRAGMA user_version", "1|\n");
    scene_folder_done(folder);
}

static void an_upgrade_that_fails_leaves_the_file_as_it_was(void **state)
{
    (void)state;
    const char *folder = scene_folder();
    const char *path = scene_path(folder, "old.db");
    struct err err = {.code = ERR_NONE};
    assert_ok(open_with(path, first, &scene_err));
    assert_int_equal(open_with(path, half, &err), -1);
    assert_non_null(strstr(err.text, "0002_b.sql"));
    file_text_is(path, "SELECT name FROM sqlite_schema", "a|\n");
    file_text_is(path, "PRAGMA user_version", "1|\n");
    assert_ok(open_with(path, good, &scene_err));
    assert_int_equal(open_with(scene_path(folder, "new.db"), bad, &err), -1);
    assert_non_null(strstr(err.text, "user_version"));
    scene_folder_done(folder);
}

/* In a child without rights; its result is the test's. */
static void as_nobody(void (*test)(const char *path), const char *path)
{
    (void)fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (getuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) {
            _exit(2);
        }
        test(path);
        _exit(0);
    }
    int status = 0;
    assert_true(waitpid(child, &status, 0) == child);
    assert_int_equal(status, 0);
}

static void expect(bool what, const char *words)
{
    if (!what) {
        (void)fprintf(stderr, "not so: %s\n", words);
        _exit(1);
    }
}

static void reads(const char *path)
{
    struct query *query = NULL;
    struct err err = {.code = ERR_NONE};
    struct query_frame frame = {.now_ms = NIGHT};
    struct query_meta meta;
    expect(query_open(path, &query, &err) == 0, err.text);
    expect(query_meta(query, &frame, &meta, &err) == 0, err.text);
    expect(meta.hosts == 1, "one host");
    query_close(query);
}

static void refused_for_the_wal(const char *path)
{
    struct query *query = NULL;
    struct err err = {.code = ERR_NONE};
    expect(query_open(path, &query, &err) != 0, "refused");
    expect(err.code == ERR_HISTORY && strstr(err.text, "copy the -wal too") != NULL, err.text);
}

static void refused_to_write(const char *path)
{
    struct store *store = NULL;
    struct err err = {.code = ERR_NONE};
    expect(store_open(path, &store, &err) != 0, "refused");
    expect(err.code == ERR_IO && strstr(err.text, path) != NULL, err.text);
}

static void a_reader_without_rights_on_the_folder_reads(void **state)
{
    (void)state;
    const char *folder = scene_folder();
    const char *path = scene_path(folder, "history.db");
    fill(path);
    assert_int_equal(chmod(path, 0444), 0);
    assert_int_equal(chmod(scene_path(folder, "history.db-wal"), 0444), 0);
    assert_int_equal(chmod(scene_path(folder, "history.db-shm"), 0444), 0);
    assert_int_equal(chmod(folder, 0555), 0);
    as_nobody(reads, path);
    as_nobody(refused_to_write, path);
    /* Copied alone into a folder that is closed: immutable. */
    assert_int_equal(chmod(folder, 0755), 0);
    assert_int_equal(unlink(scene_path(folder, "history.db-wal")), 0);
    assert_int_equal(unlink(scene_path(folder, "history.db-shm")), 0);
    assert_int_equal(chmod(folder, 0555), 0);
    as_nobody(reads, path);
    scene_folder_done(folder);
}

static void a_wal_that_cannot_be_used_is_never_passed_over(void **state)
{
    (void)state;
    const char *folder = scene_folder();
    const char *path = scene_path(folder, "history.db");
    const char *link = scene_path(folder, "link.db");
    fill(path);
    assert_int_equal(symlink(path, link), 0);
    (void)unlink(scene_path(folder, "history.db-shm"));
    write_file(scene_path(folder, "history.db-wal"), "something", 9);
    assert_int_equal(chmod(path, 0444), 0);
    assert_int_equal(chmod(scene_path(folder, "history.db-wal"), 0444), 0);
    assert_int_equal(chmod(folder, 0555), 0);
    as_nobody(refused_for_the_wal, path);
    as_nobody(refused_for_the_wal, link);
    scene_folder_done(folder);
}

static void the_reader_cannot_write(void **state)
{
    (void)state;
    const char *folder = scene_folder();
    const char *path = scene_path(folder, "history.db");
    struct db db;
    struct err err = {.code = ERR_NONE};
    fill(path);
    assert_ok(open_reader(path, schema_embedded, &db, &scene_err));
    assert_int_equal(db_exec(&db, "DELETE FROM host", &err), -1);
    db_close(&db);
    scene_folder_done(folder);
}

static void a_path_with_odd_characters_is_a_path(void **state)
{
    (void)state;
    const char *folder = scene_folder();
    const char *path = scene_path(folder, "a?mode=memory&b#c%41 d.db");
    fill(path);
    assert_int_equal(access(path, F_OK), 0);
    query_close(scene_query(path));
    scene_folder_done(folder);
}

static void a_second_scan_is_refused_with_the_pid_of_the_first(void **state)
{
    (void)state;
    const char *folder = scene_folder();
    const char *path = scene_path(folder, "history.db");
    struct store *one = scene_open(path);
    struct store *two = scene_open(path);
    struct err err = {.code = ERR_NONE};
    char pid[32];
    assert_ok(store_scan_lock(one, &scene_err));
    assert_ok(store_scan_lock(one, &scene_err));
    assert_int_equal(store_scan_lock(two, &err), -1);
    assert_int_equal(err.code, ERR_LOCKED);
    (void)snprintf(pid, sizeof(pid), "pid %ld", (long)getpid());
    assert_non_null(strstr(err.text, pid));
    store_close(one);
    assert_ok(store_scan_lock(two, &scene_err));
    store_close(two);
    scene_folder_done(folder);
}

static void a_second_scan_by_a_link_to_the_history_is_refused(void **state)
{
    (void)state;
    const char *folder = scene_folder();
    const char *path = scene_path(folder, "history.db");
    const char *link = scene_path(folder, "link.db");
    struct store *one = scene_open(path);
    assert_int_equal(symlink(path, link), 0);
    struct store *two = scene_open(link);
    struct err err = {.code = ERR_NONE};
    assert_ok(store_scan_lock(one, &scene_err));
    assert_int_equal(store_scan_lock(two, &err), -1);
    assert_int_equal(err.code, ERR_LOCKED);
    store_close(one);
    store_close(two);
    scene_folder_done(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_absent_file_is_made_with_its_folders_and_mode),
        cmocka_unit_test(an_absent_or_empty_history_is_said_to_the_reader),
        cmocka_unit_test(a_foreign_database_is_refused_and_left_alone),
        cmocka_unit_test(a_file_that_is_no_database_is_refused_and_left_alone),
        cmocka_unit_test(a_newer_file_is_refused),
        cmocka_unit_test(a_damaged_file_is_said_to_be_so),
        cmocka_unit_test(an_older_file_is_copied_and_upgraded_to_the_same_as_a_fresh_one),
        cmocka_unit_test(an_upgrade_that_fails_leaves_the_file_as_it_was),
        cmocka_unit_test(a_reader_without_rights_on_the_folder_reads),
        cmocka_unit_test(a_wal_that_cannot_be_used_is_never_passed_over),
        cmocka_unit_test(the_reader_cannot_write),
        cmocka_unit_test(a_path_with_odd_characters_is_a_path),
        cmocka_unit_test(a_second_scan_is_refused_with_the_pid_of_the_first),
        cmocka_unit_test(a_second_scan_by_a_link_to_the_history_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
