/* wmi: the WMI classes that a simulated server has, and their instances at a moment. */
#ifndef PVSAUDIT_FARM_WMI_WMI_H
#define PVSAUDIT_FARM_WMI_WMI_H

#include "core/arena.h"
#include "farm/server/fleet.h"
#include "farm/server/process.h"
#include "farm/server/service.h"
#include "farm/server/socket.h"

enum wmi_type { WMI_TEXT, WMI_NUMBER, WMI_BOOL, WMI_TIME, WMI_LIST };

/* Texts are borrowed from the scope's arena or from tables. */
struct wmi_value {
    enum wmi_type type;
    bool null;
    int64_t number; /* NUMBER, BOOL */
    const char *text; /* TEXT */
    int64_t ms; /* TIME: since 1970, UTC */
    int32_t micros; /* TIME: beyond the millisecond */
    const char *const *items; /* LIST of texts */
    size_t count;
};

/* Who looks at which server, and when. The arena takes what the values need. */
struct wmi_scope {
    const struct fleet *fleet;
    const struct server *server;
    uint32_t rights; /* the account's, narrowed by the server's */
    enum misbehaviour misbehaviour; /* of this connection */
    struct moment moment;
    struct arena *arena;
};

/* One instance; each class uses what it needs of it. */
struct wmi_row {
    const struct wmi_scope *scope;
    int service;
    struct service_now now;
    struct process process;
    struct socket_row socket;
    size_t index;
};

typedef struct wmi_value wmi_get(const struct wmi_row *row);

struct wmi_property {
    const char *name;
    enum wmi_type type;
    wmi_get *get; /* NULL: the constant, and where there is none either, NULL */
    const char *constant;
    enum os_version since;
};

struct wmi_list {
    const struct wmi_scope *scope;
    void *rows; /* struct wmi_row */
    size_t count;
};

struct wmi_class {
    const char *name;
    const char *name_space; /* "root/cimv2" */
    enum right right; /* of the namespace */
    const char *key; /* the property that Get selects by; "" for a singleton */
    const struct wmi_property *properties;
    size_t property_count;
    int (*list)(struct wmi_list *list); /* -1 without memory */
};

extern const struct wmi_class wmi_operating_system, wmi_computer_system, wmi_service, wmi_process,
    wmi_adapter_configuration, wmi_data_file, wmi_udp_endpoint, wmi_tcp_connection, wmi_udp_setting,
    wmi_connection_profile;

/* Letter case does not count. NULL where this Windows version has no such thing. */
const struct wmi_class *wmi_find_class(const char *name_space, const char *name);
const char *wmi_find_namespace(const char *name, enum os_version os, enum right *ret_right);
const struct wmi_property *wmi_find_property(const struct wmi_class *class, const char *name,
                                             enum os_version os);

struct wmi_scope wmi_scope_of(const struct fleet *fleet, const struct server *server,
                              uint32_t rights, enum misbehaviour misbehaviour, struct arena *arena);
/* The rows live in the scope's arena. */
int wmi_list_rows(const struct wmi_class *class, const struct wmi_scope *scope,
                  struct wmi_list *list);
struct wmi_row *wmi_add_row(struct wmi_list *list); /* for the classes; NULL without memory */
struct wmi_value wmi_get_value(const struct wmi_property *property, const struct wmi_row *row);

struct wmi_value wmi_text(const char *text); /* NULL text: NULL */
struct wmi_value wmi_number(int64_t number);
struct wmi_value wmi_bool(bool value);
struct wmi_value wmi_time(int64_t ms, int32_t micros);
struct wmi_value wmi_none(enum wmi_type type);

/* Minutes east of UTC where the server stands. */
int32_t wmi_offset_min(const struct server *server);

#endif
