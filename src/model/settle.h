/* settle: how long a service may take before what is missing is a finding. */
#ifndef PVSAUDIT_MODEL_SETTLE_H
#define PVSAUDIT_MODEL_SETTLE_H

#include "model/verdict.h"

/* Windows' exit code of a service that was never started in this boot. */
enum { SETTLE_NEVER_STARTED = 1077 };

/* Age of the process with this pid when the snapshot was taken; -1: not known. Ages are taken by
 * the host's clock where it was read, else by ours. */
int64_t settle_process_age_ms(const struct snapshot *snapshot, int64_t pid);

/* The running service has had its time: its process is old enough, or, where the age is not known,
 * the host is up long enough and an earlier reading saw the same pid. */
bool settle_running(const struct verdict_question *question, int64_t pid);

/* How long after the boot an automatic service that is not running may still be about to start. */
int64_t settle_stopped_ms(const struct snapshot *snapshot, int64_t exit_code);

/* -1: not known, or not read completely. */
int64_t settle_uptime_ms(const struct snapshot *snapshot);

/* Pending in this boot for settle_running and ten minutes, with no decisive reading between. */
bool settle_is_restarting(const struct verdict_question *question);

#endif
