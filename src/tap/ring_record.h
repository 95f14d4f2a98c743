/* SPDX-License-Identifier: Apache-2.0 */
/* One record of the ring as a frame: the only reader of struct ring_packet and ring_repeat. */
#pragma once

#include "base/frame.h"

#include <stddef.h>

/* `data` holds `len` bytes of a record, which may be more than it uses. Fills *frame, with views
 * into data and into *owner; `offset_ns` is added to CLOCK_MONOTONIC to give the epoch. 0, or
 * -EPROTO (another version of the ABI), -EBADMSG (lengths that do not fit, unknown hook). */
int ring_record_to_frame(const void *data, size_t len, int64_t offset_ns, struct frame *frame,
                         struct frame_owner *owner);
