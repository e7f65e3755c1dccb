/* known_hosts: host keys that are known, in OpenSSH's file format, read once into a table. */
#ifndef PVSAUDIT_COLLECTOR_TRANSPORT_KNOWN_HOSTS_KNOWN_HOSTS_H
#define PVSAUDIT_COLLECTOR_TRANSPORT_KNOWN_HOSTS_KNOWN_HOSTS_H

#include "core/err.h"

#include <stddef.h>
#include <stdint.h>

struct known_hosts;

enum known_hosts_answer {
    KNOWN_HOSTS_MATCH,
    KNOWN_HOSTS_UNKNOWN, /* no line of any type for this name */
    KNOWN_HOSTS_OTHER_KIND, /* lines, and none with a key of this type */
    KNOWN_HOSTS_CHANGED, /* lines, and another key of this type */
    KNOWN_HOSTS_REVOKED,
};

struct known_hosts *known_hosts_new(void);
void known_hosts_free(struct known_hosts *table);

/* Add the lines of a file; a file that does not exist is empty. A bad line is skipped and reported
 * through bad_line (NULL = silence), not an error. Plain, hashed (|1|), [name]:port, patterns with
 * * ? and !, @revoked; @cert-authority lines are reported as not supported. */
int known_hosts_load(struct known_hosts *table, const char *path,
                     void (*bad_line)(void *data, const char *path, unsigned line, const char *why),
                     void *data, struct err *err);
int known_hosts_parse(struct known_hosts *table, const char *name, const char *bytes, size_t len,
                      void (*bad_line)(void *data, const char *path, unsigned line,
                                       const char *why),
                      void *data, struct err *err);

/* The line that decided; both are borrowed, and NULL where none did. */
struct known_hosts_found {
    const char *where; /* "file:line" */
    const char *type; /* of its key: "ssh-ed25519" */
};

/* name as the user gave it; a port other than 22 is looked up as [name]:port. key is the wire form.
 * ret_found may be NULL. */
enum known_hosts_answer known_hosts_check(const struct known_hosts *table, const char *name,
                                          uint16_t port, const unsigned char *key, size_t key_len,
                                          struct known_hosts_found *ret_found);

/* Host-key algorithms in the order to ask for, those that are pinned for this name first; a comma
 * list that libssh2's method_pref takes, without ones that this libssh2 lacks. */
void known_hosts_preference(const struct known_hosts *table, const char *name, uint16_t port,
                            char *to, size_t size);

/* The file for new keys: what was set, else the first that known_hosts_load was given; NULL: none.
 * Setting it does not load it. 0, or -1: no memory. */
int known_hosts_set_pins(struct known_hosts *table, const char *path);
const char *known_hosts_pins(const struct known_hosts *table);

/* Pin a new key: into the table and, as one appended line, into the file (mode 0600, made with its
 * folder where it does not exist). */
int known_hosts_pin(struct known_hosts *table, const char *path, const char *name, uint16_t port,
                    const unsigned char *key, size_t key_len, struct err *err);

#endif
