/* SPDX-License-Identifier: Apache-2.0 */
/* Private to the trace view: what a line shows of a transaction, whichever form it comes in. */
#pragma once

#include "cli/human.h"
#include "dns/types.h"
#include "record/row.h"

/* Points into the record or row and into itself: to be used where it was filled. */
struct trace_line {
    int64_t time_ns, latency_ns; /* latency -1: none */
    const struct inet_addr *client, *server;
    uint16_t server_port;
    uint8_t transport;
    uint32_t pid;
    struct row_text comm, name;
    const char *type, *result;
    enum human_tone tone;
    char type_scratch[DNS_MNEMONIC_MAX], result_scratch[DNS_MNEMONIC_MAX];
    struct record *record; /* one of the two */
    const struct row *row;
};

void trace_line_of_record(struct trace_line *l, struct record *r);
void trace_line_of_row(struct trace_line *l, const struct row *r);
/* What is strange about it first, then what was answered; stops soon after `enough` bytes. */
void trace_line_detail(const struct trace_line *l, size_t enough, struct buf *out);
