/* SPDX-License-Identifier: Apache-2.0 */
/* The ways to read a name agree with each other, and its text leads back to it. The first byte is
 * where the name starts. */
#include "dns/name.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void round_trip(const uint8_t *wire, size_t wire_len)
{
    char text[DNS_NAME_TEXT_MAX];
    uint8_t back[DNS_NAME_WIRE_MAX];
    size_t n = dns_name_to_text(wire, wire_len, text);
    require(n < sizeof(text) && strlen(text) == n);
    for (size_t i = 0; i < n; i++)
        require(text[i] > ' ' && text[i] < 0x7f);
    require(dns_name_from_text(text, n, back) == (int)wire_len);
    require(memcmp(back, wire, wire_len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    size_t pos = data[0], read_next = 0, check_next = 0, skip_next = 0;
    const uint8_t *msg = data + 1;
    size_t len = size - 1;
    uint8_t wire[DNS_NAME_WIRE_MAX];
    int n = dns_name_read(msg, len, pos, wire, &read_next);
    int checked = dns_name_check(msg, len, pos, &check_next);
    int skipped = dns_name_skip(msg, len, pos, &skip_next);
    require((n > 0) == (checked == 0));
    if (n > 0) {
        require(n <= DNS_NAME_WIRE_MAX && wire[n - 1] == 0);
        require(skipped == 0 && read_next == check_next && read_next == skip_next);
        require(read_next > pos && read_next <= len);
        round_trip(wire, (size_t)n);
    }
    /* The same bytes taken as text. */
    n = dns_name_from_text((const char *)msg, len, wire);
    require(n == -EINVAL || (n >= 1 && n <= DNS_NAME_WIRE_MAX));
    if (n > 0)
        round_trip(wire, (size_t)n);
    return 0;
}
