/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/summary.h"

#include "base/clock.h"
#include "cli/heavy.h"
#include "cli/histogram.h"
#include "cli/human.h"
#include "dns/name.h"
#include "dns/types.h"
#include "record/text.h"

#include <stdlib.h>

enum {
    RCODES = 24,  /* all that are assigned; the last one stands for the others */
    TYPES = 272,  /* likewise, but for TA and DLV */
    NAMES = 4096, /* counters of heavy hitters */
    PEERS = 8192,
    TOP_MAX = 100,
};

struct summary {
    uint64_t transactions, errors;
    uint64_t outcomes[OUTCOME_COUNT];
    uint64_t transports[TRANSPORT_COUNT];
    uint64_t rcodes[RCODES];
    uint64_t types[TYPES];
    uint64_t malformed, retransmits, truncated;
    uint64_t marks[8];
    int64_t first_ns, last_ns;
    struct heavy *names, *clients, *servers;
    struct histogram latency;
};

struct summary *summary_new(void)
{
    struct summary *s = calloc(1, sizeof(*s));
    if (!s)
        return NULL;
    s->names = heavy_new(NAMES);
    s->clients = heavy_new(PEERS);
    s->servers = heavy_new(PEERS);
    s->first_ns = INT64_MAX;
    s->last_ns = INT64_MIN;
    if (!s->names || !s->clients || !s->servers) {
        summary_free(s);
        return NULL;
    }
    return s;
}

void summary_free(struct summary *s)
{
    if (!s)
        return;
    heavy_free(s->names);
    heavy_free(s->clients);
    heavy_free(s->servers);
    free(s);
}

/* What is counted of one transaction, whatever form it came in. */
struct facts {
    unsigned outcome, transport, marks, retransmits;
    int64_t time_ns, latency_ns; /* latency -1: none */
    int qtype, rcode;            /* -1: none */
    bool malformed, truncated;
    uint8_t name[DNS_NAME_WIRE_MAX]; /* lower case */
    int name_len;                    /* negative: none */
    const struct inet_addr *client, *server;
};

static void count(struct summary *s, const struct facts *f)
{
    s->transactions++;
    if (f->outcome < OUTCOME_COUNT)
        s->outcomes[f->outcome]++;
    if (f->transport < TRANSPORT_COUNT)
        s->transports[f->transport]++;
    s->errors += f->outcome != OUTCOME_ANSWERED;
    s->retransmits += f->retransmits;
    for (unsigned i = 0; f->marks && i < 8; i++)
        s->marks[i] += f->marks >> i & 1;
    if (f->time_ns < s->first_ns)
        s->first_ns = f->time_ns;
    if (f->time_ns > s->last_ns)
        s->last_ns = f->time_ns;
    if (f->latency_ns >= 0)
        histogram_add(&s->latency, f->latency_ns);
    s->malformed += f->malformed;
    s->truncated += f->truncated;
    if (f->qtype >= 0)
        s->types[f->qtype < TYPES - 1 ? f->qtype : TYPES - 1]++;
    if (f->rcode >= 0) {
        s->rcodes[f->rcode < RCODES - 1 ? f->rcode : RCODES - 1]++;
        s->errors +=
            f->outcome == OUTCOME_ANSWERED && human_tone_of_rcode((unsigned)f->rcode) == TONE_BAD;
    }
    if (f->name_len >= 0)
        heavy_add(s->names, f->name, (size_t)f->name_len);
    heavy_add(s->clients, f->client->bytes, sizeof(f->client->bytes));
    heavy_add(s->servers, f->server->bytes, sizeof(f->server->bytes));
}

/* By its wire form: text is made of the few that are shown. */
static void take_question(struct facts *f, const struct dns_message *m)
{
    if (!m)
        return;
    f->qtype = m->qtype;
    f->name_len = dns_name_read(m->wire, m->len, m->qname_pos, f->name, NULL);
    if (f->name_len >= 0)
        dns_name_lower(f->name, (size_t)f->name_len);
}

