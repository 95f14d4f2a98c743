/* SPDX-License-Identifier: Apache-2.0 */
/* The demo's server side: unbound with a small zone, and behind it two authoritative servers of
 * its own: one that takes its time, one that refuses, which makes unbound say SERVFAIL. */
#include "agent/demo_peers.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONFIG_DIR       "/etc/unbound"
#define SLOW_ADDRESS     "127.0.0.54"
#define REFUSING_ADDRESS "127.0.0.55"
#define CONFIG_FILE      CONFIG_DIR "/nameflow-demo.conf"

enum {
    SLOW_QUEUE = 64,
    SLOW_MIN_MS = 80,
    SLOW_SPREAD_MS = 400,
    BIG_TXT_RECORDS = 24,
};

static const char config_head[] =
    "server:\n"
    "  interface: 192.0.2.53\n"
    "  interface: 2001:db8::53\n"
    "  access-control: 0.0.0.0/0 allow\n"
    "  access-control: ::/0 allow\n"
    "  chroot: \"\"\n"
    "  username: \"\"\n"
    "  pidfile: \"\"\n"
    "  directory: \"" CONFIG_DIR "\"\n"
    "  use-syslog: no\n"
    "  logfile: \"\"\n"
    "  verbosity: 0\n"
    "  num-threads: 1\n"
    "  do-not-query-localhost: no\n"
    "  module-config: \"iterator\"\n"
    "  local-zone: \"example.\" static\n"
    "  local-data: \"example. 3600 IN SOA ns.example. hostmaster.example. 1 3600 600 86400 60\"\n"
    "  local-data: \"www.example. 300 IN A 192.0.2.80\"\n"
    "  local-data: \"www.example. 300 IN AAAA 2001:db8::80\"\n"
    "  local-data: \"api.example. 30 IN A 192.0.2.81\"\n"
    "  local-data: \"api.example. 30 IN A 192.0.2.82\"\n"
    "  local-data: \"db.example. 60 IN A 192.0.2.83\"\n"
    "  local-data: \"db.example. 60 IN AAAA 2001:db8::83\"\n"
    "  local-data: \"cdn.example. 20 IN A 192.0.2.84\"\n"
    "  local-data: \"mail.example. 600 IN A 192.0.2.25\"\n"
    "  local-data: \"example. 3600 IN MX 10 mail.example.\"\n"
    "  local-data: \"www.example. 300 IN HTTPS 1 . alpn=h2,h3\"\n"
    "  local-zone: \"2.0.192.in-addr.arpa.\" static\n"
    "  local-data-ptr: \"192.0.2.80 3600 www.example\"\n"
    "  local-zone: \"blackhole.example.\" deny\n"
    "  local-zone: \"internal.example.\" refuse\n";

static const char config_tail[] = "stub-zone:\n"
                                  "  name: \"slow.example\"\n"
                                  "  stub-addr: " SLOW_ADDRESS "\n"
                                  "stub-zone:\n"
                                  "  name: \"broken.example\"\n"
                                  "  stub-addr: " REFUSING_ADDRESS "\n";

static int write_config(void)
{
    /* Debian's AppArmor profile lets unbound read its configuration from this folder only. */
    if (mount("tmpfs", CONFIG_DIR, "tmpfs", MS_NOSUID | MS_NODEV, "size=4m") < 0)
        return -1;
    FILE *f = fopen(CONFIG_FILE, "we");
    if (!f)
        return -1;
    fputs(config_head, f);
    fputs("  local-zone: \"slow.example.\" transparent\n"
          "  local-zone: \"broken.example.\" transparent\n",
          f);
    for (int i = 0; i < BIG_TXT_RECORDS; i++)
        fprintf(f,
                "  local-data: 'big.example. 120 IN TXT \"record %02d: long enough, with its "
                "siblings, to need more than one UDP message of 1232 bytes\"'\n",
                i);
    fputs(config_tail, f);
    return fclose(f);
}

/* ---- the authoritative servers ---- */

struct delayed {
    int64_t due_ms;
    struct sockaddr_in to;
    uint8_t wire[512];
    size_t len;
};

