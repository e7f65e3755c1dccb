/* fleet: the simulated servers, the clock they live on and the counters, in memory that workers
 * share. */
#ifndef PVSAUDIT_FARM_SERVER_FLEET_H
#define PVSAUDIT_FARM_SERVER_FLEET_H

#include "core/err.h"
#include "farm/server/edition.h"
#include "farm/server/winrm_settings.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FLEET_NAME = 64,
    FLEET_ADDRESSES = 4,
    FLEET_ACCOUNTS = 32,
    FLEET_ADDRESS = 64, /* "fe80::1122:3344:5566:7788%12" */
};

enum language { LANGUAGE_EN, LANGUAGE_DE, LANGUAGE_JA };
enum shell { SHELL_CMD, SHELL_POWERSHELL };
enum reach { REACH_OPEN, REACH_REFUSED, REACH_BLACKHOLE };

enum transport { TRANSPORT_SSH, TRANSPORT_WINRM };

/* RIGHT_CIM opens WMI at all, each namespace has a right of its own beside it. RIGHT_SC is for the
 * services of PVS, RIGHT_SC_OTHERS for all the rest. */
enum right {
    RIGHT_CIM = 1,
    RIGHT_SC = 2,
    RIGHT_REG = 4,
    RIGHT_EVENTLOG = 8,
    RIGHT_SC_OTHERS = 16,
    RIGHT_CIMV2 = 32,
    RIGHT_STANDARDCIMV2 = 64,
    RIGHT_DEFAULT = 128,
    RIGHT_SHELL = 256, /* RootSDDL: the cmd shell over WinRM */
    RIGHT_WINRM = 512, /* the WMI plug-in's own SDDL: Remote Management Users */
    RIGHT_ALL = 1023,
};

/* Of the network that a server is in; the numbers are Windows' own. */
enum network_category { CATEGORY_PUBLIC, CATEGORY_PRIVATE, CATEGORY_DOMAIN };

/* What the Configuration Wizard last wrote. */
enum wizard { WIZARD_PXE, WIZARD_ELSEWHERE, WIZARD_BOOTP, WIZARD_ABSENT };

enum misbehaviour {
    BEHAVES,
    MISBEHAVE_REFUSE,
    MISBEHAVE_HANG_BANNER,
    MISBEHAVE_HANG_KEX,
    MISBEHAVE_HANG_AUTH,
    MISBEHAVE_HANG_EXEC,
    MISBEHAVE_DRIP,
    MISBEHAVE_CUT,
    MISBEHAVE_BIG,
    MISBEHAVE_ENDLESS,
    MISBEHAVE_GARBAGE,
    MISBEHAVE_MILLION_ROWS,
    MISBEHAVE_BAD_NUMBERS,
    MISBEHAVE_WRONG_HOST_KEY,
    MISBEHAVE_DENY_AUTH,
    MISBEHAVE_NO_EXEC,
    MISBEHAVE_EXIT_SIGNAL,
    MISBEHAVE_NO_EXIT_STATUS,
    MISBEHAVE_WRONG_HOSTNAME,
    MISBEHAVE_HANG_HEAD,
    MISBEHAVE_CLOSE_BETWEEN,
    MISBEHAVE_WRONG_LENGTH,
    MISBEHAVE_TAMPERED,
    MISBEHAVE_SKIPPED_MESSAGE,
    MISBEHAVE_UNSEALED,
    MISBEHAVE_WRONG_BOUNDARY,
    MISBEHAVE_LONG_LENGTH,
    MISBEHAVE_NO_LENGTH,
    MISBEHAVE_LATE_401,
    MISBEHAVE_HTML_401,
    MISBEHAVE_HTML_413,
    MISBEHAVE_HTML_503,
    MISBEHAVE_REDIRECT,
    MISBEHAVE_PROXY,
    MISBEHAVE_CUT_XML,
    MISBEHAVE_XML_BOMB,
    MISBEHAVE_DEEP_XML,
    MISBEHAVE_CUT_BASE64,
    MISBEHAVE_EXPIRED_CONTEXT,
    MISBEHAVE_ENDLESS_CONTEXT,
    MISBEHAVE_SAME_ITEM,
    MISBEHAVE_QUOTA,
    MISBEHAVE_TIMED_OUT,
    MISBEHAVE_NO_SEAL,
    MISBEHAVE_WRONG_CA,
    MISBEHAVE_WRONG_CERT_NAME,
    MISBEHAVE_EXPIRED_CERT,
    MISBEHAVE_HANG_FILES,
    MISBEHAVE_HANG,
    MISBEHAVE_CLOSE,
    MISBEHAVE_VERSION_1,
    MISBEHAVE_NO_CHANNEL,
    MISBEHAVE_BAD_TOKEN,
    MISBEHAVE_LONG_HEAD,
    MISBEHAVE_SHORT_LENGTH,
    MISBEHAVE_TWO_REPLIES,
    MISBEHAVE_TWO_ANSWERS,
    MISBEHAVE_OTHER_MESSAGE,
    MISBEHAVE_MANY_ATTRIBUTES,
    MISBEHAVE_LONG_CONTEXT,
    MISBEHAVE_ENDLESS_100,
    MISBEHAVE_TRAILERS,
    MISBEHAVE_FALSE_END,
    MISBEHAVE_NEVER_DONE,
    MISBEHAVE_COUNT,
};

