/* SPDX-License-Identifier: Apache-2.0 */
/* Attaches the empty programs and waits for a signal: the least that any BPF program on these
 * tracepoints costs. They are gone with the process, however it ends. */
#include "empty.skel.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
    sigset_t end;
    int number;
    sigemptyset(&end);
    sigaddset(&end, SIGINT);
    sigaddset(&end, SIGTERM);
    sigprocmask(SIG_BLOCK, &end, NULL);
    struct empty_bpf *empty = empty_bpf__open_and_load();
    if (!empty || empty_bpf__attach(empty)) {
        fprintf(stderr, "empty_hold: %s\n", strerror(errno));
        return 1;
    }
    puts("attached");
    fflush(stdout);
    sigwait(&end, &number);
    empty_bpf__destroy(empty);
    return 0;
}
