/* SPDX-License-Identifier: Apache-2.0 */
#include "dns/framing.h"

#include "dns/message.h"
#include "dns/name.h"
#include "dns/types.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    PREFIX_BYTES = 2,
    HEADER_END = PREFIX_BYTES + DNS_HEADER_BYTES,
    RR_FIXED_BYTES = 10,
    /* Enough of a message to judge it by: header, one name of full length, fixed fields. */
    VERDICT_BYTES = HEADER_END + DNS_NAME_WIRE_MAX + RR_FIXED_BYTES,
    FRAME_MAX_BYTES = PREFIX_BYTES + UINT16_MAX,
    SEARCH_MAX_BYTES = 64 * 1024, /* without a plausible message the stream is something else */
    HOLD_MIN_BYTES = 512,
    OPCODE_RESERVED = 3,
    QUERY_ADDITIONAL_MAX = 4,
};

enum state {
    START,     /* the first byte of the stream is the first of a length */
    ALIGNED,   /* at a length; messages have come before */
    SEARCHING, /* somewhere in the stream */
    ABANDONED,
};

/* Every decision depends on the bytes of the stream alone, never on how they were cut into pushes:
 * a step that cannot decide yet says how many bytes it wants and is repeated with more. */
struct dns_framing {
    struct dns_framing_stats *stats;
    enum state state;
    bool from_start;         /* never lost a byte: lengths can be trusted */
    bool last_implausible;   /* of the messages handed on */
    uint32_t searched_bytes; /* since the place was lost */
    size_t want;             /* bytes that the next step needs */
    uint8_t *hold;           /* the beginning of a frame that goes on in the next push */
    size_t held, capacity;
};

struct dns_framing *dns_framing_new(bool midstream, struct dns_framing_stats *stats)
{
    struct dns_framing *f = calloc(1, sizeof(*f));
    if (!f)
        return NULL;
    f->stats = stats;
    f->state = midstream ? SEARCHING : START;
    f->from_start = !midstream;
    return f;
}

void dns_framing_free(struct dns_framing *f)
{
    if (!f)
        return;
    free(f->hold);
    free(f);
}

size_t dns_framing_held(const struct dns_framing *f)
{
    return f->held;
}

