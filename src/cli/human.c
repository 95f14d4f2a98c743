/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/human.h"

#include "dns/types.h"

void human_duration(struct buf *b, int64_t ns)
{
    if (ns < 0) {
        buf_putc(b, '-');
        return;
    }
    /* The unit is chosen by what is printed, so that nothing reads "1000 ms". */
    bool seconds = ns >= 999500000;
    double v = (double)ns / (seconds ? 1e9 : 1e6);
    int decimals = v < 9.995 ? 2 : v < 99.95 ? 1 : 0;
    if (!seconds && v < 0.0995)
        decimals = 3;
    buf_printf(b, "%.*f %s", decimals, v, seconds ? "s" : "ms");
}

void human_count(struct buf *b, uint64_t n)
{
    char digits[20];
    size_t len = buf_digits(digits, n);
    for (size_t i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0)
            buf_putc(b, ',');
        buf_putc(b, digits[i]);
    }
}

void human_share(struct buf *b, uint64_t n, uint64_t of)
{
    double share = of ? 100.0 * (double)n / (double)of : 0;
    if (!n || !of)
        buf_puts(b, "0 %");
    else if (n == of)
        buf_puts(b, "100 %");
    else if (share < 0.1)
        buf_puts(b, "<0.1 %");
    else if (share > 99.9)
        buf_puts(b, ">99.9 %");
    else
        buf_printf(b, "%.1f %%", share);
}

enum human_tone human_tone_of_rcode(unsigned rcode)
{
    return rcode == DNS_RCODE_NOERROR    ? TONE_GOOD
           : rcode == DNS_RCODE_NXDOMAIN ? TONE_NOTICE
                                         : TONE_BAD;
}

enum human_tone human_tone_of_outcome(enum record_outcome o)
{
    switch (o) {
    case OUTCOME_ANSWERED:
        return TONE_GOOD;
    case OUTCOME_UNSOLICITED:
        return TONE_STRANGE;
    case OUTCOME_UNSEEN:
        return TONE_FAINT;
    default:
        return TONE_BAD;
    }
}

static bool is_malformed(struct record *r)
{
    const struct dns_message *q = record_query(r), *a = record_response(r);
    return (q && q->malformed) || (a && a->malformed);
}

enum human_tone human_tone_of(struct record *r)
{
    if (r->marks & MARK_DUPLICATE_RESPONSE || is_malformed(r))
        return TONE_STRANGE;
    int32_t rcode = record_rcode(r);
    if (r->outcome != OUTCOME_ANSWERED || rcode < 0)
        return human_tone_of_outcome(r->outcome);
    return human_tone_of_rcode((unsigned)rcode);
}

const char *human_escape(enum human_tone tone)
{
    static const char *const escapes[] = {
        [TONE_NORMAL] = "",        [TONE_GOOD] = "\033[32m",      [TONE_NOTICE] = "\033[33m",
        [TONE_BAD] = "\033[1;31m", [TONE_STRANGE] = "\033[1;35m", [TONE_FAINT] = "\033[36m",
        [TONE_HEADER] = "\033[1m",
    };
    return escapes[tone];
}

const char *human_result(struct record *r, char scratch[20])
{
    int32_t rcode = record_rcode(r);
    if (r->outcome == OUTCOME_ANSWERED && rcode >= 0)
        return dns_rcode_name((uint16_t)rcode, scratch);
    return record_outcome_name(r->outcome);
}
