/* SPDX-License-Identifier: Apache-2.0 */
/* Private to the module: record data, one pass for both its check and its text. */
#pragma once

#include "base/buf.h"
#include "base/cursor.h"
#include "dns/message.h"

/* The data of one record. The cursor runs over the message up to the end of the data, so that its
 * positions are the message's and names may point back. Without `out` the data is only checked. */
struct rdata {
    struct cursor c;
    struct buf *out;
    unsigned fields; /* written so far */
};

/* NULL when the data fits its type or the type has no form of its own; else a constant text. */
const char *dns_rdata_check(const uint8_t *wire, size_t pos, size_t len, uint16_t type,
                            uint16_t class_);

/* Options of an OPT record; `present` and the rest of the header are the caller's. NULL or why
 * they are not sound: what was readable is kept. The text is option by option, NAME=VALUE. */
const char *dns_edns_parse(struct dns_edns *e, const uint8_t *options, size_t len);
void dns_rdata_opt(struct rdata *x);

/* Fields with a file of their own: each reads to the end of what it owns, or fails the cursor. */
void dns_rdata_svcparams(struct rdata *x);
void dns_rdata_loc(struct rdata *x);
void dns_rdata_apl(struct rdata *x);
void dns_rdata_wks(struct rdata *x);
void dns_rdata_ipseckey(struct rdata *x);
void dns_rdata_amtrelay(struct rdata *x);
void dns_rdata_hip(struct rdata *x);

/* Starts a field: sets the space before all but the first. */
static inline void rdata_field(struct rdata *x)
{
    if (x->out && x->fields++)
        buf_putc(x->out, ' ');
}

static inline size_t rdata_left(const struct rdata *x)
{
    return x->c.failed ? 0 : cursor_left(&x->c);
}

void dns_rdata_number(struct rdata *x, uint64_t value);
void dns_rdata_name(struct rdata *x);
void dns_rdata_ip4(struct rdata *x);
void dns_rdata_ip6(struct rdata *x);
void dns_rdata_base64(struct rdata *x, size_t len);
void dns_rdata_hex(struct rdata *x, size_t len);

/* Octets inside double quotes: the quote and the backslash escaped, what is not printable ASCII as
 * \DDD (RFC 1035 5.1). */
void dns_text_octets(struct buf *out, const uint8_t *data, size_t len);
void dns_text_quoted(struct buf *out, const uint8_t *data, size_t len);
void dns_text_hex(struct buf *out, const uint8_t *data, size_t len); /* upper case, as dig */
void dns_text_base64(struct buf *out, const uint8_t *data, size_t len);
void dns_text_ip(struct buf *out, const uint8_t *bytes, size_t len); /* 4 or 16 bytes */
