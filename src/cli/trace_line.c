/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/trace_line.h"

#include "base/clock.h"
#include "record/text.h"

/* ---- what both forms say alike ---- */

static void put_separator(struct buf *b)
{
    if (b->len)
        buf_puts(b, ", ");
}

static void put_part(struct buf *b, const char *text, size_t len)
{
    if (!text || !len)
        return;
    put_separator(b);
    buf_put(b, text, len);
}

static void put_marks(struct buf *b, unsigned marks)
{
    for (unsigned bit = 1; marks && bit < 0x100; bit <<= 1) {
        const char *mark = marks & bit ? record_mark_name((uint8_t)bit) : NULL;
        if (mark)
            put_part(b, mark, strlen(mark));
    }
}

static void put_retransmits(struct buf *b, unsigned count)
{
    if (!count)
        return;
    put_separator(b);
    buf_u64(b, count);
    buf_puts(b, count == 1 ? " retransmit" : " retransmits");
}

static void put_ede(struct buf *b, unsigned code, const char *extra, size_t len)
{
    const char *name = dns_ede_text((uint16_t)code);
    put_separator(b);
    if (name)
        buf_puts(b, name);
    else
        buf_printf(b, "EDE %u", code);
    if (len) {
        buf_puts(b, ": ");
        buf_put(b, extra, len);
    }
}

static void put_state(struct buf *b, bool truncated, bool no_data)
{
    if (truncated)
        put_part(b, "truncated", 9);
    else if (no_data)
        put_part(b, "no data", 7); /* NODATA of RFC 2308: the name exists, but not this type */
}

/* ---- records ---- */

void trace_line_of_record(struct trace_line *l, struct record *r)
{
    int len = 0;
    const char *name = record_qname(r, &len);
    const struct dns_message *m = record_question(r);
    *l = (struct trace_line){
        .time_ns = r->time_ns,
        .latency_ns = r->latency_ns,
        .client = &r->client,
        .server = &r->server,
        .server_port = r->server_port,
        .transport = r->transport,
        .pid = r->process.pid,
        .comm = {r->process.comm, (uint32_t)strnlen(r->process.comm, sizeof(r->process.comm))},
        .name = {name ? name : "-", name ? (uint32_t)len : 1},
        .tone = human_tone_of(r),
        .record = r,
    };
    l->type = m ? dns_type_name(m->qtype, l->type_scratch) : "-";
    l->result = human_result(r, l->result_scratch);
}

static void detail_of_record(struct record *r, size_t enough, struct buf *b)
{
    char scratch[RECORD_ICMP_TEXT_MAX];
    const char *malformed = record_malformed(r), *icmp = record_icmp_name(r, scratch);
    const struct dns_edns *e = record_edns(r);
    const struct dns_message *m = record_response(r);
    put_marks(b, r->marks);
    put_part(b, malformed, malformed ? strlen(malformed) : 0);
    put_part(b, icmp, icmp ? strlen(icmp) : 0);
    put_part(b, r->drop_reason, r->drop_reason ? strlen(r->drop_reason) : 0);
    put_retransmits(b, r->retransmits);
    for (unsigned i = 0; e && i < e->ede_count && i < sizeof(e->ede) / sizeof(e->ede[0]); i++)
        put_ede(b, e->ede[i].code, (const char *)e->ede[i].text, e->ede[i].text_len);
    if (m)
        put_state(b, m->flags & DNS_FLAG_TC,
                  m->has_header && m->rcode == DNS_RCODE_NOERROR && m->an_count == 0);
    for (uint32_t i = 0; m && i < m->answers && b->len < enough; i++) {
        struct record_text t = record_answer_data(r, i);
        put_part(b, t.text, t.len);
    }
}

/* ---- rows ---- */

static enum human_tone tone_of_row(const struct row *r)
{
    if (r->marks & MARK_DUPLICATE_RESPONSE || r->malformed.text)
        return TONE_STRANGE;
    if (r->outcome != OUTCOME_ANSWERED || r->rcode < 0)
        return human_tone_of_outcome((enum record_outcome)r->outcome);
    return human_tone_of_rcode((unsigned)r->rcode);
}

void trace_line_of_row(struct trace_line *l, const struct row *r)
{
    static const struct row_text none = {"-", 1};
    *l = (struct trace_line){
        .time_ns = r->time_ns,
        .latency_ns = r->latency_us < 0 ? -1 : r->latency_us * NS_PER_US,
        .client = &r->client,
        .server = &r->server,
        .server_port = r->server_port,
        .transport = r->transport,
        .pid = r->pid,
        .comm = r->comm,
        .name = r->qname.text ? r->qname : none,
        .tone = tone_of_row(r),
        .row = r,
    };
    l->type = r->qtype < 0 ? "-" : dns_type_name((uint16_t)r->qtype, l->type_scratch);
    l->result = r->outcome == OUTCOME_ANSWERED && r->rcode >= 0
                    ? dns_rcode_name((uint16_t)r->rcode, l->result_scratch)
                    : record_outcome_name((enum record_outcome)r->outcome);
}

static void detail_of_row(const struct row *r, size_t enough, struct buf *b)
{
    put_marks(b, r->marks);
    put_part(b, r->malformed.text, r->malformed.len);
    put_part(b, r->icmp.text, r->icmp.len);
    put_part(b, r->drop_reason.text, r->drop_reason.len);
    put_retransmits(b, r->retransmits);
    for (uint32_t i = 0; i < r->edns.ede_count; i++)
        put_ede(b, r->edns.ede[i].code, r->edns.ede[i].extra.text, r->edns.ede[i].extra.len);
    /* There is an rcode when there was a response. */
    if (r->rcode >= 0)
        put_state(b, r->flags & DNS_FLAG_TC, r->rcode == DNS_RCODE_NOERROR && r->answer_count == 0);
    for (uint32_t i = 0; i < r->answers_len && b->len < enough; i++)
        put_part(b, r->answers[i].data.text, r->answers[i].data.len);
}

void trace_line_detail(const struct trace_line *l, size_t enough, struct buf *out)
{
    if (l->record)
        detail_of_record(l->record, enough, out);
    else
        detail_of_row(l->row, enough, out);
}