static inline unsigned load16(const uint8_t *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

/* Whether the header at `header` could open a message of `len` bytes: an opcode that is assigned
 * and counts that fit. Text and TLS records fail this by their counts. */
static bool header_is_plausible(const uint8_t *header, size_t len)
{
    unsigned opcode = header[2] >> 3 & 15;
    size_t records = load16(header + 6) + load16(header + 8) + load16(header + 10);
    return opcode <= DNS_OPCODE_DSO && opcode != OPCODE_RESERVED &&
           DNS_HEADER_BYTES + load16(header + 4) * 5 + records * 11 <= len;
}

static bool class_is_known(unsigned class_)
{
    char scratch[DNS_MNEMONIC_MAX];
    return dns_class_name((uint16_t)class_, scratch) != scratch;
}

enum verdict {
    NO,
    YES,
    MORE, /* bytes are needed */
};

/* What asks has at most one record in the answer and authority sections each (the SOA of NOTIFY,
 * RFC 1996 3.7, and of IXFR, RFC 1995 3), a few after them (OPT, TSIG, SIG(0)) and
 * no RCODE. UPDATE uses the sections for records of its own (RFC 2136 2). Record data inside a
 * response is easily taken for a query otherwise, and what follows would wait for its name. */
static bool query_is_plausible(const uint8_t *header, unsigned flags)
{
    unsigned opcode = flags >> 11 & 15;
    return (flags & 15) == 0 &&
           (opcode == DNS_OPCODE_UPDATE || (load16(header + 6) <= 1 && load16(header + 8) <= 1 &&
                                            load16(header + 10) <= QUERY_ADDITIONAL_MAX));
}

/* The stricter test of a message whose place was only guessed: besides the header, the reserved
 * bit is zero, a query has no more records than queries have, and the question, or the first record
 * of an answer without one (later messages of a zone transfer, RFC 5936 2.2), has a sound name, an
 * assigned type and a known class. */
static enum verdict judge(const uint8_t *frame, size_t n)
{
    if (n < HEADER_END)
        return n >= PREFIX_BYTES && load16(frame) < DNS_HEADER_BYTES ? NO : MORE;
    size_t len = load16(frame);
    const uint8_t *message = frame + PREFIX_BYTES;
    if (len < DNS_HEADER_BYTES || !header_is_plausible(message, len))
        return NO;
    unsigned flags = load16(message + 2), questions = load16(message + 4);
    if (flags & DNS_FLAG_Z || questions > 1)
        return NO;
    if (!(flags & DNS_FLAG_QR) && !query_is_plausible(message, flags))
        return NO;
    if (questions == 0 && (!(flags & DNS_FLAG_QR) || load16(message + 6) == 0))
        return NO;
    size_t seen = n - PREFIX_BYTES < len ? n - PREFIX_BYTES : len, next;
    int error = dns_name_check(message, seen, DNS_HEADER_BYTES, &next);
    size_t fixed = questions ? 4 : RR_FIXED_BYTES;
    if (error == -EAGAIN || (error == 0 && seen - next < fixed))
        return seen < len ? MORE : NO;
    if (error < 0 || !dns_type_assigned((uint16_t)load16(message + next)) ||
        !class_is_known(load16(message + next + 2)))
        return NO;
    return questions || next + fixed + load16(message + next + 8) <= len ? YES : NO;
}

static void drop_hold(struct dns_framing *f)
{
    free(f->hold);
    f->hold = NULL;
    f->held = f->capacity = 0;
}

static void abandon(struct dns_framing *f)
{
    f->state = ABANDONED;
    f->stats->abandoned++;
}

static void lose_place(struct dns_framing *f)
{
    f->state = SEARCHING;
    f->from_start = false;
    f->searched_bytes = 0;
}

static size_t want(struct dns_framing *f, size_t bytes)
{
    f->want = bytes;
    return 0;
}

/* At a length. Returns the bytes used; 0 when it wants more or has changed the state. */
static size_t step_aligned(struct dns_framing *f, const uint8_t *p, size_t n,
                           dns_framing_sink *sink, void *ctx)
{
    if (n < PREFIX_BYTES)
        return want(f, PREFIX_BYTES);
    size_t len = load16(p);
    if (len == 0) {
        f->stats->skipped_bytes += PREFIX_BYTES;
        return PREFIX_BYTES;
    }
    if (len >= DNS_HEADER_BYTES && n < HEADER_END)
        return want(f, HEADER_END);
    bool plausible = len >= DNS_HEADER_BYTES && header_is_plausible(p + PREFIX_BYTES, len);
    if (!plausible && f->state == START) {
        abandon(f);
        return 0;
    }
    /* A peer may well send one broken message, which the operator wants to see; two in a row, or
     * one after a guessed place, mean that this is not where a message begins. */
    if (!plausible && (f->last_implausible || !f->from_start)) {
        lose_place(f);
        return 0;
    }
    if (n - PREFIX_BYTES < len)
        return want(f, PREFIX_BYTES + len);
    f->state = ALIGNED;
    f->last_implausible = !plausible;
    f->stats->messages++;
    sink(ctx, p + PREFIX_BYTES, len, len);
    return PREFIX_BYTES + len;
}

static size_t step_searching(struct dns_framing *f, const uint8_t *p, size_t n)
{
    size_t used = 0;
    for (; used < n; used++) {
        if (f->searched_bytes >= SEARCH_MAX_BYTES) {
            abandon(f);
            break;
        }
        enum verdict v = judge(p + used, n - used);
        if (v == YES) {
            f->stats->resyncs++;
            f->state = ALIGNED;
            f->last_implausible = false;
            break;
        }
        if (v == MORE) {
            size_t left = n - used, frame = PREFIX_BYTES;
            if (left >= PREFIX_BYTES)
                frame += load16(p + used);
            if (left < HEADER_END)
                frame = HEADER_END;
            f->want = frame < VERDICT_BYTES ? frame : VERDICT_BYTES;
            break;
        }
        f->searched_bytes++;
    }
    f->stats->skipped_bytes += used;
    return used;
}

/* Runs steps over the bytes until they want more or the stream is abandoned; what was used. */
static size_t run(struct dns_framing *f, const uint8_t *p, size_t n, dns_framing_sink *sink,
                  void *ctx)
{
    size_t used = 0;
    while (used < n && f->state != ABANDONED) {
        f->want = 0;
        if (f->state == SEARCHING)
            used += step_searching(f, p + used, n - used);
        else
            used += step_aligned(f, p + used, n - used, sink, ctx);
        if (f->want)
            break;
    }
    return used;
}

static bool hold(struct dns_framing *f, const uint8_t *data, size_t len)
{
    if (len > f->capacity - f->held) {
        size_t capacity = f->capacity ? f->capacity : HOLD_MIN_BYTES;
        while (capacity < f->held + len)
            capacity *= 2;
        /* It grows with what has come, not with the length that was announced. */
        if (capacity > FRAME_MAX_BYTES)
            capacity = FRAME_MAX_BYTES;
        uint8_t *grown = realloc(f->hold, capacity);
        if (!grown)
            return false;
        f->hold = grown;
        f->capacity = capacity;
    }
    memcpy(f->hold + f->held, data, len);
    f->held += len;
    return true;
}

/* Without memory for a partial message the rest of the push is as good as missing. */
static void give_up_partial(struct dns_framing *f)
{
    f->stats->incomplete++;
    drop_hold(f);
    lose_place(f);
}

/* Completes what is held with as much of the push as it wants, and steps over it. Returns the bytes
 * of the push that are done with: the ones still held after that are taken back from it, so that
 * a search goes on in the push itself. */
static size_t push_held(struct dns_framing *f, const uint8_t *data, size_t len,
                        dns_framing_sink *sink, void *ctx)
{
    size_t take = f->want - f->held;
    if (take > len)
        take = len;
    if (!hold(f, data, take)) {
        give_up_partial(f);
        return len;
    }
    if (f->held < f->want)
        return take;
    size_t used = run(f, f->hold, f->held, sink, ctx);
    size_t rest = f->held - used;
    if (f->state == ABANDONED)
        return len;
    if (rest <= take) {
        f->held = 0;
        return take - rest;
    }
    memmove(f->hold, f->hold + used, rest);
    f->held = rest;
    return take;
}

void dns_framing_push(struct dns_framing *f, const uint8_t *data, size_t len,
                      dns_framing_sink *sink, void *ctx)
{
    while (len && f->state != ABANDONED) {
        size_t used;
        if (f->held) {
            used = push_held(f, data, len, sink, ctx);
        } else {
            used = run(f, data, len, sink, ctx);
            if (used < len && f->state != ABANDONED) {
                if (!hold(f, data + used, len - used))
                    give_up_partial(f);
                used = len;
            }
        }
        data += used;
        len -= used;
    }
    /* A connection that has nothing under way holds no memory. */
    if (f->hold && (f->held == 0 || f->state == ABANDONED))
        drop_hold(f);
}

/* Hands on what is there of a message, or counts it. What is held was last judged when there was
 * less of it, so it is looked at once more. */
static void finish_partial(struct dns_framing *f, dns_framing_sink *sink, void *ctx)
{
    size_t used = run(f, f->hold, f->held, sink, ctx);
    size_t rest = f->held - used;
    if (f->state == SEARCHING) {
        f->stats->skipped_bytes += rest;
        f->searched_bytes += (uint32_t)rest;
    } else if (f->state != ABANDONED && rest) {
        f->stats->incomplete++;
        if (rest >= HEADER_END) {
            f->stats->messages++;
            sink(ctx, f->hold + used + PREFIX_BYTES, rest - PREFIX_BYTES, load16(f->hold + used));
        }
    }
    drop_hold(f);
}

void dns_framing_gap(struct dns_framing *f, dns_framing_sink *sink, void *ctx)
{
    finish_partial(f, sink, ctx);
    if (f->state == START || f->state == ALIGNED)
        lose_place(f);
}

void dns_framing_end(struct dns_framing *f, dns_framing_sink *sink, void *ctx)
{
    finish_partial(f, sink, ctx);
}
