/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as people read them on a terminal, and the colours of outcomes. */
#pragma once

#include "record/record.h"

/* "0.34 ms", "12.3 ms", "1.20 s": three digits that count; "-" when negative. */
void human_duration(struct buf *b, int64_t ns);
/* "1,234,567" */
void human_count(struct buf *b, uint64_t n);
/* "97.2 %"; of 0 gives "0 %". */
void human_share(struct buf *b, uint64_t n, uint64_t of);

enum human_tone {
    TONE_NORMAL,
    TONE_GOOD,    /* NOERROR */
    TONE_NOTICE,  /* NXDOMAIN */
    TONE_BAD,     /* SERVFAIL, REFUSED, ..., timeouts, refused, dropped */
    TONE_STRANGE, /* unsolicited, malformed, a second response */
    TONE_FAINT,   /* unseen */
    TONE_HEADER,
};

enum human_tone human_tone_of(struct record *r);
enum human_tone human_tone_of_rcode(unsigned rcode);
enum human_tone human_tone_of_outcome(enum record_outcome o);
/* The escape sequence that begins a tone; HUMAN_RESET ends it. Only the eight basic colours are
 * used, which every theme, dark or light, makes readable; nothing depends on colour alone. */
const char *human_escape(enum human_tone tone);
#define HUMAN_RESET "\033[0m"

/* rcode of an answered transaction, else the outcome; scratch as for dns_rcode_name. */
const char *human_result(struct record *r, char scratch[20]);
