/* SPDX-License-Identifier: Apache-2.0 */
/* A record of any bytes either is refused or gives a frame that lies within it. */
#include "tap/ring_record.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct frame f;
    struct frame_owner o;
    if (ring_record_to_frame(data, size, 1700000000000000000, &f, &o))
        return 0;
    if (f.repeat && (f.caplen || f.len || f.owner || !f.packet))
        abort();
    if (f.data < data || f.caplen > size - (size_t)(f.data - data) || f.caplen > f.len)
        abort();
    if (strlen(f.interface) > 15 || (f.owner && strlen(f.owner->comm) > 15))
        abort();
    return 0;
}
