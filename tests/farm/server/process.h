/* process: the process list of a simulated server at a moment. */
#ifndef PVSAUDIT_FARM_SERVER_PROCESS_H
#define PVSAUDIT_FARM_SERVER_PROCESS_H

#include "farm/server/fleet.h"

enum process_slot {
    PROCESS_IDLE,
    PROCESS_SYSTEM,
    PROCESS_SMSS,
    PROCESS_CSRSS0,
    PROCESS_WININIT,
    PROCESS_CSRSS1,
    PROCESS_WINLOGON,
    PROCESS_SERVICES,
    PROCESS_LSASS,
    PROCESS_SVCHOST_RPC,
    PROCESS_SVCHOST_DCOM,
    PROCESS_SVCHOST_EVENTLOG,
    PROCESS_SVCHOST_SCHEDULE,
    PROCESS_SVCHOST_LANMAN,
    PROCESS_SVCHOST_DNS,
    PROCESS_SVCHOST_TIME,
    PROCESS_SVCHOST_TERM,
    PROCESS_SVCHOST_WINRM,
    PROCESS_SVCHOST_IKE,
    PROCESS_SVCHOST_SSDP,
    PROCESS_SVCHOST_WINMGMT,
    PROCESS_SVCHOST_POLICY,
    PROCESS_SVCHOST_PROFILE,
    PROCESS_SVCHOST_FIREWALL,
    PROCESS_SVCHOST_UPDATE,
    PROCESS_SVCHOST_NLA,
    PROCESS_DWM,
    PROCESS_LOGONUI,
    PROCESS_SPOOLSV,
    PROCESS_SSHD,
    PROCESS_SSHD_SESSION,
    PROCESS_DEFENDER,
    PROCESS_SENSE,
    PROCESS_TOOLS,
    PROCESS_WMIPRVSE,
    PROCESS_MSDTC,
    PROCESS_CDFSVC,
    PROCESS_TELEMETRY,
    PROCESS_ABS,
    PROCESS_DHCPSERVER,
    PROCESS_BNPXE,
    PROCESS_BNTFTP,
    PROCESS_PVSTSB,
    PROCESS_BNBOOTP,
    PROCESS_SOAPSERVER,
    PROCESS_STREAMSERVICE,
    PROCESS_STREAMPROCESS,
    PROCESS_INVENTORY,
    PROCESS_NOTIFIER,
    PROCESS_MGMTDAEMON,
    PROCESS_RIVAL,
    PROCESS_COUNT,
};

struct process {
    enum process_slot slot;
    uint32_t pid, parent;
    int64_t created_wall_ms; /* 0: Windows has none for it */
    char image[40];
};

/* The pid of a slot in this boot; the same generation always yields the same, the next another. */
uint32_t process_pid(const struct fleet *fleet, const struct server *server, enum process_slot slot,
                     uint32_t generation);
/* Fills up to PROCESS_COUNT rows; returns how many live. */
size_t process_list(const struct fleet *fleet, const struct server *server,
                    const struct moment *moment, struct process rows[PROCESS_COUNT]);
/* The live process of a slot, or NULL. */
const struct process *process_find(const struct process *rows, size_t count,
                                   enum process_slot slot);

#endif
