/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <stdio.h>
#include <string.h>

static void put_digits(char *out, unsigned v, int digits)
{
    for (int i = digits - 1; i >= 0; i--) {
        out[i] = (char)('0' + v % 10);
        v /= 10;
    }
}

size_t clock_format_utc(int64_t epoch_ns, char out[CLOCK_TEXT_MAX])
{
    /* Records come in time order, so the calendar part of one second serves thousands. */
    static _Thread_local int64_t cached_second = INT64_MIN;
    static _Thread_local char cached[20];

    int64_t second = epoch_ns / NS_PER_SEC;
    int64_t ns = epoch_ns % NS_PER_SEC;
    if (ns < 0) {
        ns += NS_PER_SEC;
        second--;
    }
    const int64_t last = 253402300799; /* 9999-12-31T23:59:59Z */
    if (second > last)
        second = last;
    if (second < -62167219200)
        second = -62167219200;
    if (second != cached_second) {
        time_t t = (time_t)second;
        struct tm tm;
        gmtime_r(&t, &tm);
        put_digits(cached, (unsigned)(tm.tm_year + 1900), 4);
        cached[4] = '-';
        put_digits(cached + 5, (unsigned)tm.tm_mon + 1, 2);
        cached[7] = '-';
        put_digits(cached + 8, (unsigned)tm.tm_mday, 2);
        cached[10] = 'T';
        put_digits(cached + 11, (unsigned)tm.tm_hour, 2);
        cached[13] = ':';
        put_digits(cached + 14, (unsigned)tm.tm_min, 2);
        cached[16] = ':';
        put_digits(cached + 17, (unsigned)tm.tm_sec, 2);
        cached_second = second;
    }
    memcpy(out, cached, 19);
    out[19] = '.';
    put_digits(out + 20, (unsigned)ns, 9);
    out[29] = 'Z';
    out[30] = '\0';
    return 30;
}
