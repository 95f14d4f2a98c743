/* SPDX-License-Identifier: Apache-2.0 */
#include "filter/scalar.h"

#include "base/clock.h"

#include <string.h>
#include <strings.h>

/* What is left of a text. */
struct rest {
    const char *p, *end;
};

static bool take_digits(struct rest *r, unsigned max_digits, uint64_t *out)
{
    uint64_t v = 0;
    unsigned n = 0;
    while (r->p < r->end && *r->p >= '0' && *r->p <= '9' && n < max_digits) {
        v = v * 10 + (uint64_t)(*r->p++ - '0');
        n++;
    }
    *out = v;
    return n > 0;
}

static bool take(struct rest *r, char c)
{
    if (r->p == r->end || *r->p != c)
        return false;
    r->p++;
    return true;
}

static bool take_hex(struct rest *r, uint64_t *out)
{
    uint64_t v = 0;
    unsigned n = 0;
    for (; r->p < r->end && n < 15; n++, r->p++) {
        char c = *r->p;
        if (c >= '0' && c <= '9')
            v = v << 4 | (uint64_t)(c - '0');
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            v = v << 4 | (uint64_t)((c | 0x20) - 'a' + 10);
        else
            break;
    }
    *out = v;
    return n > 0;
}

bool scalar_number(const char *text, size_t len, int64_t *out)
{
    static const struct {
        char suffix[3];
        uint64_t factor;
    } units[] = {
        {"ki", 1ull << 10}, {"mi", 1ull << 20}, {"gi", 1ull << 30},
        {"k", 1000},        {"m", 1000000},     {"g", 1000000000},
    };
    struct rest r = {text, text + len};
    uint64_t v;
    if (len > 2 && text[0] == '0' && (text[1] | 0x20) == 'x') {
        r.p += 2;
        if (!take_hex(&r, &v) || r.p != r.end)
            return false;
        *out = (int64_t)v;
        return true;
    }
    if (!take_digits(&r, 19, &v))
        return false;
    uint64_t factor = 1;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        size_t n = strlen(units[i].suffix);
        if ((size_t)(r.end - r.p) >= n && strncasecmp(r.p, units[i].suffix, n) == 0) {
            factor = units[i].factor;
            r.p += n;
            break;
        }
    }
    if (r.p < r.end && (*r.p | 0x20) == 'b')
        r.p++;
    if (r.p != r.end || v > (uint64_t)INT64_MAX / factor)
        return false;
    *out = (int64_t)(v * factor);
    return true;
}

static const struct {
    const char *name;
    int64_t ns;
} duration_units[] = {
    /* Longer names before those that they begin with. */
    {"ns", 1},
    {"us", NS_PER_US},
    {"\xc2\xb5s", NS_PER_US},
    {"ms", NS_PER_MS},
    {"s", NS_PER_SEC},
    {"min", 60 * NS_PER_SEC},
    {"m", 60 * NS_PER_SEC},
    {"h", 3600 * NS_PER_SEC},
    {"d", 86400 * NS_PER_SEC},
};

static int64_t take_unit(struct rest *r)
{
    for (size_t i = 0; i < sizeof(duration_units) / sizeof(duration_units[0]); i++) {
        size_t n = strlen(duration_units[i].name);
        if ((size_t)(r->end - r->p) >= n && memcmp(r->p, duration_units[i].name, n) == 0) {
            r->p += n;
            return duration_units[i].ns;
        }
    }
    return 0;
}

bool scalar_duration(const char *text, size_t len, int64_t plain_ns, int64_t *out_ns)
{
    struct rest r = {text, text + len};
    unsigned __int128 total = 0;
    unsigned parts = 0;
    *out_ns = 0;
    if (!len)
        return false;
    while (r.p < r.end) {
        uint64_t whole, fraction = 0, scale = 1;
        if (!take_digits(&r, 19, &whole))
            return false;
        if (take(&r, '.')) {
            const char *start = r.p;
            if (!take_digits(&r, 9, &fraction))
                return false;
            for (const char *p = start; p < r.p; p++)
                scale *= 10;
        }
        int64_t unit = take_unit(&r);
        if (!unit && (r.p < r.end || parts || !plain_ns))
            return false;
        if (!unit)
            unit = plain_ns;
        total += (unsigned __int128)whole * (uint64_t)unit +
                 (unsigned __int128)fraction * (uint64_t)unit / scale;
        if (total > (unsigned __int128)INT64_MAX)
            return false;
        parts++;
    }
    *out_ns = (int64_t)total;
    return true;
}

