/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/output.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

enum {
    OUTPUT_MUCH_BYTES = 256 * 1024,
};

void output_flush(struct output *o, bool all)
{
    if (o->buf.failed && !o->error)
        o->error = ENOMEM;
    if (!all && o->buf.len < OUTPUT_MUCH_BYTES)
        return;
    size_t done = 0;
    while (done < o->buf.len && !o->error) {
        ssize_t n = write(o->fd, o->buf.data + done, o->buf.len - done);
        if (n >= 0) {
            done += (size_t)n;
        } else if (errno == EAGAIN) {
            /* Somebody else's O_NONBLOCK on a shared terminal or pipe. */
            struct pollfd wait = {.fd = o->fd, .events = POLLOUT};
            poll(&wait, 1, 1000);
        } else if (errno != EINTR) {
            o->error = errno;
        }
    }
    buf_clear(&o->buf);
}

void output_done(struct output *o)
{
    buf_done(&o->buf);
}
