/* snapshot_fields: the tables; a new member is one row here and one in the schema file. */
#include "out/snapshot_fields.h"

#include "core/str.h"
#include "model/host.h"

#define WORDS(module, type, text)                            \
    static const char *module##_of(unsigned number)          \
    {                                                        \
        return module##_name((enum type)number);             \
    }                                                        \
    static bool module##_to(const char *word, unsigned *ret) \
    {                                                        \
        enum type value;                                     \
        if (!module##_parse(word, &value)) {                 \
            return false;                                    \
        }                                                    \
        *ret = (unsigned)value;                              \
        return true;                                         \
    }                                                        \
    static const struct json_words module##_words = {text, module##_of, module##_to}

WORDS(outcome, outcome, "an outcome");
WORDS(reason, reason, "a reason");
WORDS(visit_kind, visit_kind, "a kind of visit");
WORDS(proto, proto, "udp or tcp");
WORDS(service_state, service_state, "a service's state");
WORDS(startup_type, startup_type, "a startup type");
WORDS(presence, presence, "a presence");
WORDS(network_category, network_category, "a category of a network");

static bool host_state_parse(const char *word, enum host_state *ret)
{
    for (unsigned i = HOST_ACTIVE; i <= HOST_RETIRED; i++) {
        if (str_eq(word, host_state_name((enum host_state)i))) {
            *ret = (enum host_state)i;
            return true;
        }
    }
    return false;
}
WORDS(host_state, host_state, "a state of a host");

#define TEXT(type, member)                                                           \
    {                                                                                \
        .name = #member, .kind = FIELD_TEXT, .offset = offsetof(struct type, member) \
    }
#define END          \
    {                \
        .name = NULL \
    }

const struct json_field snapshot_visit_fields[] = {
    {"host", FIELD_TEXT, offsetof(struct visit, host), true, 0, NULL},
    {"time", FIELD_TIME, offsetof(struct visit, time_ms), true, 0, NULL},
    TEXT(visit, source),
    {"kind", FIELD_WORD, offsetof(struct visit, kind), true, 0, &visit_kind_words},
    TEXT(visit, os),
    {"read", FIELD_BOOL, offsetof(struct visit, read), true, 0, NULL},
    {"reason", FIELD_WORD, offsetof(struct visit, reason), false, REASON_NONE, &reason_words},
    {"code", FIELD_NUMBER, offsetof(struct visit, code), false, 0, NULL},
    TEXT(visit, detail),
    {"duration_ms", FIELD_NUMBER, offsetof(struct visit, duration_ms), false, 0, NULL},
    TEXT(visit, transport),
    TEXT(visit, address),
    TEXT(visit, mechanism),
    TEXT(visit, principal),
    TEXT(visit, account),
    END,
};

const struct json_field snapshot_own_fields[] = {
    {"auto_start_delay_ms", FIELD_NUMBER, offsetof(struct snapshot, auto_start_delay_ms), false, -1,
     NULL},
    {"dynamic_first", FIELD_PORT, offsetof(struct snapshot, dynamic_first), false, 0, NULL},
    {"dynamic_last", FIELD_PORT, offsetof(struct snapshot, dynamic_last), false, 0, NULL},
    END,
};

const struct json_field snapshot_section_fields[] = {
    {"outcome", FIELD_WORD, offsetof(struct section, outcome), true, 0, &outcome_words},
    {"code", FIELD_NUMBER, offsetof(struct section, code), false, 0, NULL},
    TEXT(section, source),
    TEXT(section, detail),
    END,
};

const struct json_field snapshot_machine_fields[] = {
    TEXT(machine_identity, id),
    TEXT(machine_identity, computer_name),
    TEXT(machine_identity, host_key),
    TEXT(machine_identity, os_name),
    TEXT(machine_identity, os_build),
    TEXT(machine_identity, pvs_build),
    END,
};

const struct json_field snapshot_boot_fields[] = {
    {"boot_time", FIELD_TIME, offsetof(struct boot, boot_time_ms), false, 0, NULL},
    {"host_clock", FIELD_TIME, offsetof(struct boot, host_clock_ms), false, 0, NULL},
    {"uptime_ms", FIELD_NUMBER, offsetof(struct boot, uptime_ms), false, -1, NULL},
    TEXT(boot, boot_id),
    {"weak", FIELD_BOOL, offsetof(struct boot, weak), false, 0, NULL},
    END,
};

const struct json_field snapshot_declared_fields[] = {
    TEXT(host, site),
    TEXT(host, farm),
    TEXT(host, timezone),
    TEXT(host, maintenance),
    {"state", FIELD_WORD, offsetof(struct host, state), true, 0, &host_state_words},
    END,
};

