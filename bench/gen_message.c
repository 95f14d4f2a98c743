/* SPDX-License-Identifier: Apache-2.0 */
#include "gen_message.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    NAME_MAX_BYTES = 79,
    QNAME_OFFSET = 12,
    CHAIN_MAX = 3,
};

struct world_name {
    uint8_t zone; /* offset of the registered domain: what an SOA belongs to */
    uint8_t len;
    uint8_t wire[NAME_MAX_BYTES];
};

struct world {
    struct world_name *names;
    uint32_t count;
    double log_count;
};

enum answer_kind {
    ANSWER_RECORDS,
    ANSWER_NODATA,
    ANSWER_NXDOMAIN,
    ANSWER_SERVFAIL,
};

struct writer {
    uint8_t *out;
    size_t len;
    size_t owner; /* where the name of the next record stands */
    unsigned answers, authority, additional;
};

uint64_t gen_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15ULL;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
    return z ^ z >> 31;
}

uint32_t gen_below(uint64_t *state, uint32_t limit)
{
    return (uint32_t)((gen_random(state) >> 32) * limit >> 32);
}

static void name_add(struct world_name *n, const char *text, size_t len)
{
    n->wire[n->len] = (uint8_t)len;
    memcpy(n->wire + n->len + 1, text, len);
    n->len += (uint8_t)(len + 1);
}

static void name_add_word(struct world_name *n, const char *text)
{
    name_add(n, text, strlen(text));
}

static void name_add_spoken(struct world_name *n, uint64_t *state)
{
    static const char syllables[][3] = {"ba", "co", "di", "fe",  "gu",  "ka", "lo",
                                        "mi", "ne", "pu", "ra",  "so",  "ti", "ve",
                                        "wa", "xo", "ya", "zen", "net", "lab"};
    char text[24];
    size_t len = 0;
    for (uint32_t left = 2 + gen_below(state, 4); left; left--) {
        const char *s = syllables[gen_below(state, sizeof syllables / sizeof syllables[0])];
        size_t n_s = strnlen(s, sizeof syllables[0]);
        memcpy(text + len, s, n_s);
        len += n_s;
    }
    name_add(n, text, len);
}

static void name_add_hash(struct world_name *n, uint64_t *state)
{
    char text[20];
    size_t len = 8 + gen_below(state, 12);
    for (size_t i = 0; i < len; i++)
        text[i] = "0123456789abcdefghijklmnopqrstuv"[gen_below(state, 32)];
    name_add(n, text, len);
}

/* Hosts of services, content networks with hashes as host names, clusters with search paths. */
static void name_make(struct world_name *n, uint64_t *state)
{
    static const char *const hosts[] = {"www",  "api",    "cdn",    "mail",  "static", "img",
                                        "auth", "events", "assets", "login", "edge",   "telemetry"};
    static const char *const tlds[] = {"com", "com", "com", "net", "org", "de", "io", "co"};
    uint32_t kind = gen_below(state, 100);
    n->len = 0;
    if (kind < 8) {
        name_add_spoken(n, state);
        n->zone = n->len;
        name_add_word(n, "svc");
        name_add_word(n, "cluster");
        name_add_word(n, "local");
    } else {
        if (kind < 30)
            name_add_hash(n, state);
        if (kind < 85)
            name_add_word(n, hosts[gen_below(state, sizeof hosts / sizeof hosts[0])]);
        n->zone = n->len;
        name_add_spoken(n, state);
        name_add_word(n, tlds[gen_below(state, sizeof tlds / sizeof tlds[0])]);
    }
    n->wire[n->len++] = 0;
}

struct world *world_new(uint32_t names, uint64_t seed)
{
    struct world *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    w->names = calloc(names, sizeof *w->names);
    if (!w->names) {
        free(w);
        return NULL;
    }
    w->count = names;
    w->log_count = log(names);
    for (uint32_t i = 0; i < names; i++)
        name_make(&w->names[i], &seed);
    return w;
}

void world_free(struct world *w)
{
    if (w)
        free(w->names);
    free(w);
}

uint32_t world_pick(const struct world *w, uint64_t *state)
{
    double u = (double)(gen_random(state) >> 11) * 0x1p-53;
    uint32_t rank = (uint32_t)exp(u * w->log_count);
    return rank < w->count ? rank : w->count - 1;
}

static void put_u16(struct writer *w, unsigned v)
{
    w->out[w->len++] = (uint8_t)(v >> 8);
    w->out[w->len++] = (uint8_t)v;
}

