/* boot_path_text: boot paths from the canonical JSON text that an inventory has of them. */
#ifndef PVSAUDIT_CONFIG_INVENTORY_BOOT_PATH_TEXT_H
#define PVSAUDIT_CONFIG_INVENTORY_BOOT_PATH_TEXT_H

#include "core/arena.h"
#include "core/err.h"
#include "model/boot_path.h"

/* text as in struct inventory, NULL = none. Everything lives in arena. ERR_FORMAT: it is no such
 * text. */
int boot_path_text_read(const char *text, struct arena *arena, struct boot_path **ret,
                        size_t *ret_count, struct err *err);

#endif
