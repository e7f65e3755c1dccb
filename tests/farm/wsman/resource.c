/* resource: the WMI namespace and class that a resource URI names, and who may reach them. */
#include "farm/wsman/resource.h"

#include "core/str.h"
#include "farm/wmi/wmi.h"

#include <string.h>

#define NS_DMTF "http://schemas.dmtf.org/wbem/wscim/1/"

static const uint32_t wbem_access_denied = 0x80041003;

static bool starts(const char *text, const char *prefix)
{
    return strncasecmp(text, prefix, strlen(prefix)) == 0;
}

bool resource_parse(const struct exchange *x, struct resource *ret)
{
    const char *uri = x->envelope.resource;
    size_t len = strcspn(uri, "?"); /* keys may follow */
    const char *path = arena_strndup(x->arena, uri, len);
    const char *slash = path == NULL ? NULL : strrchr(path, '/');
    if (slash == NULL || slash[1] == '\0') {
        return false;
    }
    ret->class_name = slash + 1;
    if (starts(path, NS_WMI) && slash > path + strlen(NS_WMI)) {
        const char *space = path + strlen(NS_WMI);
        ret->name_space = arena_strndup(x->arena, space, (size_t)(slash - space));
        return ret->name_space != NULL;
    }
    const char *selector = envelope_selector(&x->envelope, "__cimnamespace");
    ret->name_space = selector == NULL ? "root/cimv2" : selector;
    return starts(path, NS_DMTF);
}

struct fault resource_check(const struct exchange *x, const struct resource *resource)
{
    uint32_t rights = exchange_rights(x);
    enum right right = RIGHT_CIM;
    if ((rights & RIGHT_WINRM) == 0) {
        return (struct fault){.id = FAULT_ACCESS_DENIED};
    }
    if (wmi_find_namespace(resource->name_space, (enum os_version)x->server->os, &right) == NULL) {
        return (struct fault){
            .id = FAULT_FILTER,
            .source = FAULT_OF_WMI,
            .message = arena_printf(x->arena,
                                    "The WS-Management service cannot process the request. The CIM "
                                    "namespace %s is not valid. ",
                                    resource->name_space)};
    }
    if ((rights & RIGHT_CIM) == 0 || (rights & (unsigned)right) == 0) {
        return (struct fault){.id = FAULT_WMI_DENIED,
                              .source = FAULT_OF_WMI,
                              .query = resource->class_name,
                              .wmi_status = wbem_access_denied};
    }
    return (struct fault){.id = FAULT_NONE};
}
