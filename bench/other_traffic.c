/* SPDX-License-Identifier: Apache-2.0 */
/* Packets that are no DNS: small UDP datagrams to a port of a sink. Run as `other_traffic sink` in
 * one network namespace, as `other_traffic send` in another. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    PORT = 4433,
    PAYLOAD = 120,
    BATCH = 64,
};

static double now_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int die(const char *what)
{
    fprintf(stderr, "other_traffic: %s: %s\n", what, strerror(errno));
    return 1;
}

/* The socket is there before the word is printed; what arrives is thrown away unread by the kernel
 * once its queue is full. */
static int sink(int fd)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    if (bind(fd, (struct sockaddr *)&any, sizeof any))
        return die("bind");
    puts("ready");
    fflush(stdout);
    for (;;)
        pause();
}

static int blast(int fd, const char *server, double seconds)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    if (inet_pton(AF_INET, server, &to.sin_addr) != 1 || seconds <= 0 || seconds > 600) {
        fputs("other_traffic: an IPv4 address, and at most 600 seconds\n", stderr);
        return 2;
    }
    if (connect(fd, (struct sockaddr *)&to, sizeof to))
        return die("connect");
    uint8_t payload[PAYLOAD] = {0x40};
    unsigned long long sent = 0;
    double start = now_seconds();
    while (now_seconds() - start < seconds) {
        for (int i = 0; i < BATCH; i++) {
            if (send(fd, payload, sizeof payload, 0) == sizeof payload)
                sent++;
            else if (errno != ENOBUFS && errno != EAGAIN)
                return die("send");
        }
    }
    printf("{\"sent\":%llu,\"seconds\":%.3f}\n", sent, now_seconds() - start);
    return 0;
}

int main(int argc, char **argv)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return die("socket");
    if (argc == 2 && !strcmp(argv[1], "sink"))
        return sink(fd);
    if (argc == 4 && !strcmp(argv[1], "send"))
        return blast(fd, argv[2], strtod(argv[3], NULL));
    fputs("usage: other_traffic sink | send SERVER_IPV4 SECONDS\n", stderr);
    return 2;
}
