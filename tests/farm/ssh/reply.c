/* reply: the bytes that answer one exec, with what a misbehaving server makes of them. */
#include "farm/ssh/reply.h"

#include <stdio.h>
#include <string.h>

enum { MILLION = 1000000, GARBAGE_BYTES = 65536 };
static const uint64_t hundred_megabytes = UINT64_C(100) * 1000 * 1000;

void reply_init(struct reply *reply, struct buf *out, struct buf *err, long flood_at,
                enum misbehaviour misbehaviour, int status)
{
    reply->out = *out;
    reply->err = *err;
    buf_init(out, out->max);
    buf_init(err, err->max);
    reply->misbehaviour = misbehaviour;
    reply->flood_at = flood_at < 0 ? reply->out.len / 2 : (size_t)flood_at;
    reply->flood_left = misbehaviour == MISBEHAVE_BIG            ? hundred_megabytes
                        : misbehaviour == MISBEHAVE_ENDLESS      ? UINT64_MAX
                        : misbehaviour == MISBEHAVE_GARBAGE      ? GARBAGE_BYTES
                        : misbehaviour == MISBEHAVE_MILLION_ROWS ? MILLION
                                                                 : 0;
    reply->flood_row = 0;
    reply->out_at = reply->err_at = reply->chunk_at = reply->chunk_len = 0;
    reply->cut_at = misbehaviour == MISBEHAVE_CUT                           ? reply->out.len / 2
                    : misbehaviour == MISBEHAVE_HANG_FILES && flood_at >= 0 ? (size_t)flood_at
                                                                            : SIZE_MAX;
    reply->status = status;
}

void reply_done(struct reply *reply)
{
    buf_done(&reply->out);
    buf_done(&reply->err);
}

static void make_rows(struct reply *reply)
{
    size_t at = 0;
    while (reply->flood_left > 0 && at + 100 < sizeof(reply->chunk)) {
        uint64_t n = reply->flood_row++;
        int len = snprintf(reply->chunk + at, sizeof(reply->chunk) - at,
                           "  UDP    10.%u.%u.%u:%u  *:*                                    %u\r\n",
                           (unsigned)(n >> 16 & 255), (unsigned)(n >> 8 & 255), (unsigned)(n & 255),
                           49152 + (unsigned)(n % 16384), 1000 + (unsigned)(n % 5000) * 4);
        at += len > 0 ? (size_t)len : 0;
        reply->flood_left--;
    }
    reply->chunk_len = at;
}

static void make_bytes(struct reply *reply)
{
    static const char nasty[] = "\x1b[2J\x1b]0;gotcha\x07\0\0\x80\xff\xfe\xc3\x28\xed\xa0\x80"
                                "\x9b"
                                "31m\r\r\n\n@@end \x08\x08 UDP \t\v\f\x7f";
    bool garbage = reply->misbehaviour == MISBEHAVE_GARBAGE;
    size_t n = reply->flood_left < REPLY_CHUNK ? (size_t)reply->flood_left : REPLY_CHUNK;
    for (size_t i = 0; i < n; i++) {
        uint64_t dice = (reply->flood_row++ + 1) * UINT64_C(0x9e3779b97f4a7c15);
        reply->chunk[i] = !garbage     ? (i % 80 == 79 ? '\n' : 'x')
                          : i % 3 == 0 ? (char)(dice >> 40 & 255)
                                       : nasty[reply->flood_row % (sizeof(nasty) - 1)];
    }
    reply->flood_left -= n;
    reply->chunk_len = n;
}

static bool flood(struct reply *reply)
{
    if (reply->chunk_at == reply->chunk_len) {
        reply->chunk_at = reply->chunk_len = 0;
        if (reply->flood_left == 0) {
            return false;
        }
        if (reply->misbehaviour == MISBEHAVE_MILLION_ROWS ||
            reply->misbehaviour == MISBEHAVE_ENDLESS) {
            make_rows(reply);
        } else {
            make_bytes(reply);
        }
    }
    return true;
}

size_t reply_peek(struct reply *reply, size_t max, const char **ret_bytes, bool *ret_is_err)
{
    size_t left = 0;
    *ret_is_err = false;
    size_t stop = reply->cut_at < reply->out.len ? reply->cut_at : reply->out.len;
    if (reply->out_at < reply->flood_at && reply->out_at < stop) {
        left = (reply->flood_at < stop ? reply->flood_at : stop) - reply->out_at;
        *ret_bytes = reply->out.data + reply->out_at;
    } else if (reply->out_at == reply->flood_at && flood(reply)) {
        left = reply->chunk_len - reply->chunk_at;
        *ret_bytes = reply->chunk + reply->chunk_at;
    } else if (reply->out_at < stop) {
        left = stop - reply->out_at;
        *ret_bytes = reply->out.data + reply->out_at;
    } else if (reply->cut_at == SIZE_MAX && reply->err_at < reply->err.len) {
        left = reply->err.len - reply->err_at;
        *ret_bytes = reply->err.data + reply->err_at;
        *ret_is_err = true;
    }
    return left < max ? left : max;
}

void reply_advance(struct reply *reply, size_t bytes)
{
    size_t stop = reply->cut_at < reply->out.len ? reply->cut_at : reply->out.len;
    if (reply->chunk_at < reply->chunk_len) {
        reply->chunk_at += bytes;
    } else if (reply->out_at < stop) {
        reply->out_at += bytes;
    } else {
        reply->err_at += bytes;
    }
}

bool reply_is_cut(const struct reply *reply)
{
    return reply->cut_at != SIZE_MAX;
}
