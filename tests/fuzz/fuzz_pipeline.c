/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of a hostile network through every stage to JSON. Input: for each frame one byte of place
 * and time step, two bytes of length, and that many bytes of an IP packet. Of a length from 0xff00
 * on, the low byte says which earlier packet is seen again. */
#include "agent/pipeline.h"
#include "base/clock.h"
#include "base/cursor.h"

#include <stdlib.h>

enum {
    ETHERTYPE_IPV4 = 0x0800,
    ETHERTYPE_IPV6 = 0x86dd,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct out {
    struct buf json;
    uint64_t records;
};

static void on_record(void *ctx, struct record *r)
{
    struct out *out = ctx;
    buf_clear(&out->json);
    record_to_json(r, &out->json);
    if (out->json.failed || out->json.len < 2)
        abort();
    for (size_t i = 0; i < out->json.len; i++)
        if ((uint8_t)out->json.data[i] < 0x20)
            abort();
    out->records++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct out out = {0};
    struct pipeline_options options = {
        .ports = {53, 5353, 5355},
        .port_count = 3,
        .txn = {.transactions = 64, .bytes = 64 * 1024},
    };
    struct pipeline *p = pipeline_new(&options, on_record, &out);
    if (!p)
        return 0;
    struct cursor c = cursor_of(data, size);
    uint32_t packets = 0;
    int64_t now_ns = 1700000000 * NS_PER_SEC;
    while (cursor_left(&c) >= 3) {
        uint8_t where = cursor_u8(&c);
        size_t len = cursor_u16(&c);
        bool repeat = len >= 0xff00;
        uint32_t packet = repeat ? (uint32_t)len & 0xff : ++packets;
        if (repeat)
            len = 0;
        if (len > cursor_left(&c))
            len = cursor_left(&c);
        now_ns += where & 0x80 ? 300 * NS_PER_MS : NS_PER_US;
        struct frame frame = {
            .time_ns = now_ns,
            .data = cursor_bytes(&c, len),
            .caplen = (uint32_t)len,
            .len = (uint32_t)len + (where & 0x40 ? 100 : 0),
            .link = FRAME_LINK_IP,
            .direction = (where & 3) % 3,
            .ifindex = where >> 2 & 3,
            .netns = 1,
            .interface = "eth0",
            .packet = packet,
            .cpu = packet & 1,
            .repeat = repeat,
        };
        if (where & 0x10 && len) {
            frame.protocol = frame.data[0] >> 4 == 6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4;
            pipeline_push_block(p, &frame, 1);
        } else {
            pipeline_push(p, &frame);
        }
        if (where & 0x20)
            pipeline_note_loss(p, now_ns);
        pipeline_tick(p, now_ns);
    }
    pipeline_flush(p);
    struct pipeline_stats stats = pipeline_stats(p);
    uint64_t sum = 0;
    for (int i = 0; i < OUTCOME_COUNT; i++)
        sum += stats.txn->by_outcome[i];
    if (sum != stats.txn->transactions || sum != out.records || stats.txn->open != 0)
        abort();
    pipeline_free(p);
    buf_done(&out.json);
    return 0;
}
