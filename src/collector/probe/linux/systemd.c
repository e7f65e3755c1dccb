/* systemd: units as `systemctl show -p ...` prints them. */
#include "collector/probe/linux/systemd.h"

#include "collector/probe/field.h"

#include <string.h>

struct properties {
    struct slice id, load, active, sub, file, pid, status;
};

static void take_property(struct slice line, struct properties *to)
{
    const struct {
        const char *name;
        struct slice *to;
    } names[] = {{"Id", &to->id},
                 {"LoadState", &to->load},
                 {"ActiveState", &to->active},
                 {"SubState", &to->sub},
                 {"UnitFileState", &to->file},
                 {"MainPID", &to->pid},
                 {"ExecMainStatus", &to->status}};
    const char *equals = memchr(line.data, '=', line.len);
    size_t len = equals == NULL ? line.len : (size_t)(equals - line.data);
    for (size_t i = 0; equals != NULL && i < sizeof(names) / sizeof(names[0]); i++) {
        if (slice_eq((struct slice){line.data, len}, names[i].name)) {
            *names[i].to = slice_trim((struct slice){equals + 1, line.len - len - 1});
        }
    }
}

static enum service_state state_of(struct slice active)
{
    static const struct {
        const char *name;
        enum service_state state;
    } states[] = {{"active", SERVICE_RUNNING},           {"reloading", SERVICE_RUNNING},
                  {"activating", SERVICE_START_PENDING}, {"deactivating", SERVICE_STOP_PENDING},
                  {"inactive", SERVICE_STOPPED},         {"failed", SERVICE_STOPPED}};
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        if (slice_eq(active, states[i].name)) {
            return states[i].state;
        }
    }
    return SERVICE_STATE_UNKNOWN;
}

static enum startup_type startup_of(struct slice load, struct slice file)
{
    if (slice_eq(load, "masked") || slice_eq(file, "masked") || slice_eq(file, "masked-runtime")) {
        return STARTUP_DISABLED;
    }
    return slice_eq(file, "enabled") || slice_eq(file, "enabled-runtime") ? STARTUP_AUTOMATIC
                                                                          : STARTUP_MANUAL;
}

static enum systemd_block make_unit(const struct properties *properties, bool bad,
                                    struct systemd_unit *ret)
{
    uint64_t pid = 0;
    uint64_t status = 0;
    if (bad || properties->id.len == 0 || properties->load.len == 0 ||
        properties->active.len == 0 || properties->sub.len == 0) {
        return SYSTEMD_BAD;
    }
    bool loaded = !slice_eq(properties->load, "not-found");
    /* A unit that does not exist, and one that is no service, has no process. */
    if ((properties->pid.len > 0 && !str_u64(properties->pid, INT32_MAX, &pid)) ||
        (properties->status.len > 0 && !str_u64(properties->status, INT32_MAX, &status))) {
        return SYSTEMD_BAD;
    }
    *ret = (struct systemd_unit){
        .id = properties->id,
        .loaded = loaded,
        .state = state_of(properties->active),
        .startup = loaded ? startup_of(properties->load, properties->file) : STARTUP_UNKNOWN,
        .main_pid = (int64_t)pid,
        .exit_status = (int64_t)status,
    };
    return SYSTEMD_UNIT;
}

enum systemd_block systemd_next(struct slice *rest, struct systemd_unit *ret)
{
    struct properties properties = {0};
    struct slice line;
    bool ended = false;
    bool any = false;
    bool bad = false;
    while (slice_line(rest, &line, &ended)) {
        if (slice_trim(line).len == 0) {
            if (any) {
                break;
            }
            continue;
        }
        any = true;
        bad = bad || !ended || line.len > FIELD_LINE_MAX;
        take_property(line, &properties);
    }
    return any ? make_unit(&properties, bad, ret) : SYSTEMD_END;
}