static int64_t now_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Makes an answer of the query at wire: an A record for type A, no data otherwise. */
static size_t make_answer(uint8_t *wire, size_t len, size_t room)
{
    static const uint8_t a_record[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 192, 0, 2, 90};
    size_t end = 12;
    while (end < len && wire[end])
        end += wire[end] + 1u;
    end += 5;
    if (len < 17 || end > len || end + sizeof(a_record) > room)
        return 0;
    wire[2] = 0x84; /* QR, AA */
    wire[3] = 0;
    memset(wire + 6, 0, 6);
    if (wire[end - 3] != 1)
        return end;
    wire[7] = 1;
    memcpy(wire + end, a_record, sizeof(a_record));
    return end + sizeof(a_record);
}

static void send_due(int fd, struct delayed *queue)
{
    for (int i = 0; i < SLOW_QUEUE; i++) {
        if (queue[i].len == 0 || queue[i].due_ms > now_ms())
            continue;
        size_t len = make_answer(queue[i].wire, queue[i].len, sizeof(queue[i].wire));
        sendto(fd, queue[i].wire, len, 0, (struct sockaddr *)&queue[i].to, sizeof(queue[i].to));
        queue[i].len = 0;
    }
}

static void take_query(int fd, struct delayed *queue)
{
    struct delayed d = {.due_ms = now_ms() + SLOW_MIN_MS + random() % SLOW_SPREAD_MS};
    socklen_t to_len = sizeof(d.to);
    ssize_t n = recvfrom(fd, d.wire, sizeof(d.wire), 0, (struct sockaddr *)&d.to, &to_len);
    for (int i = 0; n > 12 && i < SLOW_QUEUE; i++) {
        if (queue[i].len)
            continue;
        d.len = (size_t)n;
        queue[i] = d;
        return;
    }
}

static void refuse_query(int fd)
{
    uint8_t wire[512];
    struct sockaddr_in to;
    socklen_t to_len = sizeof(to);
    ssize_t n = recvfrom(fd, wire, sizeof(wire), 0, (struct sockaddr *)&to, &to_len);
    if (n <= 12)
        return;
    wire[2] = 0x80; /* QR */
    wire[3] = 5;    /* REFUSED */
    sendto(fd, wire, (size_t)n, 0, (struct sockaddr *)&to, sizeof(to));
}

static int listen_at(const char *address)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(53)};
    inet_pton(AF_INET, address, &here.sin_addr);
    if (fd < 0 || bind(fd, (struct sockaddr *)&here, sizeof(here)) < 0)
        _exit(1);
    return fd;
}

static _Noreturn void authority(void)
{
    static struct delayed queue[SLOW_QUEUE];
    prctl(PR_SET_NAME, "authority");
    struct pollfd wait[2] = {
        {.fd = listen_at(SLOW_ADDRESS), .events = POLLIN},
        {.fd = listen_at(REFUSING_ADDRESS), .events = POLLIN},
    };
    for (;;) {
        poll(wait, 2, 5);
        if (wait[0].revents & POLLIN)
            take_query(wait[0].fd, queue);
        if (wait[1].revents & POLLIN)
            refuse_query(wait[1].fd);
        send_due(wait[0].fd, queue);
    }
}

_Noreturn void demo_server(void)
{
    static const char *const commands[][12] = {
        {"ip", "link", "set", "lo", "up", NULL},
        {"ip", "addr", "add", "192.0.2.53/24", "dev", DEMO_SERVER_DEVICE, NULL},
        {"ip", "addr", "add", "2001:db8::53/64", "dev", DEMO_SERVER_DEVICE, "nodad", NULL},
        {"ip", "link", "set", DEMO_SERVER_DEVICE, "up", NULL},
    };
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        demo_run(commands[i]);
    if (write_config() < 0)
        _exit(1);
    if (fork() == 0)
        authority();
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null >= 0) {
        dup2(null, STDIN_FILENO);
        dup2(null, STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
    }
    execlp("unbound", "unbound", "-d", "-c", CONFIG_FILE, (char *)NULL);
    execl("/usr/sbin/unbound", "unbound", "-d", "-c", CONFIG_FILE, (char *)NULL);
    _exit(127);
}
