/* snapshot: what one visit saw of one host, with an outcome for every section. */
#ifndef PVSAUDIT_MODEL_SNAPSHOT_H
#define PVSAUDIT_MODEL_SNAPSHOT_H

#include "core/arena.h"
#include "core/ip.h"
#include "model/reason.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Times are milliseconds since 1970 (UTC); 0 is "not known". Strings and arrays live in the
 * snapshot's arena, are NUL-terminated, may hold any bytes a host sent (bounded by the parser, no
 * NUL inside), and are NULL where not known. Pids are -1 where not known. */

enum outcome {
    OUTCOME_NOT_ASKED, /* nobody asked: a light visit, or the visit ended before */
    OUTCOME_COMPLETE, /* read to its end: the only outcome that decides anything */
    OUTCOME_PARTIAL, /* cut short, or implausible */
    OUTCOME_DENIED, /* a right is lacking */
    OUTCOME_UNSUPPORTED, /* this system does not have it */
    OUTCOME_FAILED, /* asked, and the answer cannot be used */
    OUTCOME_COUNT
};

enum section_id {
    SECTION_UDP,
    SECTION_TCP,
    SECTION_SERVICES,
    SECTION_BOOT,
    SECTION_PROCESSES,
    SECTION_ADDRESSES,
    SECTION_REGISTRY,
    SECTION_MACHINE,
    SECTION_FILES, /* optional: it decides nothing */
    SECTION_NETWORKS, /* likewise */
    SECTION_COUNT
};

struct section {
    enum outcome outcome;
    int64_t code; /* the native code behind a failure (Windows error, exit status), else 0 */
    const char *source; /* how it was read: "netstat", "ss", "sc", "cim", "eventlog", "proc" ... */
    const char *detail; /* a few words where the outcome is not complete, else NULL */
};

enum visit_kind { VISIT_FULL, VISIT_LIGHT };

struct visit {
    const char *host; /* the inventory's name */
    const char *source; /* which collector, "local" unless it was told another name */
    enum visit_kind kind;
    int64_t time_ms; /* collector's clock when the endpoints were asked for */
    int64_t duration_ms; /* of the whole visit */
    const char *os; /* "windows" | "linux" */
    const char *transport; /* "ssh" | "winrm" | ... */
    const char *address; /* the address used */
    const char *mechanism; /* "publickey", "agent", "password", "kerberos" ... */
    const char *principal; /* whom the host took us for */
    const char *account; /* whom the inventory told us to be */
    bool read; /* false: nothing below is known, reason says why */
    enum reason reason;
    int64_t code; /* native code of the failure, else 0 */
    const char *detail; /* the sentence of the failure, else NULL */
    bool password_refused; /* the host heard it and said no; known during the run alone */
};

enum proto { PROTO_UDP, PROTO_TCP };

/* A socket that waits: a UDP socket, or a TCP listener. Equal rows are one row. */
struct endpoint {
    enum proto proto;
    struct ip address;
    uint16_t port;
    int64_t pid; /* -1 and 0: not known */
    int64_t created_ms; /* of the bind, where the system tells */
};

enum service_state {
    SERVICE_STATE_UNKNOWN,
    SERVICE_STOPPED,
    SERVICE_START_PENDING,
    SERVICE_STOP_PENDING,
    SERVICE_RUNNING,
    SERVICE_CONTINUE_PENDING,
    SERVICE_PAUSE_PENDING,
    SERVICE_PAUSED,
    SERVICE_STATE_DENIED, /* of a verdict alone: the service is there, its state is not ours to see
                           */
    SERVICE_STATE_COUNT
};

enum startup_type {
    STARTUP_UNKNOWN, /* cannot be read */
    STARTUP_AUTOMATIC,
    STARTUP_AUTOMATIC_DELAYED,
    STARTUP_MANUAL,
    STARTUP_DISABLED,
    STARTUP_COUNT
};

/* The canary: whether the service is installed, read from the registry key of the service, sc's
 * 1060 or systemd's unit file, since a service that we may not query is silently omitted. */
enum presence { PRESENCE_UNREAD, PRESENCE_PRESENT, PRESENCE_ABSENT, PRESENCE_COUNT };

struct service {
    const char *name; /* "BNPXE"; the expectation's own spelling for watched ones */
    const char *display_name;
    enum presence canary;
    bool visible; /* state and pid were read; false with canary present = denied (tier A) */
    enum service_state state;
    enum startup_type startup;
    int64_t pid; /* read before the endpoints; 0 = no process, -1 = not known */
    int64_t pid_after; /* read after the endpoints; -1 = not known or not asked */
    int64_t exit_code; /* Windows exit code (1077 = never started this boot), -1 = not known */
    const char *image; /* path of the executable */
    const char *account; /* the account it runs as */
};

struct process {
    int64_t pid;
    int64_t parent; /* -1 = not known */
    int64_t created_ms; /* UTC by the host's clock */
    const char *name; /* "BNPXE.exe" */
};

struct host_address {
    struct ip ip;
    uint8_t prefix;
};

struct registry_value {
    const char *key; /* "HKLM\SOFTWARE\Citrix\ProvisioningServices\Wizard" */
    const char *name; /* "PXEType"; "" = the key itself, then text says "present" or "absent" */
    bool is_number;
    uint64_t number;
    const char *text;
};

/* An executable of the product, with its version; a boot file, with its date. */
struct host_file {
    const char *path; /* as the host spells it */
    const char *version;
    int64_t modified_ms;
};

/* What Windows takes the network of an adapter for, by which its firewall goes. */
enum network_category {
    CATEGORY_UNKNOWN,
    CATEGORY_PUBLIC,
    CATEGORY_PRIVATE,
    CATEGORY_DOMAIN,
    CATEGORY_COUNT
};