static const struct json_field service_fields[] = {
    {"name", FIELD_TEXT, offsetof(struct service, name), true, 0, NULL},
    TEXT(service, display_name),
    {"canary", FIELD_WORD, offsetof(struct service, canary), false, PRESENCE_UNREAD,
     &presence_words},
    {"visible", FIELD_BOOL, offsetof(struct service, visible), false, 0, NULL},
    {"state", FIELD_WORD, offsetof(struct service, state), false, SERVICE_STATE_UNKNOWN,
     &service_state_words},
    {"startup", FIELD_WORD, offsetof(struct service, startup), false, STARTUP_UNKNOWN,
     &startup_type_words},
    {"pid", FIELD_NUMBER, offsetof(struct service, pid), false, -1, NULL},
    {"pid_after", FIELD_NUMBER, offsetof(struct service, pid_after), false, -1, NULL},
    {"exit_code", FIELD_NUMBER, offsetof(struct service, exit_code), false, -1, NULL},
    TEXT(service, image),
    TEXT(service, account),
    END,
};

static const struct json_field endpoint_fields[] = {
    {"proto", FIELD_WORD, offsetof(struct endpoint, proto), true, 0, &proto_words},
    {"address", FIELD_IP, offsetof(struct endpoint, address), true, 0, NULL},
    {"port", FIELD_PORT, offsetof(struct endpoint, port), true, 0, NULL},
    {"pid", FIELD_NUMBER, offsetof(struct endpoint, pid), false, -1, NULL},
    {"created", FIELD_TIME, offsetof(struct endpoint, created_ms), false, 0, NULL},
    END,
};

static const struct json_field process_fields[] = {
    {"pid", FIELD_NUMBER, offsetof(struct process, pid), true, -1, NULL},
    {"parent", FIELD_NUMBER, offsetof(struct process, parent), false, -1, NULL},
    {"created", FIELD_TIME, offsetof(struct process, created_ms), false, 0, NULL},
    TEXT(process, name),
    END,
};

static const struct json_field address_fields[] = {
    {"ip", FIELD_IP, offsetof(struct host_address, ip), true, 0, NULL},
    {"prefix", FIELD_PREFIX, offsetof(struct host_address, prefix), false, 0, NULL},
    END,
};

static const struct json_field registry_fields[] = {
    {"key", FIELD_TEXT, offsetof(struct registry_value, key), true, 0, NULL},
    {"name", FIELD_TEXT, offsetof(struct registry_value, name), true, 0, NULL},
    TEXT(registry_value, text), /* a number is a member of its own, see has_number */
    END,
};

static const struct json_field file_fields[] = {
    {"path", FIELD_TEXT, offsetof(struct host_file, path), true, 0, NULL},
    TEXT(host_file, version),
    {"modified", FIELD_TIME, offsetof(struct host_file, modified_ms), false, 0, NULL},
    END,
};

static const struct json_field network_fields[] = {
    {"adapter", FIELD_TEXT, offsetof(struct network, adapter), true, 0, NULL},
    {"category", FIELD_WORD, offsetof(struct network, category), false, CATEGORY_UNKNOWN,
     &network_category_words},
    END,
};

static const struct json_field witness_fields[] = {
    {"name", FIELD_TEXT, offsetof(struct boot_witness, name), true, 0, NULL},
    {"pid", FIELD_NUMBER, offsetof(struct boot_witness, pid), false, -1, NULL},
    {"created", FIELD_TIME, offsetof(struct boot_witness, created_ms), false, 0, NULL},
    END,
};

#define ADD(row)                                      \
    static void *add_##row(struct snapshot *snapshot) \
    {                                                 \
        return snapshot_add_##row(snapshot);          \
    }
ADD(service)
ADD(endpoint)
ADD(process)
ADD(address)
ADD(registry)
ADD(witness)
ADD(file)
ADD(network)

const struct snapshot_list snapshot_lists[SNAPSHOT_LISTS] = {
    {"services", service_fields, offsetof(struct snapshot, services),
     offsetof(struct snapshot, service_count), sizeof(struct service), 1 << 13, false, add_service},
    {"endpoints", endpoint_fields, offsetof(struct snapshot, endpoints),
     offsetof(struct snapshot, endpoint_count), sizeof(struct endpoint), 1 << 18, false,
     add_endpoint},
    {"processes", process_fields, offsetof(struct snapshot, processes),
     offsetof(struct snapshot, process_count), sizeof(struct process), 1 << 18, false, add_process},
    {"addresses", address_fields, offsetof(struct snapshot, addresses),
     offsetof(struct snapshot, address_count), sizeof(struct host_address), 1 << 13, false,
     add_address},
    {"registry", registry_fields, offsetof(struct snapshot, registry),
     offsetof(struct snapshot, registry_count), sizeof(struct registry_value), 1 << 13, true,
     add_registry},
    {"files", file_fields, offsetof(struct snapshot, files), offsetof(struct snapshot, file_count),
     sizeof(struct host_file), 64, false, add_file},
    {"networks", network_fields, offsetof(struct snapshot, networks),
     offsetof(struct snapshot, network_count), sizeof(struct network), 64, false, add_network},
};

const struct snapshot_list snapshot_witness_list = {
    "witnesses",
    witness_fields,
    offsetof(struct snapshot, boot.witnesses),
    offsetof(struct snapshot, boot.witness_count),
    sizeof(struct boot_witness),
    64,
    false,
    add_witness,
};
