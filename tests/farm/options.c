/* options: the command line of the farm. */
#include "farm/options.h"

#include "core/str.h"

#include <string.h>

const char options_usage[] =
    "usage: pvsfarm --scenario FILE --inventory-out FILE --control SOCKET [--seed N]\n"
    "               [--listen 127.X.Y.Z/BITS] [--keytab FILE] [--ready-fd N]\n"
    "               [--die-with-parent]\n"
    "       pvsfarm ctl SOCKET COMMAND [WORD...]\n"
    "       pvsfarm keys\n";

int options_parse(int argc, char **argv, struct options *options, struct err *err)
{
    *options = (struct options){.ready_fd = -1};
    for (int i = 1; i < argc; i++) {
        uint64_t number = 0;
        if (str_eq(argv[i], "--die-with-parent")) {
            options->die_with_parent = true;
            continue;
        }
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (value == NULL) {
            return err_set(err, ERR_USAGE, "", "%s: unknown, or its value is missing", argv[i]);
        }
        struct slice text = {value, strlen(value)};
        if (str_eq(argv[i], "--scenario")) {
            options->scenario = value;
        } else if (str_eq(argv[i], "--inventory-out")) {
            options->inventory = value;
        } else if (str_eq(argv[i], "--control")) {
            options->control = value;
        } else if (str_eq(argv[i], "--listen")) {
            options->listen = value;
        } else if (str_eq(argv[i], "--keytab")) {
            options->keytab = value;
        } else if (str_eq(argv[i], "--seed") && str_u64(text, UINT64_MAX, &options->seed)) {
            options->seeded = true;
        } else if (str_eq(argv[i], "--ready-fd") && str_u64(text, 65535, &number)) {
            options->ready_fd = (int)number;
        } else {
            return err_set(err, ERR_USAGE, "", "%s %s: not understood", argv[i], value);
        }
        i++;
    }
    if (options->scenario == NULL || options->inventory == NULL || options->control == NULL) {
        return err_set(err, ERR_USAGE, "", "--scenario, --inventory-out and --control are needed");
    }
    return 0;
}