void scalar_put_duration(struct buf *b, int64_t ns)
{
    static const struct {
        int64_t ns;
        const char *name;
    } units[] = {
        {3600 * NS_PER_SEC, "h"}, {60 * NS_PER_SEC, "m"}, {NS_PER_SEC, "s"},
        {NS_PER_MS, "ms"},        {NS_PER_US, "us"},      {1, "ns"},
    };
    size_t i = 0;
    while (ns % units[i].ns)
        i++;
    if (!ns)
        i = 2;
    buf_i64(b, ns / units[i].ns);
    buf_puts(b, units[i].name);
}

/* Days since the epoch of a date of the Gregorian calendar. */
static int64_t days_of(int64_t year, unsigned month, unsigned day)
{
    year -= month <= 2;
    int64_t era = year / 400;
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static bool take_date(struct rest *r, int64_t *days)
{
    static const uint8_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    uint64_t year, month, day;
    const char *start = r->p;
    if (!take_digits(r, 4, &year) || r->p - start != 4 || !take(r, '-') ||
        !take_digits(r, 2, &month) || !take(r, '-') || !take_digits(r, 2, &day))
        return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (year < 1970 || year > 2116 || month < 1 || month > 12 || day < 1 ||
        day > lengths[month - 1] + (month == 2 && leap ? 1u : 0u))
        return false;
    *days = days_of((int64_t)year, (unsigned)month, (unsigned)day);
    return true;
}

/* "05:00", "05:00:01", "05:00:01.25": ns since midnight and how many ns it stands for. */
static bool take_clock(struct rest *r, int64_t *ns, int64_t *precision_ns)
{
    uint64_t hour, minute, second = 0, fraction = 0, scale = 1;
    if (!take_digits(r, 2, &hour) || !take(r, ':') || !take_digits(r, 2, &minute))
        return false;
    *precision_ns = 60 * NS_PER_SEC;
    if (take(r, ':')) {
        *precision_ns = NS_PER_SEC;
        if (!take_digits(r, 2, &second))
            return false;
        if (take(r, '.')) {
            const char *start = r->p;
            if (!take_digits(r, 9, &fraction))
                return false;
            for (const char *p = start; p < r->p; p++)
                scale *= 10;
        }
    }
    /* 60: leap seconds exist in RFC 3339. */
    if (hour > 23 || minute > 59 || second > 60)
        return false;
    *precision_ns /= (int64_t)scale;
    *ns = (int64_t)(hour * 3600 + minute * 60 + second) * NS_PER_SEC +
          (int64_t)(fraction * ((uint64_t)NS_PER_SEC / scale));
    return true;
}

static bool take_offset(struct rest *r, int64_t *ns)
{
    uint64_t hours, minutes = 0;
    *ns = 0;
    if (r->p == r->end || take(r, 'Z') || take(r, 'z'))
        return true;
    bool minus = *r->p == '-';
    if (!take(r, '-') && !take(r, '+'))
        return false;
    if (!take_digits(r, 2, &hours) || (take(r, ':'), !take_digits(r, 2, &minutes)) || hours > 23 ||
        minutes > 59)
        return false;
    *ns = (int64_t)(hours * 3600 + minutes * 60) * NS_PER_SEC * (minus ? -1 : 1);
    return true;
}

static bool take_rfc3339(struct rest *r, int64_t *first, int64_t *last)
{
    int64_t days, clock = 0, precision = 86400 * NS_PER_SEC, offset;
    if (!take_date(r, &days))
        return false;
    if (take(r, 'T') || take(r, 't') || take(r, ' ') || take(r, '_')) {
        if (!take_clock(r, &clock, &precision))
            return false;
    }
    if (!take_offset(r, &offset) || r->p != r->end)
        return false;
    *first = days * 86400 * NS_PER_SEC + clock - offset;
    *last = *first + precision - 1;
    return true;
}

bool scalar_time(const char *text, size_t len, int64_t now_ns, int64_t *first, int64_t *last)
{
    struct rest r = {text, text + len};
    int64_t ago;
    *first = *last = now_ns;
    if (len == 3 && strncasecmp(text, "now", 3) == 0)
        return true;
    if (len > 1 && text[0] == '-') {
        if (!scalar_duration(text + 1, len - 1, 0, &ago) || ago >= (int64_t)1 << 61)
            return false;
        *first = *last = now_ns > ago ? now_ns - ago : 0;
        return true;
    }
    if (len && !memchr(text, '-', len) && !memchr(text, 'T', len)) {
        /* Seconds since the epoch; a small number is rather a year or a slip. */
        if (!scalar_duration(text, len, NS_PER_SEC, first) || text[len - 1] < '0' ||
            text[len - 1] > '9' || *first < 100000000 * NS_PER_SEC)
            return false;
        *last = memchr(text, '.', len) ? *first : *first + NS_PER_SEC - 1;
        return true;
    }
    return take_rfc3339(&r, first, last) && *first >= 0;
}
