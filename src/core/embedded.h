/* embedded: files of text that the programs carry inside them (made by cmake/embed.cmake). */
#ifndef PVSAUDIT_CORE_EMBEDDED_H
#define PVSAUDIT_CORE_EMBEDDED_H

struct embedded_file {
    const char *name; /* "0001_history.sql" */
    const char *text; /* NUL-terminated */
};

/* Each table ends with a row whose name is NULL. */
extern const struct embedded_file schema_embedded[]; /* schema/, in order of name */
extern const struct embedded_file expectations_embedded[]; /* expectations/ */
extern const struct embedded_file demo_embedded[]; /* demo/: the scenario of the demo */

#endif