void summary_push(struct summary *s, struct record *r)
{
    const struct dns_message *q = record_query(r), *a = record_response(r);
    bool answered = a && a->has_header;
    struct facts f = {
        .outcome = r->outcome,
        .transport = r->transport,
        .marks = r->marks,
        .retransmits = r->retransmits,
        .time_ns = r->time_ns,
        .latency_ns = r->latency_ns,
        .qtype = -1,
        .rcode = answered ? a->rcode : -1,
        .malformed = (q && q->malformed) || (a && a->malformed),
        .truncated = answered && a->flags & DNS_FLAG_TC,
        .name_len = -1,
        .client = &r->client,
        .server = &r->server,
    };
    take_question(&f, record_question(r));
    count(s, &f);
}

void summary_push_row(struct summary *s, const struct row *r)
{
    struct facts f = {
        .outcome = r->outcome,
        .transport = r->transport,
        .marks = r->marks,
        .retransmits = r->retransmits,
        .time_ns = r->time_ns,
        .latency_ns = r->latency_us < 0 ? -1 : r->latency_us * NS_PER_US,
        .qtype = r->qtype,
        .rcode = r->rcode,
        .malformed = r->malformed.text != NULL,
        .truncated = r->rcode >= 0 && r->flags & DNS_FLAG_TC,
        .name_len = -1,
        .client = &r->client,
        .server = &r->server,
    };
    if (r->qname.text)
        f.name_len = dns_name_from_text(r->qname.text, r->qname.len, f.name);
    if (f.name_len >= 0)
        dns_name_lower(f.name, (size_t)f.name_len);
    count(s, &f);
}

struct summary_figures summary_figures(const struct summary *s)
{
    return (struct summary_figures){
        .transactions = s->transactions,
        .errors = s->errors,
        .timeouts = s->outcomes[OUTCOME_TIMEOUT],
        .p50_ns = histogram_quantile(&s->latency, 0.5),
        .p99_ns = histogram_quantile(&s->latency, 0.99),
    };
}

/* ---- printing ---- */

struct printer {
    struct buf *out;
    unsigned width;
    bool color;
    unsigned top;
    unsigned column; /* in a list of counts */
};

enum {
    LABEL = 12,
};

static void put_label(struct printer *p, const char *label)
{
    if (p->color)
        buf_puts(p->out, human_escape(TONE_HEADER));
    buf_printf(p->out, "%-*s ", LABEL - 1, label);
    if (p->color)
        buf_puts(p->out, HUMAN_RESET);
    p->column = LABEL;
}

/* "NXDOMAIN 12 (3.1 %)", on a new line when this one is full. */
static void put_part(struct printer *p, const char *name, uint64_t n, uint64_t of,
                     enum human_tone tone)
{
    struct buf b = {0};
    if (!n)
        return;
    buf_puts(&b, name);
    buf_putc(&b, ' ');
    human_count(&b, n);
    if (of) {
        buf_puts(&b, " (");
        human_share(&b, n, of);
        buf_putc(&b, ')');
    }
    if (p->column > LABEL && p->column + 2 + b.len > p->width) {
        buf_printf(p->out, "\n%*s", LABEL, "");
        p->column = LABEL;
    }
    if (p->column > LABEL) {
        buf_puts(p->out, "  ");
        p->column += 2;
    }
    bool colored = p->color && tone != TONE_NORMAL && tone != TONE_GOOD;
    if (colored)
        buf_puts(p->out, human_escape(tone));
    buf_put(p->out, b.len ? b.data : "", b.len);
    if (colored)
        buf_puts(p->out, HUMAN_RESET);
    p->column += (unsigned)b.len;
    buf_done(&b);
}

