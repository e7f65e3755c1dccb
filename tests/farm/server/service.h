/* service: the services of a simulated server, and what each is doing at a moment. */
#ifndef PVSAUDIT_FARM_SERVER_SERVICE_H
#define PVSAUDIT_FARM_SERVER_SERVICE_H

#include "farm/server/fleet.h"
#include "farm/server/process.h"

/* The rows after the settable ones run on every server. */
enum {
    SERVICE_SAMSS = SERVICE_SETTABLE,
    SERVICE_RPCSS,
    SERVICE_EVENTLOG,
    SERVICE_SCHEDULE,
    SERVICE_LANMAN,
    SERVICE_DNSCACHE,
    SERVICE_W32TIME,
    SERVICE_TERM,
    SERVICE_WINRM,
    SERVICE_SSHD,
    SERVICE_SPOOLER,
    SERVICE_IKEEXT,
    SERVICE_WINMGMT,
    SERVICE_CDF,
    SERVICE_COUNT,
};

/* The numbers are Windows' own. */
enum service_run { RUN_STOPPED = 1, RUN_START_PENDING = 2, RUN_RUNNING = 4 };

struct service_row {
    const char *name, *display, *image_path, *account;
    unsigned type; /* 0x10 own process, 0x20 shared */
    enum process_slot slot;
    int64_t start_ms; /* after boot, where the startup type is Automatic */
};

struct service_now {
    bool installed;
    enum service_run state;
    enum start_type start; /* as configured */
    uint32_t pid; /* 0 unless running or pending */
    uint32_t exit_code; /* 1077: not started in this boot */
    int64_t created_wall_ms;
    int64_t started_up_ms; /* uptime when it started */
};

extern const struct service_row service_rows[SERVICE_COUNT];

/* The right that asking for this service takes. */
enum right service_right(int service);
/* -1 where there is no such service; letter case does not count. */
int service_find(const char *name);
struct service_now service_look(const struct fleet *fleet, const struct server *server,
                                const struct moment *moment, int service);
/* Start (again) by hand: a new pid, its ports bound. False where it is disabled or not installed.
 */
bool service_restart(const struct fleet *fleet, struct server *server, int service);

#endif