static void put_u32(struct writer *w, uint32_t v)
{
    put_u16(w, v >> 16);
    put_u16(w, v & 0xffff);
}

static void put_bytes(struct writer *w, const void *bytes, size_t len)
{
    memcpy(w->out + w->len, bytes, len);
    w->len += len;
}

static void put_random(struct writer *w, uint64_t *state, size_t len)
{
    while (len) {
        uint64_t r = gen_random(state);
        size_t n = len < sizeof r ? len : sizeof r;
        put_bytes(w, &r, n);
        len -= n;
    }
}

static void put_header(struct writer *w, uint16_t id, unsigned flags)
{
    w->len = 0;
    put_u16(w, id);
    put_u16(w, flags);
    put_u16(w, 1);
    memset(w->out + w->len, 0, 6);
    w->len += 6;
}

static void put_counts(struct writer *w)
{
    size_t len = w->len;
    w->len = 6;
    put_u16(w, w->answers);
    put_u16(w, w->authority);
    put_u16(w, w->additional);
    w->len = len;
}

/* n.n.n.n.in-addr.arpa of an address that follows from the lookup */
static void put_reverse_name(struct writer *w, uint64_t state)
{
    for (int i = 0; i < 4; i++) {
        uint32_t byte = gen_below(&state, 256);
        uint8_t digits[3];
        uint8_t n = 0;
        if (byte >= 100)
            digits[n++] = (uint8_t)('0' + byte / 100);
        if (byte >= 10)
            digits[n++] = (uint8_t)('0' + byte / 10 % 10);
        digits[n++] = (uint8_t)('0' + byte % 10);
        w->out[w->len++] = n;
        put_bytes(w, digits, n);
    }
    put_bytes(w, "\7in-addr\4arpa", 14);
}

static void put_question(struct writer *w, const struct world *world, const struct lookup *l)
{
    if (l->type == TYPE_PTR)
        put_reverse_name(w, l->seed);
    else
        put_bytes(w, world->names[l->name].wire, world->names[l->name].len);
    put_u16(w, l->type);
    put_u16(w, 1);
}

/* Owner, type, class, TTL; returns where the length of the data goes. */
static size_t record_begin(struct writer *w, uint16_t type, uint32_t ttl)
{
    put_u16(w, (unsigned)(0xc000 | w->owner));
    put_u16(w, type);
    put_u16(w, 1);
    put_u32(w, ttl);
    put_u16(w, 0);
    return w->len;
}

static void record_end(struct writer *w, size_t data)
{
    size_t len = w->len - data;
    w->out[data - 2] = (uint8_t)(len >> 8);
    w->out[data - 1] = (uint8_t)len;
}

static void put_soa(struct writer *w, uint64_t *state, size_t zone)
{
    w->owner = zone;
    size_t data = record_begin(w, TYPE_SOA, 300 + gen_below(state, 3) * 300);
    put_bytes(w, "\3ns1", 4);
    put_u16(w, (unsigned)(0xc000 | zone));
    put_bytes(w, "\12hostmaster", 11);
    put_u16(w, (unsigned)(0xc000 | zone));
    put_u32(w, 2026000000 + gen_below(state, 100000));
    put_u32(w, 7200);
    put_u32(w, 900);
    put_u32(w, 1209600);
    put_u32(w, 300);
    record_end(w, data);
    w->authority++;
}

/* name CNAME <hash>.cdn-name.net CNAME ...: each link is the owner of the next record */
static void put_chain(struct writer *w, uint64_t *state, uint32_t links)
{
    for (; links; links--) {
        struct world_name target = {0};
        name_add_hash(&target, state);
        name_add_spoken(&target, state);
        name_add_word(&target, "net");
        target.wire[target.len++] = 0;
        size_t data = record_begin(w, TYPE_CNAME, 60 + gen_below(state, 240));
        put_bytes(w, target.wire, target.len);
        record_end(w, data);
        w->owner = data;
        w->answers++;
    }
}

