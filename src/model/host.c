/* host: one target as the inventory declares it. */
#include "model/host.h"

#include "core/str.h"

enum declared host_declared(const struct host *host, const char *expectation,
                            const struct origin **ret_origin)
{
    for (size_t i = 0; i < host->declaration_count; i++) {
        if (str_ieq(host->declarations[i].expectation, expectation)) {
            if (ret_origin != NULL) {
                *ret_origin = &host->declarations[i].origin;
            }
            return host->declarations[i].declared;
        }
    }
    return DECLARED_SILENT;
}
