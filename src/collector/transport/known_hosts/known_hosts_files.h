/* known_hosts_files: the files of host keys that an inventory names, each with a table of its own.
 */
#ifndef PVSAUDIT_COLLECTOR_TRANSPORT_KNOWN_HOSTS_KNOWN_HOSTS_FILES_H
#define PVSAUDIT_COLLECTOR_TRANSPORT_KNOWN_HOSTS_KNOWN_HOSTS_FILES_H

#include "collector/transport/known_hosts/known_hosts.h"

/* A file vouches for the hosts that name it and for no other. */
struct known_hosts_files;

struct known_hosts_files *known_hosts_files_new(void);
void known_hosts_files_free(struct known_hosts_files *files);

/* Load a file as known_hosts_load does, once however often it is named. path must live as long as
 * files. */
int known_hosts_files_load(struct known_hosts_files *files, const char *path,
                           void (*bad_line)(void *data, const char *path, unsigned line,
                                            const char *why),
                           void *data, struct err *err);
/* The table of a file that was loaded, borrowed; NULL: it was not. */
struct known_hosts *known_hosts_files_find(const struct known_hosts_files *files, const char *path);

#endif
