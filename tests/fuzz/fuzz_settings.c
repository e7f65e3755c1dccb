/* fuzz_settings: any bytes as a settings file.
 * Covers: src/config/settings.c src/config/settings_realms.c src/config/tree_read.c
 * Beside: files_default file_read first_file_read settings_load */
#include "config/settings.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct settings settings;
    struct err err = {.text = ""};
    if (settings_parse("s", (const char *)data, size, &settings, &err) != 0) {
        if (strlen(err.text) == 0) {
            abort();
        }
        return 0;
    }
    if (settings.db == NULL || settings.state_dir == NULL || settings.visit_ms <= 0) {
        abort();
    }
    settings_done(&settings);
    return 0;
}
