/* report_internal: what a report is made of, for the files that count and print it. */
#ifndef PVSAUDIT_COLLECTOR_REPORT_INTERNAL_H
#define PVSAUDIT_COLLECTOR_REPORT_INTERNAL_H

#include "collector/report.h"
#include "core/arena.h"

struct report_row {
    const struct expectation *expectation; /* NULL: the host was not read */
    enum verdict_code code;
    enum reason reason;
    const char *detail;
    struct open_problem open;
};

struct report_host {
    const struct host *host;
    bool read;
    enum reason reason;
    const char *detail;
    const char *address, *machine_id;
    bool twin; /* another name of a machine that is counted already */
    int64_t time_ms, duration_ms;
    struct report_row *rows;
    size_t row_count;
};

struct report {
    struct arena arena;
    struct report_host *hosts;
    size_t host_count;
    struct report_host *current;
};

/* The verdict of the row's problem, tonight's or one that is still open; where there is none, the
 * row's own. */
enum verdict_code report_problem(const struct report_row *row);

#endif
