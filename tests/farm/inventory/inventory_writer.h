/* inventory_writer: what the halves of the inventory's writer share. */
#ifndef PVSAUDIT_FARM_INVENTORY_INVENTORY_WRITER_H
#define PVSAUDIT_FARM_INVENTORY_INVENTORY_WRITER_H

#include "farm/inventory/inventory.h"

#include <stdio.h>
#include <sys/types.h>

enum { INVENTORY_PATH = PATH_MAX + 128 };

struct inventory_writer {
    const struct inventory_source *source;
    const struct fleet *fleet;
    char folder[PATH_MAX];
    struct err *err;
};

FILE *inventory_create(struct inventory_writer *w, const char *name, mode_t mode,
                       char path[PATH_MAX]);
int inventory_finish(struct inventory_writer *w, FILE *file, const char *path);
void inventory_address(FILE *file, uint32_t ip);
/* Where a server is reached, or is not. */
uint32_t inventory_ip(const struct inventory_writer *w, const struct server *server);
unsigned inventory_port(const struct inventory_writer *w, const struct server *server);
/* The name of the file with the account's password. */
void inventory_password_name(const struct account *account, char to[FLEET_NAME + 16]);

/* Everything beside the inventory itself. */
int inventory_write_files(struct inventory_writer *w);

#endif
