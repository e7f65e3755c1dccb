/* recorder: a folder into which each visit of a scan is written down, one file a visit. */
#ifndef PVSAUDIT_COLLECTOR_RECORDING_RECORDER_H
#define PVSAUDIT_COLLECTOR_RECORDING_RECORDER_H

#include "core/err.h"
#include "model/recording.h"

struct recorder;

/* Makes the folder (mode 0700) where it is not there. ERR_USAGE: others can read it, or it holds
 * recordings already: a folder is of one scan. */
int recorder_open(const char *folder, struct recorder **ret, struct err *err);
void recorder_close(struct recorder *recorder); /* NULL is allowed */
/* Writes HOST.jsonl (mode 0600), HOST~2.jsonl for its second visit and so on: whole, then named;
 * what is there is never written over. NULL: there was no memory for it. */
void recorder_keep(struct recorder *recorder, const struct recording *recording);
/* -1: some visit could not be written down; the sentence says how many, and why the first. */
int recorder_check(const struct recorder *recorder, struct err *err);

#endif
