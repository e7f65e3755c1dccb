/* fuzz_known_hosts: any bytes as a known_hosts file, then the questions that are asked of one.
 * Covers: src/collector/transport/known_hosts/known_hosts.c
 *         src/collector/transport/known_hosts/known_hosts_hidden.c
 *         src/collector/transport/known_hosts/known_hosts_index.c
 *         src/collector/transport/known_hosts/known_hosts_line.c src/collector/transport/base64.c
 * Beside: file_read known_hosts_load known_hosts_set_pins known_hosts_pins pin_enter
 *         known_hosts_pin base64_write */
#include "collector/transport/known_hosts/known_hosts.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void note(void *data, const char *path, unsigned line, const char *why)
{
    size_t *count = data;
    *count += line > 0 && path != NULL && why != NULL ? 1 : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const unsigned char key[] = "\0\0\0\x0bssh-ed25519\0\0\0\x04"
                                       "abcd";
    static const char *const names[] = {"pvs01", "PVS01.example", "10.0.0.1", ""};
    size_t bad = 0;
    struct known_hosts *table = known_hosts_new();
    if (table == NULL) {
        return 0;
    }
    if (known_hosts_parse(table, "fuzz", (const char *)data, size, note, &bad, NULL) != 0) {
        abort(); /* only memory can fail it */
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct known_hosts_found found;
        char list[64];
        enum known_hosts_answer answer = known_hosts_check(table, names[i], i % 2 == 0 ? 22 : 2222,
                                                           key, sizeof(key) - 1, &found);
        if ((answer == KNOWN_HOSTS_UNKNOWN) != (found.where == NULL)) {
            abort();
        }
        known_hosts_preference(table, names[i], 22, list, sizeof(list));
        if (strlen(list) >= sizeof(list)) {
            abort();
        }
    }
    known_hosts_free(table);
    return 0;
}
