/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a message: every record gets its text, which is printable ASCII; the index stays
 * within the message; a sound message stays sound wherever the capture cuts it. */
#include "dns/message.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void check_text(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        require(text[i] >= ' ' && text[i] < 0x7f);
}

static void check_records(const struct dns_message *m)
{
    struct buf b = {0};
    char name[1025];
    size_t last = DNS_HEADER_BYTES;
    uint32_t count = m->answers + m->authorities + m->additionals;
    require(m->answers <= m->an_count && m->authorities <= m->ns_count);
    require(m->additionals <= m->ar_count);
    for (uint32_t i = 0; i < count; i++) {
        const struct dns_rr *rr = &m->rr[i];
        require(rr->name_pos >= last && rr->rdata_pos > rr->name_pos);
        last = (size_t)rr->rdata_pos + rr->rdata_len;
        require(last <= m->len);
        int n = dns_rr_name_to_text(m, rr, name);
        require(n > 0);
        check_text(name, (size_t)n);
        buf_clear(&b);
        n = dns_rdata_to_text(m, rr, &b);
        require(n == 0 || n == -EBADMSG);
        /* What the parser called sound can be written, and the other way round. */
        require(n == 0 || m->malformed);
        check_text(b.data, b.len);
    }
    buf_done(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena arena;
    struct dns_message m;
    arena_reset(&arena);
    require(dns_message_parse(&m, data, size, false, &arena) == 0);
    require(arena.used <= size * 2 + 16);
    check_records(&m);
    if (m.malformed || size > 512)
        return 0;
    for (size_t n = 0; n <= size; n++) {
        uint8_t *part = malloc(n ? n : 1);
        require(part != NULL);
        if (n)
            memcpy(part, data, n);
        arena_reset(&arena);
        require(dns_message_parse(&m, part, n, true, &arena) == 0);
        require(m.malformed == NULL);
        check_records(&m);
        free(part);
    }
    return 0;
}