static void put_data(struct writer *w, uint64_t *state, uint16_t type, bool large)
{
    switch (type) {
    case TYPE_A:
        put_random(w, state, 4);
        return;
    case TYPE_AAAA:
        put_bytes(w, "\x2a\x00\x14\x50", 4);
        put_random(w, state, 12);
        return;
    case TYPE_TXT: {
        size_t len = large ? 255 : 30 + gen_below(state, 90);
        w->out[w->len++] = (uint8_t)len;
        for (size_t i = 0; i < len; i++)
            w->out[w->len++] = (uint8_t)('a' + (i * 7 + len) % 26);
        return;
    }
    case TYPE_MX:
        put_u16(w, 10 * (1 + gen_below(state, 3)));
        put_bytes(w, "\3mx1\300\14", 6);
        return;
    case TYPE_SRV:
        put_u32(w, 10 << 16 | 50);
        put_u16(w, 443);
        put_bytes(w, "\4node\3svc\7cluster\5local", 24);
        return;
    case TYPE_HTTPS:
        put_bytes(w, "\0\1\0\0\1\0\6\2h3\2h2\0\4\0\4", 17);
        put_random(w, state, 4);
        return;
    default:
        put_bytes(w, "\4host\7example\3net", 18);
    }
}

static enum answer_kind answer_kind(const struct lookup *l, uint64_t *state)
{
    uint32_t dice = gen_below(state, 1000);
    if (l->large)
        return ANSWER_RECORDS;
    if (dice < 130)
        return ANSWER_NXDOMAIN;
    if (dice < 140)
        return ANSWER_SERVFAIL;
    if (l->type == TYPE_HTTPS && dice < 700)
        return ANSWER_NODATA;
    if (l->type == TYPE_AAAA && dice < 450)
        return ANSWER_NODATA;
    return ANSWER_RECORDS;
}

static void put_answers(struct writer *w, const struct lookup *l, uint64_t *state)
{
    bool address = l->type == TYPE_A || l->type == TYPE_AAAA || l->type == TYPE_HTTPS;
    w->owner = QNAME_OFFSET;
    if (address && gen_below(state, 100) < 35)
        put_chain(w, state, 1 + gen_below(state, CHAIN_MAX));
    uint32_t records = l->type == TYPE_A || l->type == TYPE_AAAA || l->type == TYPE_TXT
                           ? 1 + gen_below(state, 4)
                           : 1;
    if (l->large)
        records = 6 + gen_below(state, 6);
    uint32_t ttl = 30 + gen_below(state, 20) * 30;
    for (; records; records--) {
        size_t data = record_begin(w, l->type, ttl);
        put_data(w, state, l->type, l->large);
        record_end(w, data);
        w->answers++;
    }
}

/* Most clients speak EDNS (RFC 6891), some with cookies (RFC 7873), few with a subnet (RFC 7871).
 */
static void put_edns(struct writer *w, const struct lookup *l, bool response)
{
    uint64_t state = l->seed ^ 0xed25;
    uint32_t dice = gen_below(&state, 100);
    if (dice >= 65)
        return;
    w->out[w->len++] = 0;
    put_u16(w, TYPE_OPT);
    put_u16(w, 1232);
    put_u32(w, dice < 10 ? 0x8000 : 0);
    put_u16(w, 0);
    size_t data = w->len;
    if (dice < 20) {
        size_t len = response ? 24 : 8;
        put_u16(w, 10);
        put_u16(w, (unsigned)len);
        put_random(w, &state, len);
    }
    if (dice >= 20 && dice < 22)
        put_bytes(w, response ? "\0\10\0\7\0\1\30\30\306\63\144" : "\0\10\0\7\0\1\30\0\306\63\144",
                  11);
    record_end(w, data);
    w->additional++;
}

size_t gen_query(const struct world *world, const struct lookup *l, uint8_t *out)
{
    struct writer w = {.out = out};
    put_header(&w, l->id, 0x0100);
    put_question(&w, world, l);
    put_edns(&w, l, false);
    put_counts(&w);
    return w.len;
}

size_t gen_response(const struct world *world, const struct lookup *l, bool truncated, uint8_t *out)
{
    struct writer w = {.out = out};
    uint64_t state = ((uint64_t)l->name << 16 | l->type) * 0x9e3779b97f4a7c15ULL;
    enum answer_kind kind = answer_kind(l, &state);
    unsigned rcode = kind == ANSWER_NXDOMAIN ? 3 : kind == ANSWER_SERVFAIL ? 2 : 0;
    put_header(&w, l->id, 0x8180 | (truncated ? 0x0200u : 0) | rcode);
    put_question(&w, world, l);
    if (kind == ANSWER_RECORDS && !truncated)
        put_answers(&w, l, &state);
    if (kind == ANSWER_NXDOMAIN || kind == ANSWER_NODATA)
        put_soa(&w, &state, QNAME_OFFSET + (l->type == TYPE_PTR ? 0u : world->names[l->name].zone));
    put_edns(&w, l, true);
    put_counts(&w);
    return w.len;
}
