/* wmi_endpoint: MSFT_NetUDPEndpoint and MSFT_NetTCPConnection. */
#include "farm/wmi/wmi.h"

#include <stdlib.h>

static int add_socket(struct wmi_list *list, const struct socket_row *socket,
                      const struct process *processes, size_t count)
{
    struct wmi_row *row = wmi_add_row(list);
    if (row == NULL) {
        return -1;
    }
    row->socket = *socket;
    for (size_t i = 0; i < count; i++) {
        if (processes[i].pid == socket->pid) {
            row->process = processes[i];
        }
    }
    return 0;
}

static int list_protocol(struct wmi_list *list, enum socket_proto proto)
{
    const struct wmi_scope *scope = list->scope;
    struct process processes[PROCESS_COUNT];
    size_t count = process_list(scope->fleet, scope->server, &scope->moment, processes);
    struct socket_table *table = malloc(sizeof(*table));
    if (table == NULL) {
        return -1;
    }
    socket_list(scope->fleet, scope->server, &scope->moment, table);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < table->count; i++) {
        if (table->rows[i].proto == proto) {
            rc = add_socket(list, &table->rows[i], processes, count);
        }
    }
    free(table);
    return rc;
}

static int list_udp(struct wmi_list *list)
{
    return list_protocol(list, SOCKET_UDP);
}

static int list_tcp(struct wmi_list *list)
{
    return list_protocol(list, SOCKET_TCP);
}

static struct wmi_value local_address(const struct wmi_row *row)
{
    return wmi_text(arena_strdup(row->scope->arena, row->socket.address));
}

/* What a misbehaving server says of its first rows, in place of a number. */
static const char *bad_number(const struct wmi_row *row, const char *const *numbers, size_t count)
{
    bool bad = row->scope->misbehaviour == MISBEHAVE_BAD_NUMBERS && row->index < count;
    return bad ? numbers[row->index] : NULL;
}

static struct wmi_value local_port(const struct wmi_row *row)
{
    static const char *const numbers[] = {"-67", "65603", "99999999999999999999", "67.5", "x67"};
    const char *bad = bad_number(row, numbers, sizeof(numbers) / sizeof(numbers[0]));
    if (bad != NULL) {
        return wmi_text(bad);
    }
    return wmi_number(row->socket.port);
}

static struct wmi_value remote_address(const struct wmi_row *row)
{
    const char *nobody = row->socket.v6 ? "::" : "0.0.0.0";
    return wmi_text(row->socket.remote[0] == '\0'
                        ? nobody
                        : arena_strdup(row->scope->arena, row->socket.remote));
}

static struct wmi_value remote_port(const struct wmi_row *row)
{
    return wmi_number(row->socket.remote_port);
}

static struct wmi_value state(const struct wmi_row *row)
{
    return wmi_number(row->socket.state);
}

static struct wmi_value owning_process(const struct wmi_row *row)
{
    static const char *const numbers[] = {"-4", "4294967296", "18446744073709551617", "", "0x4"};
    const char *bad = bad_number(row, numbers, sizeof(numbers) / sizeof(numbers[0]));
    if (bad != NULL) {
        return wmi_text(bad);
    }
    return wmi_number(row->socket.pid);
}

/* Windows' own form: the four ends joined by ++ for TCP, the local one for UDP. */
static struct wmi_value instance_id(const struct wmi_row *row)
{
    const struct socket_row *s = &row->socket;
    if (s->proto == SOCKET_UDP) {
        return wmi_text(arena_printf(row->scope->arena, "%s++%u", s->address, s->port));
    }
    return wmi_text(arena_printf(row->scope->arena, "%s++%u++%s++%u", s->address, s->port,
                                 remote_address(row).text, s->remote_port));
}

