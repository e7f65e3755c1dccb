/* open: the file of the history, opened for writing or for reading, or a sentence that says why
 * not. */
#include "db/file/open.h"

#include "core/buf.h"
#include "core/str.h"
#include "db/file/migrate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    URI_MAX = 16 * 1024,
    FOLDER_MODE = 0750,
    FILE_MODE = 0640,
};

static const char writer_pragmas[] = "PRAGMA journal_mode = WAL;"
                                     "PRAGMA synchronous = NORMAL;"
                                     "PRAGMA cache_size = -65536;"
                                     "PRAGMA temp_store = MEMORY;"
                                     "PRAGMA foreign_keys = ON;"
                                     "PRAGMA journal_size_limit = 67108864;";

/* Every folder above path that is not there. */
static int make_folders(const char *path, struct err *err)
{
    char *folder = strdup(path);
    if (folder == NULL) {
        return err_memory(err);
    }
    int rc = 0;
    for (char *slash = strchr(folder + 1, '/'); slash != NULL && rc == 0;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(folder, FOLDER_MODE) != 0 && errno != EEXIST) {
            rc = db_system_error(folder, "make the folder", err);
        }
        *slash = '/';
    }
    free(folder);
    return rc;
}

/* SQLite knows a file by its name: the -wal and the lock of one name are not those of another. */
static int check_file(const char *path, const struct stat *there, struct err *err)
{
    if (!S_ISREG(there->st_mode)) {
        return err_set(err, ERR_HISTORY, "history", "%s is not a file; name another one with --db",
                       path);
    }
    if (there->st_nlink > 1) {
        return err_set(err, ERR_HISTORY, "history",
                       "%s has %lu names (hard links), and writing by two of them would destroy "
                       "it; remove the others, or make copies or symbolic links of them",
                       path, (unsigned long)there->st_nlink);
    }
    return 0;
}

/* The file with its mode, empty where it did not exist. */
static int make_file(const char *path, struct err *err)
{
    if (*path == '\0') {
        return err_set(err, ERR_USAGE, "history", "the path of the history is empty");
    }
    struct stat there;
    if (stat(path, &there) == 0) {
        return check_file(path, &there, err);
    }
    if (make_folders(path, err) != 0) {
        return -1;
    }
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);
    if (fd < 0) {
        return db_system_error(path, "make the file", err);
    }
    /* umask may have taken the group's right; what is asked for is 0640. */
    int rc = fchmod(fd, FILE_MODE) == 0 ? 0 : db_system_error(path, "set its mode", err);
    (void)close(fd);
    return rc;
}

/* "file:" and the path with what a URI reserves escaped. */
static int make_uri(const char *path, const char *query, struct buf *to, struct err *err)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                "0123456789/._-~";
    (void)buf_puts(to, "file:");
    for (const char *p = path; *p != '\0'; p++) {
        if (strchr(plain, *p) != NULL) {
            (void)buf_putc(to, *p);
        } else {
            (void)buf_printf(to, "%%%02X", (unsigned)(unsigned char)*p);
        }
    }
    (void)buf_puts(to, query);
    return to->failed ? err_set(err, ERR_IO, "history", "%s: the path is too long", path) : 0;
}

static int open_handle(const char *path, const char *query, int flags, struct db *db,
                       struct err *err)
{
    struct buf uri;
    buf_init(&uri, URI_MAX);
    if (make_uri(path, query, &uri, err) != 0) {
        buf_done(&uri);
        return -1;
    }
    *db = (struct db){.path = strdup(path)};
    int rc = db->path == NULL
                 ? SQLITE_NOMEM
                 : sqlite3_open_v2(uri.data, &db->handle,
                                   flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);
    buf_done(&uri);
    if (rc == SQLITE_OK) {
        (void)sqlite3_extended_result_codes(db->handle, 1);
        rc = sqlite3_busy_timeout(db->handle, 15000);
    }
    if (rc != SQLITE_OK) {
        int result = db_error(db, rc, "opening", err);
        db_close(db);
        return result;
    }
    return 0;
}

static int prepare_writer(struct db *db, const struct embedded_file *files, struct err *err)
{
    enum migrate_state state = MIGRATE_EMPTY;
    int persist = 1;
    /* Nothing is written to a file before it is known to be ours. */
    if (migrate_look(db, files, &state, err) != 0) {
        return -1;
    }
    if (sqlite3_db_readonly(db->handle, "main") == 1) {
        return db_error(db, SQLITE_READONLY, "opening", err);
    }
    (void)sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
    if (db_exec(db, writer_pragmas, err) != 0) {
        return -1;
    }
    return migrate_run(db, files, err);
}

