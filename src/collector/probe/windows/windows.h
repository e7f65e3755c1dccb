/* windows: how the sections of a Windows host's answer become those of a snapshot. Private to the
 * windows_*.c files. */
#ifndef PVSAUDIT_COLLECTOR_PROBE_WINDOWS_WINDOWS_H
#define PVSAUDIT_COLLECTOR_PROBE_WINDOWS_WINDOWS_H

#include "collector/probe/plan.h"
#include "collector/probe/sections.h"
#include "collector/probe/windows/reg.h"
#include "core/buf.h"
#include "model/snapshot.h"

/* The key that the Configuration Wizard writes, always asked for. */
#define WINDOWS_WIZARD_KEY "HKLM\\SOFTWARE\\Citrix\\ProvisioningServices\\Wizard"
/* Where the TFTP service serves from, unless somebody has moved it. */
#define WINDOWS_BOOT_FOLDER "C:\\ProgramData\\Citrix\\Provisioning Services\\Tftpboot\\"
/* A key that nobody has: its error text is what absent sounds like in the host's language. */
#define WINDOWS_ABSENT_KEY "HKLM\\SOFTWARE\\pvsaudit-no-such-key"

enum { WINDOWS_AROUND_MAX = 32 }; /* files, networks */

struct windows {
    const struct sections *sections;
    const struct plan *plan;
    struct snapshot *snapshot;
    bool light; /* neither the services' settings nor their keys were asked for */
};

enum key_state {
    KEY_CUT, /* not answered, or what tells absent from denied is not */
    KEY_PRESENT, /* exit 0 */
    KEY_ABSENT,
    KEY_DENIED,
};

/* reg.exe exits with 1 for a key that does not exist and for one that we may not read, and its
 * error text is localised. So absent is believed only where the text is the one that the same host
 * just gave for a key that cannot exist, and where reg could read anything at all (it can be
 * forbidden as a whole: then every key sounds the same). What is neither is denied. */
enum key_state windows_key_state(const struct windows *windows,
                                 const struct answer_section *section);

/* The section that key i of the plan is asked under: "wizard", or "key:1" written into to. */
const char *windows_key_section(const struct plan *plan, size_t i, char *to, size_t size);

/* What is asked of a Windows server for these expectations, whichever way. */
int windows_plan(struct plan *ret, const struct expectation *const *watched, size_t count,
                 struct err *err);
int windows_light_plan(struct plan *ret, const struct expectation *const *watched, size_t count,
                       struct err *err);

/* A Windows that serves anything holds some of the ports that every Windows has; a list of
 * endpoints without any of them was not read whole, whatever is said of it. */
bool windows_is_plausible(const struct snapshot *snapshot);
extern const struct reading windows_implausible;
/* Processes that live as long as the boot, out of the snapshot's list. lsass_pid: where it is known
 * from its service; -1: it is not. -1: out of memory. */
int windows_take_witnesses(struct snapshot *snapshot, int64_t lsass_pid);
/* "Windows Server 2019" of "10.0.17763"; "Windows" of another. */
const char *windows_product(struct slice version);
/* The dynamic ports out of what netsh printed into that section; unchanged where it says none. */
void windows_take_dynamic_ports(const struct sections *sections, const char *name,
                                struct snapshot *snapshot);
/* The boot files of PVS by their names; ends with NULL. */
extern const char *const windows_boot_files[];
bool windows_is_boot_file(const char *path);
/* Windows' own number of a network's category. */
enum network_category windows_category(uint64_t number);
/* The product's version is that of its stream service, else of any of its files. */
void windows_take_build(struct snapshot *snapshot);
/* What PowerShell is asked for what windows_take_around takes; -1: to is full. */
int windows_around_encode(struct buf *to);
/* 255.255.255.0 -> 24; 0 for anything that is not a mask. */
uint8_t windows_prefix_of(struct slice mask);

/* Each fills rows of the snapshot and sets one of its sections. -1: out of memory. */
int windows_take_services(const struct windows *windows);
int windows_take_registry(const struct windows *windows); /* and the AutoStartDelay */
int windows_take_addresses(const struct windows *windows);
int windows_take_machine(const struct windows *windows); /* and the dynamic ports */
int windows_take_endpoints(const struct windows *windows);
int windows_take_boot_and_processes(const struct windows *windows);
int windows_take_around(const struct windows *windows); /* two sections, both optional */

#endif
