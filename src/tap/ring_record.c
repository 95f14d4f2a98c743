/* SPDX-License-Identifier: Apache-2.0 */
#include "tap/ring_record.h"

#include "abi/ring.h"

#include <errno.h>
#include <string.h>

static void owner_from_record(struct frame_owner *owner, const struct ring_packet *r)
{
    *owner = (struct frame_owner){
        .pid = r->pid,
        .tid = r->tid,
        .uid = r->uid,
        .cgroup_id = r->cgroup_id,
        .start_boottime_ns = r->start_boottime_ns,
    };
    memcpy(owner->comm, r->comm, sizeof owner->comm);
    owner->comm[sizeof owner->comm - 1] = '\0';
}

/* The kernel's names end within their field; a field without an end is not a name. */
static const char *name_of(const char name[16])
{
    return name[15] == '\0' ? name : "";
}

static bool direction_of(uint8_t hook, uint8_t *direction)
{
    *direction = hook == RING_HOOK_QUEUE ? FRAME_OUT : FRAME_IN;
    return hook == RING_HOOK_QUEUE || hook == RING_HOOK_RECEIVE;
}

static int repeat_to_frame(const uint8_t *bytes, int64_t offset_ns, struct frame *frame)
{
    struct ring_repeat r;
    memcpy(&r, bytes, sizeof r);
    *frame = (struct frame){
        .data = bytes + sizeof r,
        .link = FRAME_LINK_IP,
        .ifindex = r.ifindex,
        .netns = r.netns,
        .interface = name_of((const char *)bytes + offsetof(struct ring_repeat, ifname)),
        .packet = r.serial,
        .cpu = r.cpu,
        .repeat = true,
    };
    if (r.flags != RING_FLAG_REPEAT || !r.serial || !direction_of(r.hook, &frame->direction) ||
        __builtin_add_overflow((int64_t)(r.time_ns & INT64_MAX), offset_ns, &frame->time_ns))
        return -EBADMSG;
    return 0;
}

int ring_record_to_frame(const void *data, size_t len, int64_t offset_ns, struct frame *frame,
                         struct frame_owner *owner)
{
    const uint8_t *bytes = data;
    struct ring_packet r;
    _Static_assert(FRAME_PACKETS == RING_REPEAT_WINDOW, "as many as the kernel names");
    if (len < sizeof(struct ring_repeat))
        return -EBADMSG;
    if (bytes[offsetof(struct ring_repeat, version)] != RING_ABI_VERSION)
        return -EPROTO;
    if (bytes[offsetof(struct ring_repeat, flags)] & RING_FLAG_REPEAT)
        return repeat_to_frame(bytes, offset_ns, frame);
    if (len < sizeof r)
        return -EBADMSG;
    memcpy(&r, bytes, sizeof r);
    if (r.caplen > len - sizeof r || r.caplen > r.len)
        return -EBADMSG;
    int64_t time_ns;
    uint8_t direction;
    if (!direction_of(r.hook, &direction) ||
        __builtin_add_overflow((int64_t)(r.time_ns & INT64_MAX), offset_ns, &time_ns))
        return -EBADMSG;
    *frame = (struct frame){
        .time_ns = time_ns,
        .packet = r.serial,
        .cpu = r.cpu,
        .data = bytes + sizeof r,
        .caplen = r.caplen,
        .len = r.len,
        .link = FRAME_LINK_IP,
        .protocol = r.protocol,
        .direction = direction,
        .local_origin = (r.flags & RING_FLAG_ORIGIN) != 0,
        .first_sight = (r.flags & RING_FLAG_FIRST) != 0,
        .ifindex = r.ifindex,
        .netns = r.netns,
        .interface = name_of((const char *)bytes + offsetof(struct ring_packet, ifname)),
    };
    if (r.flags & RING_FLAG_OWNER) {
        owner_from_record(owner, &r);
        frame->owner = owner;
    }
    return 0;
}