/* When a misbehaviour is met, where that is said; OCCASION_ANY: wherever it belongs. */
enum occasion {
    OCCASION_ANY,
    OCCASION_BANNER,
    OCCASION_KEX,
    OCCASION_AUTH,
    OCCASION_GREETING,
    OCCASION_LOGIN,
    OCCASION_CHANNEL,
    OCCASION_EXEC,
    OCCASION_END,
    OCCASION_ENUMERATE,
    OCCASION_PULL,
    OCCASION_RELEASE,
    OCCASION_INVOKE,
    OCCASION_CREATE,
    OCCASION_COMMAND,
    OCCASION_RECEIVE,
    OCCASION_SIGNAL,
    OCCASION_DELETE,
    OCCASION_COUNT,
};

/* What one connection meets: up to two misbehaviours. */
enum { FLEET_MISDEEDS = 2 };

struct misdeeds {
    struct {
        uint8_t what, when; /* enum misbehaviour, enum occasion */
    } list[FLEET_MISDEEDS];
};

enum start_type { START_AUTO, START_DELAYED, START_MANUAL, START_DISABLED };

/* The services whose settings differ from server to server; service.h has the table of all. */
enum service_id {
    SERVICE_BNPXE,
    SERVICE_BNTFTP,
    SERVICE_PVSTSB,
    SERVICE_STREAM,
    SERVICE_SOAP,
    SERVICE_BNBOOTP,
    SERVICE_DHCP_SERVER,
    SERVICE_SETTABLE,
};

/* COURSE_BOOT: whatever the startup type made of it; the others happened by hand in this boot. */
enum service_course { COURSE_BOOT, COURSE_STARTED, COURSE_STOPPED, COURSE_HUNG };

struct service_settings {
    uint8_t start; /* enum start_type, as configured */
    uint8_t boot_start; /* the same when this boot began: what decided its course */
    uint8_t course; /* enum service_course */
    bool removed;
    bool lost; /* Running without having bound its ports */
    bool lose_next; /* the next boot will be so */
    uint32_t generation;
    int64_t since_up_ms; /* COURSE_STARTED: uptime at the start */
    int64_t created_wall_ms; /* COURSE_STARTED: the server's wall clock at the start */
};

struct server_address {
    uint32_t ip; /* host byte order */
    uint8_t prefix;
};

/* Plain data without pointers: it lies in shared memory. */
struct server {
    char name[FLEET_NAME], site[FLEET_NAME], farm[FLEET_NAME];
    char account[FLEET_NAME]; /* who the inventory logs in as; "" = the first account */
    char expect[160]; /* the inventory's pvsaudit_expect as YAML, "" = silent */
    uint32_t index;
    uint8_t language, os, shell, reach, wizard, transport, category;
    uint16_t rights; /* of enum right; an account's own rights narrow them */
    struct winrm_settings winrm;
    struct misdeeds misdeeds;
    uint32_t misbehave_left; /* connections until it behaves again; 0 = for ever */
    struct service_settings services[SERVICE_SETTABLE];
    struct server_address addresses[FLEET_ADDRESSES];
    uint8_t address_count;
    uint32_t build, revision; /* 17763, 5576 */
    char pvs[24]; /* version of the product */
    int32_t autostart_delay_s; /* -1: the registry value is absent */
    int64_t servicing_ms; /* how much later than usual services start after a boot */
    int64_t latency_ms; /* what an exec takes before its first byte */
    bool keyboard; /* ssh: passwords are asked for, by keyboard-interactive alone */
    bool flapping; /* BNPXE has another pid whenever somebody looks */
    bool tftp_used;
    char rival[40]; /* image that owns UDP 67; "" = none */
    char rival_address[FLEET_ADDRESS];
    bool rival_ended, rival_shares;
    char bind[FLEET_ADDRESS]; /* where BNPXE binds */
    uint32_t guid_generation;
    uint32_t boot_number;
    uint32_t looks; /* flapping */
    int64_t boot_farm_ms, boot_wall_ms;
    int64_t wall_offset_ms; /* the server's wall clock minus the farm's */
    int64_t paused_ms; /* of this boot, not counted by its uptime */
    int64_t uptime_ms; /* at the start of the scenario */
    atomic_uint_fast64_t connections, execs, requests;
    atomic_int_fast64_t open_enumerations, open_shells;
};

