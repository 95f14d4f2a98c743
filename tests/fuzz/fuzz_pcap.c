/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes as a capture file. The sink touches every byte handed on, so that a frame that reaches
 * outside its buffer is seen. */
#include "tap/pcap.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile uint8_t touched;

static void take(void *ctx, const struct frame *f)
{
    (void)ctx;
    if (f->caplen > f->len)
        abort();
    for (uint32_t i = 0; i < f->caplen; i++)
        touched ^= f->data[i];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[32], err[256] = "";
    struct tap_pcap *t;
    int fd = memfd_create("pcap", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    int rc = tap_pcap_open(&t, path, err, sizeof(err));
    if (rc == 0) {
        /* A few bytes of gzip can unfold to very many packets. */
        for (int i = 0; i < 64 && (rc = tap_pcap_read(t, 64, take, NULL, err, sizeof(err))) > 0;
             i++)
            ;
        tap_pcap_close(t);
    }
    if (rc < 0 && !err[0])
        abort();
    close(fd);
    return 0;
}
