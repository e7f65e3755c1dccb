/* cmd_db: export, every visit as one line of JSON. */
#include "cli/commands.h"
#include "cli/question.h"
#include "out/snapshot_json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { EXPORT_LINE_MAX = 64 << 20 };

struct export
{
    struct question *question;
    struct buf line;
    size_t count;
    struct err *err;
};

static int export_visit(void *data, const struct snapshot *snapshot, const struct host *declared)
{
    struct export *export = data;
    if (!question_wants(export->question, snapshot->visit.host)) {
        return 0;
    }
    buf_clear(&export->line);
    if (snapshot_json_write(snapshot, declared, &export->line) < 0) {
        return err_set(export->err, ERR_LIMIT, "export",
                       "a visit of %.100s is larger than %d bytes", snapshot->visit.host,
                       EXPORT_LINE_MAX);
    }
    if (fwrite(export->line.data, 1, export->line.len, stdout) != export->line.len) {
        return err_set(export->err, errno == ENOSPC ? ERR_FULL : ERR_IO, "export",
                       "the output could not be written: %s", strerror(errno));
    }
    export->count++;
    return 0;
}

static int run_export(struct question *question, struct err *err)
{
    const struct command_line *line = question->line;
    struct export export = {.question = question, .err = err};
    const char *host = line->argument_count > 0 ? line->arguments[0] : NULL;
    int64_t to_ms = line->to_ms != 0 ? line->to_ms : line->as_of_ms;
    buf_init(&export.line, EXPORT_LINE_MAX);
    int result = query_visits(question->query, host, line->from_ms, to_ms == 0 ? INT64_MAX : to_ms,
                              export_visit, &export, err);
    buf_done(&export.line);
    if (result == 0 && export.count == 0 && host != NULL) {
        result = err_set(err, ERR_USAGE, "export", "no visit of %.100s in the history", host);
    }
    if (result == 0 && fflush(stdout) != 0) {
        result = err_set(err, errno == ENOSPC ? ERR_FULL : ERR_IO, "export",
                         "the output could not be written: %s", strerror(errno));
    }
    return result == 0 ? 0 : -1;
}

int cmd_db_export(const struct command_line *line, struct err *err)
{
    if (line->format == FORMAT_JSON || line->format == FORMAT_CSV) {
        return err_set(err, ERR_USAGE, "",
                       "db export is always lines of JSON: --json and --csv do "
                       "not apply; see: pvsaudit db export --help");
    }
    return question_run(line, QUESTION_HOST, run_export, err);
}
