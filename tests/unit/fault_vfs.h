/* fault_vfs: a file system for SQLite whose Nth write, sync or truncation fails. */
#ifndef PVSAUDIT_TESTS_FAULT_VFS_H
#define PVSAUDIT_TESTS_FAULT_VFS_H

#include <sqlite3.h>
#include <stdbool.h>
#include <string.h>

/* Registered as the default one between fault_vfs_start and fault_vfs_stop. */
static struct {
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    int left; /* writes that still work; -1 = all */
    int error; /* what a failing one returns */
    bool failed;
} fault_vfs;

struct fault_file {
    sqlite3_file base;
    sqlite3_file *real;
};

static inline sqlite3_file *fault_real(sqlite3_file *file)
{
    return ((struct fault_file *)file)->real;
}

static inline bool fault_strikes(void)
{
    if (fault_vfs.left < 0) {
        return false;
    }
    if (fault_vfs.left > 0) {
        fault_vfs.left--;
        return false;
    }
    fault_vfs.failed = true;
    return true;
}

static inline int fault_close(sqlite3_file *file)
{
    sqlite3_file *real = fault_real(file);
    int rc = real->pMethods == NULL ? SQLITE_OK : real->pMethods->xClose(real);
    sqlite3_free(real);
    return rc;
}

static inline int fault_read(sqlite3_file *file, void *to, int bytes, sqlite3_int64 at)
{
    return fault_real(file)->pMethods->xRead(fault_real(file), to, bytes, at);
}

static inline int fault_write(sqlite3_file *file, const void *from, int bytes, sqlite3_int64 at)
{
    return fault_strikes() ? fault_vfs.error
                           : fault_real(file)->pMethods->xWrite(fault_real(file), from, bytes, at);
}

static inline int fault_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    return fault_strikes() ? fault_vfs.error
                           : fault_real(file)->pMethods->xTruncate(fault_real(file), size);
}

static inline int fault_sync(sqlite3_file *file, int flags)
{
    return fault_strikes() ? fault_vfs.error
                           : fault_real(file)->pMethods->xSync(fault_real(file), flags);
}

static inline int fault_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return fault_real(file)->pMethods->xFileSize(fault_real(file), size);
}

static inline int fault_lock(sqlite3_file *file, int level)
{
    return fault_real(file)->pMethods->xLock(fault_real(file), level);
}

static inline int fault_unlock(sqlite3_file *file, int level)
{
    return fault_real(file)->pMethods->xUnlock(fault_real(file), level);
}

static inline int fault_reserved(sqlite3_file *file, int *locked)
{
    return fault_real(file)->pMethods->xCheckReservedLock(fault_real(file), locked);
}

static inline int fault_control(sqlite3_file *file, int operation, void *argument)
{
    return fault_real(file)->pMethods->xFileControl(fault_real(file), operation, argument);
}

static inline int fault_sector(sqlite3_file *file)
{
    return fault_real(file)->pMethods->xSectorSize(fault_real(file));
}

static inline int fault_device(sqlite3_file *file)
{
    return fault_real(file)->pMethods->xDeviceCharacteristics(fault_real(file));
}

static inline int fault_map(sqlite3_file *file, int page, int size, int extend,
                            void volatile **memory)
{
    return fault_real(file)->pMethods->xShmMap(fault_real(file), page, size, extend, memory);
}

static inline int fault_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
    return fault_real(file)->pMethods->xShmLock(fault_real(file), offset, n, flags);
}

static inline void fault_barrier(sqlite3_file *file)
{
    fault_real(file)->pMethods->xShmBarrier(fault_real(file));
}

static inline int fault_unmap(sqlite3_file *file, int delete_it)
{
    return fault_real(file)->pMethods->xShmUnmap(fault_real(file), delete_it);
}

static const sqlite3_io_methods fault_methods = {
    .iVersion = 2,
    .xClose = fault_close,
    .xRead = fault_read,
    .xWrite = fault_write,
    .xTruncate = fault_truncate,
    .xSync = fault_sync,
    .xFileSize = fault_size,
    .xLock = fault_lock,
    .xUnlock = fault_unlock,
    .xCheckReservedLock = fault_reserved,
    .xFileControl = fault_control,
    .xSectorSize = fault_sector,
    .xDeviceCharacteristics = fault_device,
    .xShmMap = fault_map,
    .xShmLock = fault_shm_lock,
    .xShmBarrier = fault_barrier,
    .xShmUnmap = fault_unmap,
};

static inline int fault_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                             int *out)
{
    struct fault_file *opened = (struct fault_file *)file;
    (void)vfs;
    opened->base.pMethods = NULL;
    opened->real = sqlite3_malloc(fault_vfs.real->szOsFile);
    if (opened->real == NULL) {
        return SQLITE_NOMEM;
    }
    memset(opened->real, 0, (size_t)fault_vfs.real->szOsFile);
    int rc = fault_vfs.real->xOpen(fault_vfs.real, name, opened->real, flags, out);
    if (rc != SQLITE_OK) {
        sqlite3_free(opened->real);
        return rc;
    }
    opened->base.pMethods = &fault_methods;
    return SQLITE_OK;
}

static inline void fault_vfs_start(int writes, int error)
{
    fault_vfs.real = sqlite3_vfs_find("unix");
    fault_vfs.vfs = *fault_vfs.real;
    fault_vfs.vfs.zName = "fault";
    fault_vfs.vfs.szOsFile = (int)sizeof(struct fault_file);
    fault_vfs.vfs.xOpen = fault_open;
    fault_vfs.left = writes;
    fault_vfs.error = error;
    fault_vfs.failed = false;
    (void)sqlite3_vfs_register(&fault_vfs.vfs, 1);
}

static inline void fault_vfs_stop(void)
{
    (void)sqlite3_vfs_unregister(&fault_vfs.vfs);
    (void)sqlite3_vfs_register(fault_vfs.real, 1);
}

#endif