struct network {
    const char *adapter; /* "Ethernet0" */
    enum network_category category;
};

/* A process that lives as long as the boot: with another boot its pid or creation time differs. */
struct boot_witness {
    const char *name; /* "lsass.exe", "wininit.exe", "services.exe" */
    int64_t pid;
    int64_t created_ms;
};

struct boot {
    int64_t boot_time_ms; /* as the host says: LastBootUpTime, btime */
    int64_t host_clock_ms; /* the host's own clock, read together with boot_time_ms */
    int64_t uptime_ms; /* from one instance on the host; -1 = not known */
    const char *boot_id; /* Linux; else NULL */
    bool weak; /* from an event log rather than from the running system */
    struct boot_witness *witnesses;
    size_t witness_count;
};

struct machine_identity {
    const char *id; /* MachineGuid, machine-id */
    const char *computer_name; /* CSName, nodename */
    const char *host_key; /* SHA256:... of the SSH host key or certificate */
    const char *os_name; /* "Windows Server 2019", "Debian GNU/Linux 12 (bookworm)" */
    const char *os_build; /* "10.0.17763" */
    const char *pvs_build; /* version of the product, where it could be had */
};

/* What a machine is told apart by: its id and its own name, since servers that were cloned share
 * the id, and one of them must never stand for another. In arena; NULL where one of the two is not
 * known. */
const char *machine_identity_text(struct arena *arena, const char *id, const char *computer_name);

struct snapshot {
    struct arena arena;
    struct visit visit;
    struct section sections[SECTION_COUNT];
    struct machine_identity machine;
    struct boot boot;
    int64_t auto_start_delay_ms; /* HKLM\...\Control\AutoStartDelay; -1 = cannot be read */
    uint16_t dynamic_first, dynamic_last; /* the host's own ephemeral range; 0,0 = not known */
    struct service *services;
    size_t service_count;
    struct endpoint *endpoints; /* UDP and TCP, see proto */
    size_t endpoint_count;
    struct process *processes;
    size_t process_count;
    struct host_address *addresses;
    size_t address_count;
    struct registry_value *registry;
    size_t registry_count;
    struct host_file *files;
    size_t file_count;
    struct network *networks;
    size_t network_count;
    const char *extra; /* members of an ingested line that this version does not know, as the text
                          of one JSON object, or NULL */
};

/* Zeroed, with "not known" in place: pids -1, uptime -1, delay -1. */
void snapshot_init(struct snapshot *snapshot);
void snapshot_done(struct snapshot *snapshot);

/* Append one row, "not known" filled in; NULL: out of memory. Rows may move with a later append. */
struct service *snapshot_add_service(struct snapshot *snapshot);
struct endpoint *snapshot_add_endpoint(struct snapshot *snapshot);
struct process *snapshot_add_process(struct snapshot *snapshot);
struct host_address *snapshot_add_address(struct snapshot *snapshot);
struct registry_value *snapshot_add_registry(struct snapshot *snapshot);
struct boot_witness *snapshot_add_witness(struct snapshot *snapshot);
struct host_file *snapshot_add_file(struct snapshot *snapshot);
struct network *snapshot_add_network(struct snapshot *snapshot);

void snapshot_set_section(struct snapshot *snapshot, enum section_id id, enum outcome outcome,
                          const char *source, int64_t code, const char *detail);

/* No verdict looks at it, and a visit without it is a whole one. */
bool section_is_optional(enum section_id id);

/* Sort endpoints (proto, port, address, pid), processes (pid), services (name, case folded), files
 * and networks (likewise), and drop repeated endpoints. Everything that stores, shows or compares
 * works on the sorted form.
 */
void snapshot_normalise(struct snapshot *snapshot);

const struct service *snapshot_service(const struct snapshot *snapshot, const char *name);
const struct process *snapshot_process(const struct snapshot *snapshot, int64_t pid);
/* Services of a process, since svchost.exe may run several: "A,B", in arena; NULL = none. */
const char *snapshot_services_of(const struct snapshot *snapshot, int64_t pid, struct arena *arena);
enum descent {
    DESCENT_OTHER,
    DESCENT_OF_IT,
    DESCENT_UNKNOWN, /* a parent on the way is not known: tasklist tells none */
};
enum descent snapshot_descent(const struct snapshot *snapshot, int64_t pid, int64_t ancestor);
/* pid descends from ancestor. A parent that is younger than its child is another process that got
 * the number of the real one. */
bool snapshot_descends(const struct snapshot *snapshot, int64_t pid, int64_t ancestor);
const struct registry_value *snapshot_registry(const struct snapshot *snapshot, const char *key,
                                               const char *name);
bool snapshot_has_address(const struct snapshot *snapshot, const struct ip *ip);

/* Names as the documents spell them: "complete", "udp", "host-key", "full", "Running",
 * "Automatic (Delayed Start)". _parse takes the same spelling and returns false for another. */
const char *outcome_name(enum outcome outcome);
const char *section_name(enum section_id id);
const char *visit_kind_name(enum visit_kind kind);
const char *proto_name(enum proto proto); /* "udp" | "tcp" */
const char *service_state_name(enum service_state state);
const char *startup_type_name(enum startup_type type);
const char *presence_name(enum presence presence);
const char *network_category_name(enum network_category category);
bool outcome_parse(const char *name, enum outcome *ret);
bool section_parse(const char *name, enum section_id *ret);
bool visit_kind_parse(const char *name, enum visit_kind *ret);
bool proto_parse(const char *name, enum proto *ret);
bool service_state_parse(const char *name, enum service_state *ret);
bool startup_type_parse(const char *name, enum startup_type *ret);
bool presence_parse(const char *name, enum presence *ret);
bool network_category_parse(const char *name, enum network_category *ret);

#endif