static void put_total(struct printer *p, const struct summary *s)
{
    char first[CLOCK_TEXT_MAX], last[CLOCK_TEXT_MAX];
    human_count(p->out, s->transactions);
    buf_puts(p->out, s->transactions == 1 ? " transaction" : " transactions");
    if (!s->transactions) {
        buf_putc(p->out, '\n');
        return;
    }
    double seconds = (double)(s->last_ns - s->first_ns) / 1e9;
    if (seconds > 0) {
        buf_puts(p->out, " in ");
        human_duration(p->out, s->last_ns - s->first_ns);
        buf_puts(p->out, " (");
        double rate = (double)s->transactions / seconds;
        if (rate < 10)
            buf_printf(p->out, "%.1f", rate);
        else
            human_count(p->out, (uint64_t)(rate + 0.5));
        buf_puts(p->out, "/s)");
    }
    clock_format_utc(s->first_ns, first);
    clock_format_utc(s->last_ns, last);
    buf_printf(p->out, ", %.10s %.12s", first, first + 11);
    if (seconds > 0)
        buf_printf(p->out, " to %.12s", last + 11);
    buf_puts(p->out, " UTC\n\n");
}

static void put_counts(struct printer *p, const struct summary *s)
{
    char scratch[DNS_MNEMONIC_MAX];
    put_label(p, "Outcome");
    for (unsigned i = 0; i < OUTCOME_COUNT; i++)
        put_part(p, record_outcome_name(i), s->outcomes[i], s->transactions,
                 human_tone_of_outcome(i));
    buf_putc(p->out, '\n');
    uint64_t responses = 0;
    for (unsigned i = 0; i < RCODES; i++)
        responses += s->rcodes[i];
    if (responses) {
        put_label(p, "Response");
        for (unsigned i = 0; i < RCODES - 1; i++)
            put_part(p, dns_rcode_name((uint16_t)i, scratch), s->rcodes[i], responses,
                     human_tone_of_rcode(i));
        put_part(p, "other", s->rcodes[RCODES - 1], responses, TONE_BAD);
        buf_putc(p->out, '\n');
    }
    put_label(p, "Transport");
    for (unsigned i = 0; i < TRANSPORT_COUNT; i++)
        put_part(p, record_transport_name(i), s->transports[i], s->transactions, TONE_NORMAL);
    buf_putc(p->out, '\n');
}

/* Types by how often they were asked for. */
static void put_types(struct printer *p, const struct summary *s)
{
    char scratch[DNS_MNEMONIC_MAX];
    bool shown[TYPES] = {0};
    uint64_t rest = 0;
    put_label(p, "Type");
    for (unsigned line = 0; line < 12; line++) {
        unsigned best = TYPES - 1;
        for (unsigned i = 0; i < TYPES - 1; i++)
            if (!shown[i] && s->types[i] && (best == TYPES - 1 || s->types[i] > s->types[best]))
                best = i;
        if (best == TYPES - 1)
            break;
        shown[best] = true;
        put_part(p, dns_type_name((uint16_t)best, scratch), s->types[best], s->transactions,
                 TONE_NORMAL);
    }
    for (unsigned i = 0; i < TYPES; i++)
        rest += shown[i] ? 0 : s->types[i];
    put_part(p, "other", rest, s->transactions, TONE_NORMAL);
    buf_putc(p->out, '\n');
}

static void put_latency(struct printer *p, const struct summary *s)
{
    static const struct {
        const char *name;
        double q;
    } quantiles[] = {{"p50 ", 0.5}, {"  p90 ", 0.9}, {"  p99 ", 0.99}};
    if (!s->latency.count)
        return;
    put_label(p, "Latency");
    for (unsigned i = 0; i < 3; i++) {
        buf_puts(p->out, quantiles[i].name);
        human_duration(p->out, histogram_quantile(&s->latency, quantiles[i].q));
    }
    buf_puts(p->out, "  max ");
    human_duration(p->out, s->latency.max);
    buf_putc(p->out, '\n');
}

static void put_notes(struct printer *p, const struct summary *s, const struct summary_note *notes,
                      size_t note_count)
{
    bool any = s->retransmits || s->truncated || s->malformed;
    for (unsigned i = 0; i < 8; i++)
        any |= s->marks[i] != 0;
    if (any) {
        put_label(p, "Marks");
        put_part(p, "retransmits", s->retransmits, 0, TONE_NORMAL);
        put_part(p, "truncated", s->truncated, 0, TONE_NORMAL);
        put_part(p, "malformed", s->malformed, 0, TONE_STRANGE);
        for (unsigned i = 0; i < 8; i++)
            if (record_mark_name((uint8_t)(1u << i)))
                put_part(p, record_mark_name((uint8_t)(1u << i)), s->marks[i], 0,
                         1u << i == MARK_DUPLICATE_RESPONSE ? TONE_STRANGE : TONE_NORMAL);
        buf_putc(p->out, '\n');
    }
    for (size_t i = 0; i < note_count; i++) {
        if (!notes[i].count && !notes[i].always)
            continue;
        put_label(p, notes[i].label);
        human_count(p->out, notes[i].count);
        buf_putc(p->out, '\n');
    }
}

