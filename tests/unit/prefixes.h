/* prefixes: no proper prefix of a good answer passes for a whole one. */
#ifndef PVSAUDIT_TESTS_UNIT_PREFIXES_H
#define PVSAUDIT_TESTS_UNIT_PREFIXES_H

#include "unit/fixture.h"

#include "collector/probe/probe.h"

/* What a section of the snapshot is made of: it may be complete only where the end marker of each
 * of these (for "before:", of every section that begins so) was received with its line end. */
struct prefix_rule {
    enum section_id id;
    const char *needs[8];
};

/* Where the last line "@@end NEED..." ends in the whole answer; the answer must have it. */
static inline size_t prefix_end_of(const struct buf *answer, const char *need)
{
    char mark[64];
    size_t end = 0;
    (void)snprintf(mark, sizeof(mark), "@@end %s%s", need,
                   need[strlen(need) - 1] == ':' ? "" : " ");
    for (const char *at = strstr(answer->data, mark); at != NULL; at = strstr(at + 1, mark)) {
        const char *line_end = strchr(at, '\n');
        assert_non_null(line_end);
        end = (size_t)(line_end - answer->data) + 1;
    }
    assert_int_not_equal(end, 0);
    return end;
}

/* The answer must be free of NULs. */
static inline void prefixes_hold(const char *path, const struct probe *probe,
                                 const struct expectation *const *watched, size_t count,
                                 const struct prefix_rule *rules, size_t rule_count)
{
    struct buf answer;
    size_t ends[SECTION_COUNT] = {0};
    bool seen[SECTION_COUNT] = {false};
    fixture_load(path, &answer);
    for (size_t i = 0; i < rule_count; i++) {
        for (size_t k = 0; k < 8 && rules[i].needs[k] != NULL; k++) {
            size_t end = prefix_end_of(&answer, rules[i].needs[k]);
            ends[rules[i].id] = end > ends[rules[i].id] ? end : ends[rules[i].id];
        }
    }
    for (size_t len = 0; len <= answer.len; len++) {
        struct snapshot snapshot;
        char *bytes = malloc(len + 1); /* of its own, so that a read behind it is seen */
        assert_non_null(bytes);
        memcpy(bytes, answer.data, len);
        snapshot_init(&snapshot);
        assert_int_equal(probe->parse(bytes, len, watched, count, &snapshot, NULL), 0);
        assert_int_equal(probe_complete(bytes, len), len == answer.len);
        for (size_t i = 0; i < rule_count; i++) {
            enum section_id id = rules[i].id;
            bool complete = snapshot.sections[id].outcome == OUTCOME_COMPLETE;
            if (complete && len < ends[id]) {
                fail_msg("%s: %s is complete after %zu of %zu bytes", path, section_name(id), len,
                         ends[id]);
            }
            if (len < ends[id]) {
                assert_int_equal(snapshot.sections[id].outcome, OUTCOME_PARTIAL);
            }
            seen[id] = seen[id] || complete;
        }
        snapshot_done(&snapshot);
        free(bytes);
    }
    for (size_t i = 0; i < rule_count; i++) {
        assert_true(seen[rules[i].id]);
    }
    buf_done(&answer);
}

#endif
