/* SPDX-License-Identifier: Apache-2.0 */
/* Private to the record: the parts that the JSON of a record and that of a row have in common. Keys
 * are written as constants with their punctuation, and room is asked for once per group of values
 * whose size is bounded. */
#pragma once

#include "base/json.h"
#include "record/row.h"

enum {
    /* The values from time to rcode: none longer than 64 bytes with its key. */
    HEAD_BYTES = 1024,
    GROUP_BYTES = 256,
};

#define LITERAL(p, text) ((char *)memcpy((p), (text), sizeof(text) - 1) + sizeof(text) - 1)
#define KEY(p, name)     LITERAL(p, ",\"" name "\":")

/* For mnemonics: too short for a call of the C library to pay. */
static inline char *put_text(char *p, const char *text)
{
    while (*text)
        *p++ = *text++;
    return p;
}

static inline char *put_quoted(char *p, const char *text)
{
    *p++ = '"';
    p = put_text(p, text);
    *p++ = '"';
    return p;
}

static inline char *put_number(char *p, uint64_t v)
{
    if (v < 10) { /* counts, mostly */
        *p = (char)('0' + v);
        return p + 1;
    }
    return p + buf_digits(p, v);
}

static inline char *put_inet(char *p, const struct inet_addr *a)
{
    *p++ = '"';
    p += inet_addr_format(a, p);
    *p++ = '"';
    return p;
}

/* For texts of any length and content. `key` comes with its punctuation: ,"comm": */
static inline void put_string(struct buf *b, const char *key, size_t key_len, const char *text,
                              size_t len)
{
    size_t plain = json_plain_len(text, len);
    char *p = buf_room(b, key_len + len + 2);
    if (!p)
        return;
    memcpy(p, key, key_len);
    b->len += key_len;
    if (plain < len) {
        json_string(b, text, len);
        return;
    }
    p += key_len;
    *p = '"';
    memcpy(p + 1, text, len);
    p[len + 1] = '"';
    b->len += len + 2;
}

#define STRING(b, name, text, len) put_string(b, ",\"" name "\":", sizeof(name) + 3, text, len)
#define TEXT(b, name, text)                                                                        \
    do {                                                                                           \
        const char *text_ = (text);                                                                \
        if (text_ && text_[0])                                                                     \
            STRING(b, name, text_, strlen(text_));                                                 \
    } while (0)

#define ROW_TEXT(b, name, t)                                                                       \
    do {                                                                                           \
        const struct row_text *t_ = (t);                                                           \
        if (t_->text)                                                                              \
            STRING(b, name, t_->text, t_->len);                                                    \
    } while (0)

/* All of a row that costs no more than a look into the record and its headers: not the answers, the
 * EDNS, the hops or `malformed`. Texts are as they were seen, not yet UTF-8, and stay the record's.
 */
void row_plain(struct row *out, struct record *r);
/* Its two halves: what was asked and answered, and who and where. The second one fills in what the
 * first one left empty. */
void row_plain_lookup(struct row *out, struct record *r);
void row_plain_who(struct row *out, const struct record *r);
struct row_edns record_edns_plain(const struct dns_edns *e); /* numbers and counts only */
struct row_ede record_ede_plain(const struct dns_ede *ede);
struct row_hop record_hop_plain(const struct record_hop *h);

/* From time to rcode. */
void row_put_head(const struct row *r, struct buf *b);
void row_put_codes(const struct row *r, struct buf *b); /* qtype, qclass */
void row_put_counts(const struct row *r, struct buf *b);
void row_put_edns_head(const struct row_edns *e, struct buf *b);
/* keepalive and padding. */
void row_put_edns_numbers(const struct row_edns *e, struct buf *b);
void row_put_ede(struct buf *b, const struct row_ede *ede, bool first);
void row_put_sizes(const struct row *r, struct buf *b); /* and retransmits */
/* Interface and netns without a comma before them; false: neither is known, nothing was written. */
bool row_put_place(struct buf *b, const struct row_text *interface, uint32_t netns);
void row_put_hop(struct buf *b, const struct row_hop *h, bool first);
void row_put_who(const struct row *r, struct buf *b);
void row_put_marks(const struct row *r, struct buf *b);
