/* server_list: the servers that a farm itself names, from a CSV file of Get-PvsServer. */
#ifndef PVSAUDIT_CONFIG_SERVER_LIST_H
#define PVSAUDIT_CONFIG_SERVER_LIST_H

#include "core/arena.h"
#include "core/err.h"

#include <stddef.h>

/* What has no column or no value is NULL. */
struct server_entry {
    const char *name;
    const char *fqdn;
    const char *site;
    const char *address; /* one or several, as they stand there */
    size_t line;
};

struct server_list {
    struct arena arena;
    struct server_entry *rows;
    size_t count;
};

/* path "-" is standard input. The columns are found by their names: ServerName (or Name,
 * ComputerName, Server, HostName), ServerFqdn (or Fqdn, DNSHostName), SiteName (or Site), Ip (or
 * IPAddress, Address). A file of one column without such a name is a list of names. ERR_CONFIG with
 * file and line. */
int server_list_load(const char *path, struct server_list *ret, struct err *err);
int server_list_parse(const char *name, const char *bytes, size_t len, struct server_list *ret,
                      struct err *err);
void server_list_done(struct server_list *list);

#endif
