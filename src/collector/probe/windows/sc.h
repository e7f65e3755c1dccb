/* sc: what Windows' `sc.exe queryex NAME` and `sc.exe qc NAME` print, by order and numbers. */
#ifndef PVSAUDIT_COLLECTOR_PROBE_WINDOWS_SC_H
#define PVSAUDIT_COLLECTOR_PROBE_WINDOWS_SC_H

#include "core/str.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stdint.h>

/* Labels are localised, their order and the numbers are not: each line is a label, a colon, a
 * value. `queryex`: name, (display name,) type, state, Windows exit code, service exit code,
 * checkpoint, wait hint, pid, flags; between state and exit code an indented line in brackets.
 * `qc`: name, type, start type, error control, path, group, tag, display name, dependencies (one a
 * line, the later ones without a label), account. */
enum sc_answer {
    SC_BAD, /* cut, or not what sc prints */
    SC_FOUND, /* the fields below are set */
    SC_REFUSED, /* "[SC] ... FAILED n": error says which */
};

enum { SC_NO_SERVICE = 1060, SC_ACCESS_DENIED = 5 };

/* Slices point into the output. */
struct sc_query {
    struct slice name;
    enum service_state state; /* SERVICE_STATE_UNKNOWN for a number that we do not know */
    int64_t exit_code;
    int64_t pid;
    int64_t error; /* SC_REFUSED: sc's own number */
};

struct sc_config {
    struct slice name;
    enum startup_type startup; /* STARTUP_UNKNOWN for a driver's */
    struct slice path, display_name, account;
    int64_t error;
};

/* ret is set as a whole except on SC_BAD. */
enum sc_answer sc_parse_query(struct slice output, struct sc_query *ret);
enum sc_answer sc_parse_config(struct slice output, struct sc_config *ret);

/* 2, 3, 4 of the service control manager. */
enum startup_type sc_startup(uint64_t start, bool delayed);

#endif
