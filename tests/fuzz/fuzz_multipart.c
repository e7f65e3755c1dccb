/* fuzz_multipart: any bytes as a sealed body.
 * Covers: src/collector/transport/winrm/seal.c
 * Beside: seal_content_type seal_write */
#include "collector/transport/winrm/seal.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct seal_message message;
    const char *bytes = (const char *)data;
    if (seal_parse((struct slice){bytes, size}, &message, NULL) == 0 &&
        (message.header.len == 0 || message.header.data < bytes ||
         message.data.data + message.data.len > bytes + size)) {
        abort();
    }
    return 0;
}
