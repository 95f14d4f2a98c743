/* SPDX-License-Identifier: Apache-2.0 */
/* Private to txn: from a table entry to the record that the next stage reads. */
#pragma once

#include "txn/entry.h"

struct emitter {
    record_sink *sink;
    void *ctx;
    struct txn_stats *stats;
    struct arena arena;
    int64_t last_loss_ns; /* INT64_MIN: nothing was ever lost */
};

void emitter_init(struct emitter *m, struct txn_stats *stats, record_sink *sink, void *ctx);
void emitter_done(struct emitter *m);
void emitter_note_loss(struct emitter *m, int64_t time_ns);
bool emitter_lost_since(const struct emitter *m, int64_t time_ns);
void emitter_emit(struct emitter *m, struct entry *e, enum record_outcome outcome);