int open_writer(const char *path, const struct embedded_file *files, struct db *ret,
                struct err *err)
{
    struct db db = {.handle = NULL};
    if (make_file(path, err) != 0 ||
        open_handle(path, "", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &db, err) != 0) {
        return -1;
    }
    if (prepare_writer(&db, files, err) != 0) {
        db_close(&db);
        return -1;
    }
    *ret = db;
    return 0;
}

static int check_there(const char *path, struct err *err)
{
    struct stat there;
    if (stat(path, &there) != 0) {
        return errno == ENOENT || errno == ENOTDIR
                   ? err_set(err, ERR_HISTORY, "history",
                             "%s: there is no history yet; run `pvsaudit scan` first, or name one "
                             "with --db",
                             path)
                   : db_system_error(path, "look at the file", err);
    }
    if (!S_ISREG(there.st_mode)) {
        return err_set(err, ERR_HISTORY, "history", "%s is not a file; name another one with --db",
                       path);
    }
    return 0;
}

static int empty(const char *path, struct err *err)
{
    return err_set(err, ERR_HISTORY, "history", "%s is empty; run `pvsaudit scan` first", path);
}

/* Bytes of PATH-wal, 0 where there is none. SQLite follows links: the -wal lies beside the file
 * that they lead to. */
static int64_t wal_bytes(const char *path)
{
    struct buf wal;
    struct stat there;
    char *real = realpath(path, NULL);
    buf_init(&wal, URI_MAX);
    (void)buf_printf(&wal, "%s-wal", real == NULL ? path : real);
    free(real);
    int64_t bytes = !wal.failed && stat(wal.data, &there) == 0 ? (int64_t)there.st_size : 0;
    buf_done(&wal);
    return bytes;
}

static bool folder_is_writable(const char *path)
{
    char *real = realpath(path, NULL);
    char *slash = real == NULL ? NULL : strrchr(real, '/');
    if (slash != NULL) {
        slash[slash == real ? 1 : 0] = '\0';
    }
    bool writable = slash != NULL && access(real, W_OK) == 0;
    free(real);
    return writable;
}

/* Opens and looks: a WAL shows only with the first read whether it can be used. */
static int try_reader(const char *path, const char *query, const struct embedded_file *files,
                      struct db *db, enum migrate_state *ret_state, struct err *err)
{
    if (open_handle(path, query, SQLITE_OPEN_READONLY, db, err) != 0) {
        return -1;
    }
    if (db_exec(db,
                "PRAGMA query_only = ON; PRAGMA temp_store = MEMORY;"
                "PRAGMA cache_size = -65536; PRAGMA mmap_size = 268435456",
                err) != 0 ||
        migrate_look(db, files, ret_state, err) != 0) {
        db_close(db);
        return -1;
    }
    return 0;
}

int open_reader(const char *path, const struct embedded_file *files, struct db *ret,
                struct err *err)
{
    struct db db = {.handle = NULL};
    enum migrate_state state = MIGRATE_EMPTY;
    struct err first = {.code = ERR_NONE};
    if (check_there(path, err) != 0) {
        return -1;
    }
    int rc = try_reader(path, "?mode=ro", files, &db, &state, &first);
    if (rc != 0 && first.code == ERR_IO && access(path, R_OK) == 0) {
        if (wal_bytes(path) > 0) {
            return err_set(err, ERR_HISTORY, "history",
                           "%s: its newest part lies in %s-wal, which cannot be used here; copy "
                           "the -wal too, or read it where its folder may be written",
                           path, path);
        }
        if (!folder_is_writable(path)) {
            rc = try_reader(path, "?mode=ro&immutable=1", files, &db, &state, &first);
        }
    }
    if (rc != 0) {
        if (err != NULL) {
            *err = first;
        }
        return -1;
    }
    if (state == MIGRATE_EMPTY) {
        db_close(&db);
        return empty(path, err);
    }
    if (state == MIGRATE_OLDER) {
        db_close(&db);
        return err_set(err, ERR_HISTORY, "history",
                       "%s is of an older pvsaudit; the next `pvsaudit scan` upgrades it", path);
    }
    *ret = db;
    return 0;
}