/* Keys of names are wire names in lower case; of a long one only its first whole labels are kept.
 */
static size_t name_text(const struct heavy_item *item, char text[DNS_NAME_TEXT_MAX], bool *cut)
{
    uint8_t wire[HEAVY_KEY_MAX + 1];
    size_t len = item->key_len;
    *cut = len > HEAVY_KEY_MAX;
    memcpy(wire, item->key, *cut ? HEAVY_KEY_MAX : len);
    if (*cut) {
        for (len = 0; len + 1 + wire[len] <= HEAVY_KEY_MAX; len += 1u + wire[len])
            ;
        wire[len++] = 0;
    }
    return dns_name_to_text(wire, len, text);
}

static void put_key(struct buf *b, const struct heavy_item *item, bool address, unsigned width)
{
    if (address) {
        char text[INET_TEXT_MAX];
        struct inet_addr a;
        memcpy(a.bytes, item->key, sizeof(a.bytes));
        buf_put(b, text, inet_addr_format(&a, text));
        return;
    }
    char text[DNS_NAME_TEXT_MAX];
    bool cut;
    size_t kept = name_text(item, text, &cut);
    cut |= kept > width;
    if (cut && kept > width - 2)
        kept = width - 2;
    buf_put(b, text, kept);
    if (cut)
        buf_puts(b, "..");
}

static void put_top(struct printer *p, const struct summary *s, struct heavy *h, const char *title,
                    bool address)
{
    const struct heavy_item *items[TOP_MAX];
    size_t n = heavy_top(h, items, p->top);
    if (!n)
        return;
    unsigned key_width = p->width < 40 ? 20 : p->width > 100 ? 80 : p->width - 20;
    size_t longest = 20;
    struct buf key = {0};
    for (size_t i = 0; i < n; i++) {
        buf_clear(&key);
        put_key(&key, items[i], address, key_width);
        longest = key.len > longest ? key.len : longest;
    }
    buf_putc(p->out, '\n');
    if (p->color)
        buf_puts(p->out, human_escape(TONE_HEADER));
    buf_puts(p->out, title);
    if (p->color)
        buf_puts(p->out, HUMAN_RESET);
    if (heavy_missing(h)) {
        buf_puts(p->out, " (each count may be up to ");
        human_count(p->out, heavy_missing(h));
        buf_puts(p->out, " too low)");
    }
    buf_putc(p->out, '\n');
    for (size_t i = 0; i < n; i++) {
        struct buf count = {0};
        buf_clear(&key);
        put_key(&key, items[i], address, key_width);
        human_count(&count, items[i]->count);
        buf_printf(p->out, "  %-*s %10s  ", (int)longest, buf_cstr(&key), buf_cstr(&count));
        human_share(p->out, items[i]->count, s->transactions);
        buf_putc(p->out, '\n');
        buf_done(&count);
    }
    buf_done(&key);
}

void summary_print(const struct summary *s, const struct summary_note *notes, size_t note_count,
                   const struct summary_style *style, struct buf *out)
{
    struct printer p = {
        .out = out,
        .width = style && style->width ? style->width : 100,
        .color = style && style->color,
        .top = style && style->top ? style->top : 10,
    };
    if (p.top > TOP_MAX)
        p.top = TOP_MAX;
    put_total(&p, s);
    if (s->transactions) {
        put_counts(&p, s);
        put_types(&p, s);
        put_latency(&p, s);
    }
    put_notes(&p, s, notes, note_count);
    put_top(&p, s, s->names, "Top names", false);
    put_top(&p, s, s->clients, "Top clients", true);
    put_top(&p, s, s->servers, "Top servers", true);
}
