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

int ring_record_to_frame(const void *data, size_t len, int64_t offset_ns, struct frame *frame,
                         struct frame_owner *owner)
{
    const uint8_t *bytes = data;
    struct ring_packet r;
    if (len < sizeof r)
        return -EBADMSG;
    memcpy(&r, bytes, sizeof r);
    if (r.version != RING_ABI_VERSION)
        return -EPROTO;
    if (r.caplen > len - sizeof r || r.caplen > r.len)
        return -EBADMSG;
    if (r.hook != RING_HOOK_QUEUE && r.hook != RING_HOOK_RECEIVE)
        return -EBADMSG;
    /* The kernel's names end within their field; a field without an end is not a name. */
    bool named = r.ifname[sizeof r.ifname - 1] == '\0';
    int64_t time_ns;
    if (__builtin_add_overflow((int64_t)(r.time_ns & INT64_MAX), offset_ns, &time_ns))
        return -EBADMSG;
    *frame = (struct frame){
        .time_ns = time_ns,
        .data = bytes + sizeof r,
        .caplen = r.caplen,
        .len = r.len,
        .link = FRAME_LINK_IP,
        .protocol = r.protocol,
        .direction = r.hook == RING_HOOK_QUEUE ? FRAME_OUT : FRAME_IN,
        .local_origin = (r.flags & RING_FLAG_ORIGIN) != 0,
        .first_sight = (r.flags & RING_FLAG_FIRST) != 0,
        .ifindex = r.ifindex,
        .netns = r.netns,
        .interface = named ? (const char *)bytes + offsetof(struct ring_packet, ifname) : "",
    };
    if (r.flags & RING_FLAG_OWNER) {
        owner_from_record(owner, &r);
        frame->owner = owner;
    }
    return 0;
}
