/* ingest: visits from lines of JSON into the ordinary path. */
#include "collector/ingest.h"

#include "collector/input.h"
#include "core/buf.h"
#include "out/snapshot_json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = 16 * 1024 * 1024 };

/* 1: a line, without its LF; 0: the end; -1: too long, unreadable, or no text. */
static int next_line(FILE *file, struct buf *line, struct err *err)
{
    buf_clear(line);
    for (;;) {
        int byte = getc_unlocked(file);
        if (byte == EOF && ferror(file) != 0) {
            return err_set(err, ERR_IO, "ingest", "cannot read: %s", strerror(errno));
        }
        if (byte == EOF || byte == '\n') {
            return byte == '\n' || line->len > 0 ? 1 : 0;
        }
        if (byte == '\0') {
            return err_set(err, ERR_CONFIG, "ingest",
                           "the line has a NUL byte: this is no file of JSON lines");
        }
        if (buf_putc(line, (char)byte) != 0) {
            return err_set(err, ERR_CONFIG, "ingest", "the line is longer than %d bytes",
                           LINE_MAX_BYTES);
        }
    }
}

static bool is_blank(const struct buf *line)
{
    struct slice text = {line->data, line->len};
    return slice_trim(text).len == 0;
}

static int take_line(const struct buf *line, const struct ingest_sink *sink, struct err *err)
{
    struct snapshot snapshot;
    struct host declared;
    bool has_declared = false;
    if (snapshot_json_parse(line->data, line->len, &snapshot, &declared, &has_declared, err) != 0) {
        err->code = ERR_CONFIG;
        return -1;
    }
    int rc = sink->reading(sink->data, &snapshot, has_declared ? &declared : NULL, err);
    snapshot_done(&snapshot);
    return rc;
}

int ingest_run(const char *path, const struct ingest_sink *sink, size_t *ret_lines, struct err *err)
{
    FILE *file = NULL;
    struct buf line;
    size_t number = 0;
    size_t taken = 0;
    int rc = input_open(path, &file, err);
    buf_init(&line, LINE_MAX_BYTES);
    while (rc == 0) {
        number++;
        int more = next_line(file, &line, err);
        if (more == 0) {
            break;
        }
        rc = more < 0 ? -1 : 0;
        if (rc == 0 && !is_blank(&line)) {
            rc = take_line(&line, sink, err);
            taken += rc == 0 ? 1 : 0;
        }
        if (rc != 0) {
            (void)err_prefix(err, "%s:%zu: ", path, number);
        }
    }
    buf_done(&line);
    input_close(file);
    *ret_lines = taken;
    return rc;
}
