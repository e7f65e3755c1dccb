/* snapshot_fields: which members a snapshot's line has, as tables. */
#ifndef PVSAUDIT_OUT_SNAPSHOT_FIELDS_H
#define PVSAUDIT_OUT_SNAPSHOT_FIELDS_H

#include "model/snapshot.h"
#include "out/json_field.h"

/* An array of the snapshot: where it is, and how a row is appended. */
struct snapshot_list {
    const char *name; /* "endpoints" */
    const struct json_field *fields;
    size_t items_offset, count_offset; /* in struct snapshot */
    size_t row_size;
    size_t max; /* more rows are refused */
    bool has_number; /* rows may have a member "number" of 64 bits */
    void *(*add)(struct snapshot *snapshot);
};

enum { SNAPSHOT_LISTS = 7 };

extern const struct json_field snapshot_visit_fields[]; /* struct visit */
extern const struct json_field snapshot_own_fields[]; /* struct snapshot */
extern const struct json_field snapshot_section_fields[]; /* struct section */
extern const struct json_field snapshot_machine_fields[]; /* struct machine_identity */
extern const struct json_field snapshot_boot_fields[]; /* struct boot */
extern const struct json_field snapshot_declared_fields[]; /* struct host */
extern const struct snapshot_list snapshot_lists[SNAPSHOT_LISTS];
extern const struct snapshot_list snapshot_witness_list; /* below "boot" */

#endif