/* The bind() call: a process binds what it listens on shortly after it has started. */
static struct wmi_value creation_time(const struct wmi_row *row)
{
    const struct wmi_scope *scope = row->scope;
    uint64_t dice = server_dice(scope->fleet, scope->server, 601, row->socket.port);
    int64_t start = row->process.created_wall_ms != 0 ? row->process.created_wall_ms
                                                      : scope->server->boot_wall_ms + 5000;
    return wmi_time(start + 200 + (int64_t)(dice % 1500), (int32_t)(dice >> 20 & 511));
}

static const struct wmi_property udp_properties[] = {
    {"AggregationBehavior", WMI_NUMBER, NULL, NULL, OS_2012},
    {"AvailableRequestedStates", WMI_LIST, NULL, NULL, OS_2012},
    {"Caption", WMI_TEXT, NULL, NULL, OS_2012},
    {"CommunicationStatus", WMI_NUMBER, NULL, NULL, OS_2012},
    {"CreationClassName", WMI_TEXT, NULL, "", OS_2012},
    {"Description", WMI_TEXT, NULL, NULL, OS_2012},
    {"ElementName", WMI_TEXT, instance_id, NULL, OS_2012},
    {"EnabledDefault", WMI_NUMBER, NULL, "2", OS_2012},
    {"EnabledState", WMI_NUMBER, NULL, "5", OS_2012},
    {"InstanceID", WMI_TEXT, instance_id, NULL, OS_2012},
    {"LocalAddress", WMI_TEXT, local_address, NULL, OS_2012},
    {"LocalPort", WMI_NUMBER, local_port, NULL, OS_2012},
    {"Name", WMI_TEXT, NULL, "", OS_2012},
    {"NameFormat", WMI_TEXT, NULL, NULL, OS_2012},
    {"OperationalStatus", WMI_LIST, NULL, NULL, OS_2012},
    {"OwningProcess", WMI_NUMBER, owning_process, NULL, OS_2016},
    {"CreationTime", WMI_TIME, creation_time, NULL, OS_2016},
    {"ProtocolIFType", WMI_NUMBER, NULL, "4096", OS_2012},
    {"SystemCreationClassName", WMI_TEXT, NULL, "", OS_2012},
    {"SystemName", WMI_TEXT, NULL, "", OS_2012},
};

static const struct wmi_property tcp_properties[] = {
    {"AppliedSetting", WMI_NUMBER, NULL, NULL, OS_2012},
    {"Caption", WMI_TEXT, NULL, NULL, OS_2012},
    {"CreationTime", WMI_TIME, creation_time, NULL, OS_2012},
    {"Description", WMI_TEXT, NULL, NULL, OS_2012},
    {"ElementName", WMI_TEXT, NULL, NULL, OS_2012},
    {"InstanceID", WMI_TEXT, instance_id, NULL, OS_2012},
    {"LocalAddress", WMI_TEXT, local_address, NULL, OS_2012},
    {"LocalPort", WMI_NUMBER, local_port, NULL, OS_2012},
    {"OffloadState", WMI_NUMBER, NULL, "0", OS_2012},
    {"OwningProcess", WMI_NUMBER, owning_process, NULL, OS_2012},
    {"RemoteAddress", WMI_TEXT, remote_address, NULL, OS_2012},
    {"RemotePort", WMI_NUMBER, remote_port, NULL, OS_2012},
    {"State", WMI_NUMBER, state, NULL, OS_2012},
};

const struct wmi_class wmi_udp_endpoint = {"MSFT_NetUDPEndpoint",
                                           "root/standardcimv2",
                                           RIGHT_STANDARDCIMV2,
                                           "InstanceID",
                                           udp_properties,
                                           sizeof(udp_properties) / sizeof(udp_properties[0]),
                                           list_udp};

const struct wmi_class wmi_tcp_connection = {"MSFT_NetTCPConnection",
                                             "root/standardcimv2",
                                             RIGHT_STANDARDCIMV2,
                                             "InstanceID",
                                             tcp_properties,
                                             sizeof(tcp_properties) / sizeof(tcp_properties[0]),
                                             list_tcp};
