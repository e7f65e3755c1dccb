/* recorder: a folder into which each visit of a scan is written down, one file a visit. */
#include "collector/recording/recorder.h"

#include "core/buf.h"
#include "out/recording_json.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXTENSION ".jsonl"

enum { NAME_MAX_BYTES = 240, VISITS_MAX = 10000 };

struct recorder {
    int folder;
    char *path;
    size_t failed; /* visits that could not be written down */
    struct err first; /* why the first of them */
};

static bool is_recording(const char *name)
{
    size_t len = strlen(name);
    size_t extension = sizeof(EXTENSION) - 1;
    return len > extension && str_eq(name + len - extension, EXTENSION);
}

static bool holds_recordings(int folder)
{
    int copy = dup(folder);
    DIR *stream = copy < 0 ? NULL : fdopendir(copy);
    bool found = false;
    if (stream == NULL) {
        return false;
    }
    for (const struct dirent *entry = readdir(stream); entry != NULL && !found;
         entry = readdir(stream)) {
        found = is_recording(entry->d_name);
    }
    (void)closedir(stream);
    return found;
}

static int check_folder(int folder, const char *path, struct err *err)
{
    struct stat about;
    if (fstat(folder, &about) != 0) {
        return err_set(err, ERR_IO, "record", "%s: %s", path, strerror(errno));
    }
    if ((about.st_mode & 077) != 0) {
        return err_set(err, ERR_USAGE, "record",
                       "others can look into %s, and a recording is a map of the host: chmod 700 "
                       "it, or name a folder that is not there yet",
                       path);
    }
    if (holds_recordings(folder)) {
        return err_set(err, ERR_USAGE, "record",
                       "%s holds recordings already: a folder is of one scan; name a new one",
                       path);
    }
    return 0;
}

int recorder_open(const char *folder, struct recorder **ret, struct err *err)
{
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
        return err_set(err, ERR_USAGE, "record", "%s: %s", folder, strerror(errno));
    }
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return err_set(err, ERR_USAGE, "record", "%s: %s", folder, strerror(errno));
    }
    struct recorder *recorder = calloc(1, sizeof(*recorder));
    char *path = strdup(folder);
    if (recorder == NULL || path == NULL || check_folder(fd, folder, err) != 0) {
        bool refused = recorder != NULL && path != NULL;
        free(recorder);
        free(path);
        (void)close(fd);
        return refused ? -1 : err_memory(err);
    }
    *recorder = (struct recorder){.folder = fd, .path = path};
    *ret = recorder;
    return 0;
}

void recorder_close(struct recorder *recorder)
{
    if (recorder == NULL) {
        return;
    }
    (void)close(recorder->folder);
    free(recorder->path);
    free(recorder);
}

/* What a file's name may not hold, and the tilde that numbers visits, as %HH. */
static bool name_of(const char *host, unsigned visit, char *to, size_t size)
{
    size_t used = 0;
    for (const char *p = host; *p != '\0'; p++) {
        unsigned char c = (unsigned char)*p;
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '_' || (c == '.' && p != host);
        if (used + 4 > size) {
            return false;
        }
        used += (size_t)snprintf(to + used, size - used, plain ? "%c" : "%%%02X", c);
    }
    int n = visit == 1 ? snprintf(to + used, size - used, EXTENSION)
                       : snprintf(to + used, size - used, "~%u" EXTENSION, visit);
    return n > 0 && (size_t)n < size - used;
}

static int write_all(int fd, const struct buf *text)
{
    for (size_t done = 0; done < text->len;) {
        ssize_t n = write(fd, text->data + done, text->len - done);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return -1;
        }
        done += (size_t)n;
    }
    return 0;
}

static int fail(const struct recorder *recorder, const char *name, struct err *err)
{
    enum err_code code = errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? ERR_FULL : ERR_IO;
    return err_set(err, code, "record", "%s/%s: %s", recorder->path, name, strerror(errno));
}

/* The name is taken by a link, which does not write over what is there; then the other goes. */
static int give_name(const struct recorder *recorder, const char *part, const char *host,
                     struct err *err)
{
    char name[NAME_MAX_BYTES];
    for (unsigned visit = 1; visit <= VISITS_MAX; visit++) {
        if (!name_of(host, visit, name, sizeof(name))) {
            return err_set(err, ERR_LIMIT, "record", "the name of %.60s... is too long for a file",
                           host);
        }
        if (linkat(recorder->folder, part, recorder->folder, name, 0) == 0) {
            return 0;
        }
        if (errno != EEXIST) {
            return fail(recorder, name, err);
        }
    }
    return fail(recorder, name, err);
}

static int keep_text(const struct recorder *recorder, const char *host, const struct buf *text,
                     struct err *err)
{
    char part[64];
    (void)snprintf(part, sizeof(part), ".part.%ld", (long)getpid());
    int fd =
        openat(recorder->folder, part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        return fail(recorder, part, err);
    }
    int rc = write_all(fd, text) == 0 ? 0 : fail(recorder, part, err);
    if (close(fd) != 0 && rc == 0) {
        rc = fail(recorder, part, err);
    }
    if (rc == 0) {
        rc = give_name(recorder, part, host, err);
    }
    (void)unlinkat(recorder->folder, part, 0);
    return rc;
}

static int keep(const struct recorder *recorder, const struct recording *recording, struct err *err)
{
    struct buf text;
    if (recording == NULL) {
        return err_memory(err);
    }
    buf_init(&text, RECORDING_MAX_BYTES);
    int rc = recording_json_write(recording, &text) == 0
                 ? keep_text(recorder, recording->host, &text, err)
                 : err_set(err, ERR_LIMIT, "record", "the visit of %s is too long to be recorded",
                           recording->host);
    buf_done(&text);
    return rc;
}

void recorder_keep(struct recorder *recorder, const struct recording *recording)
{
    struct err err = {0};
    if (keep(recorder, recording, &err) != 0) {
        recorder->first = recorder->failed == 0 ? err : recorder->first;
        recorder->failed++;
    }
}

int recorder_check(const struct recorder *recorder, struct err *err)
{
    if (recorder == NULL || recorder->failed == 0) {
        return 0;
    }
    *err = recorder->first;
    return err_prefix(err, "%zu visit%s not recorded: ", recorder->failed,
                      recorder->failed == 1 ? " is" : "s are");
}
