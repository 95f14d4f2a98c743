/* SPDX-License-Identifier: Apache-2.0 */
/* DNS messages in a byte stream: two bytes of length before each (RFC 1035 4.2.2, RFC 7766 8).
 * After a start in the middle or a gap it looks for the next plausible message. */
#pragma once

#include "base/cursor.h"

struct dns_framing_stats {
    uint64_t messages;
    uint64_t resyncs;       /* found a message again after a gap or a start in the middle */
    uint64_t skipped_bytes; /* passed over while looking */
    uint64_t abandoned;     /* streams that do not carry DNS, given up */
    uint64_t incomplete;    /* messages cut off by a gap or the stream's end */
};

struct dns_framing;

/* `full`: the length that was announced; more than `len` when the message was cut off. */
typedef void dns_framing_sink(void *ctx, const uint8_t *message, size_t len, size_t full);

/* Memory for a partial message is allocated when one message spans pushes, at most 64 KiB + 2.
 * `stats` is shared by all streams of a stage. NULL when memory runs out. */
struct dns_framing *dns_framing_new(bool midstream, struct dns_framing_stats *stats);
void dns_framing_free(struct dns_framing *f);
void dns_framing_push(struct dns_framing *f, const uint8_t *data, size_t len,
                      dns_framing_sink *sink, void *ctx);
/* Bytes are missing here: a partial message is handed on as cut, then a new start is looked for. */
void dns_framing_gap(struct dns_framing *f, dns_framing_sink *sink, void *ctx);
/* The stream is over: a partial message that has at least a header is handed on as cut. */
void dns_framing_end(struct dns_framing *f, dns_framing_sink *sink, void *ctx);
/* Bytes held now. */
size_t dns_framing_held(const struct dns_framing *f);
