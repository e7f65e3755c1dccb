/* known_hosts_pin: the line of a new host key, and how it gets to the end of a file. */
#ifndef PVSAUDIT_COLLECTOR_TRANSPORT_KNOWN_HOSTS_KNOWN_HOSTS_PIN_H
#define PVSAUDIT_COLLECTOR_TRANSPORT_KNOWN_HOSTS_KNOWN_HOSTS_PIN_H

#include "core/buf.h"
#include "core/err.h"

#include <stddef.h>

/* Append "name type base64\n". 0, or -1: the name has characters that mean something there. */
int known_hosts_pin_line(const char *name, const unsigned char *key, size_t key_len,
                         struct buf *to);
/* Append whole lines to the file, on a line of their own; the file (0600) and its folders (0700)
 * are made where they do not exist. */
int known_hosts_pin_append(const char *path, const char *lines, size_t len, struct err *err);

#endif