struct account {
    char name[FLEET_NAME];
    char password[FLEET_NAME]; /* "" = none */
    bool key;
    uint16_t rights;
};

/* How somebody proved who they are. */
enum mechanism {
    MECHANISM_KEY,
    MECHANISM_PASSWORD,
    MECHANISM_BASIC,
    MECHANISM_NTLM,
    MECHANISM_KERBEROS,
    MECHANISM_CERTIFICATE,
    MECHANISM_COUNT
};

struct account_counts {
    char name[FLEET_NAME];
    atomic_uint_fast64_t accepted[MECHANISM_COUNT], refused[MECHANISM_COUNT];
};

struct fleet_shared {
    atomic_int_fast64_t shift_ms; /* the farm's clock minus the real one */
    atomic_uint_fast64_t connections, execs, requests;
    atomic_int_fast64_t open_sessions, open_enumerations, open_shells;
    struct account_counts accounts[FLEET_ACCOUNTS + 1]; /* the last row: every other name */
    struct server servers[];
};

struct fleet {
    struct fleet_shared *shared;
    size_t shared_bytes;
    struct server *servers;
    size_t count;
    uint64_t seed;
    struct account accounts[FLEET_ACCOUNTS];
    size_t account_count;
    uint32_t client_ip; /* what netstat shows as the other end of an ssh connection */
};

/* One instant as a server sees it. */
struct moment {
    int64_t farm_ms; /* the truth */
    int64_t wall_ms; /* its wall clock */
    int64_t uptime_ms; /* its tick counter */
    int64_t boot_ms; /* LastBootUpTime: wall clock minus uptime, so it moves with clock steps */
};

/* Copies servers (borrowed for the call) into shared memory; their boots are set from their
 * uptime_ms and start_ms, the farm's first now. */
int fleet_open(struct fleet *fleet, const struct server *servers, size_t count, uint64_t seed,
               int64_t start_ms, struct err *err);
void fleet_close(struct fleet *fleet);

int64_t fleet_now_ms(const struct fleet *fleet);
/* Move the farm's clock. Backwards, the past moves along, so that uptimes stay what they are. */
void fleet_set_clock(struct fleet *fleet, int64_t farm_ms);
struct server *fleet_find(const struct fleet *fleet, const char *name);
const struct account *fleet_account(const struct fleet *fleet, const char *name);
/* DOMAIN\user and user@REALM are the account of that whole name, else of the user's. */
const struct account *fleet_account_of(const struct fleet *fleet, const char *principal);
void fleet_count_auth(struct fleet *fleet, const char *account, enum mechanism mechanism,
                      bool accepted);
extern const char *const fleet_mechanisms[MECHANISM_COUNT];

struct moment server_moment(const struct fleet *fleet, const struct server *server);
void server_reboot(const struct fleet *fleet, struct server *server);
/* A stable pseudo-random number for this server and the two others. */
uint64_t server_dice(const struct fleet *fleet, const struct server *server, uint64_t a,
                     uint64_t b);
/* The dynamic ports' n-th UDP port of this boot: 40 a server, 4 of them change each day. */
enum { SERVER_EPHEMERAL = 40 };
uint16_t server_ephemeral(const struct fleet *fleet, const struct server *server,
                          const struct moment *moment, unsigned n);
void server_guid(const struct fleet *fleet, const struct server *server, char to[40]);
/* The name the machine gives itself: 15 characters, upper case. */
void server_hostname(const struct server *server, char to[FLEET_NAME]);

#endif
