/* SPDX-License-Identifier: Apache-2.0 */
/* Asks a DNS server at a bounded rate as stub resolvers do: every query from a socket and a source
 * port of its own, taken in turn, so that none comes again before all others were used. Prints what
 * was done as JSON. The names are dnsperf's: a name and a type a line. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    OPEN_MAX = 32768, /* sockets that wait for their answer; a power of two */
    FIRST_PORT = 1024,
    QUERY_MAX = 300,
    EVENTS = 256,
};

#define TIMEOUT_NS  1000000000LL
#define CATCH_UP_NS 10000000LL /* time lost beyond this is not made up for: no bursts */

struct query {
    uint16_t len;
    uint8_t wire[QUERY_MAX];
};

struct waiting {
    int fd; /* -1: nobody */
    uint16_t id;
    int64_t sent_ns;
};

struct load {
    struct sockaddr_in server;
    struct query *queries;
    size_t query_count;
    int64_t interval_ns, end_ns;
    int epoll;
    uint32_t next_port;
    uint64_t random;
    struct waiting waiting[OPEN_MAX];
    uint32_t open_max;
    uint32_t oldest, next; /* of waiting, modulo OPEN_MAX: in the order sent */
    uint64_t sent, answered, lost, held_back;
};

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
    (void)number;
    stop = 1;
}

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void die(const char *what)
{
    fprintf(stderr, "fresh_ports: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint16_t type_number(const char *name)
{
    static const struct {
        const char *name;
        uint16_t number;
    } types[] = {{"A", 1},    {"NS", 2},    {"SOA", 6},  {"PTR", 12},  {"MX", 15},
                 {"TXT", 16}, {"AAAA", 28}, {"SRV", 33}, {"HTTPS", 65}};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (!strcmp(types[i].name, name))
            return types[i].number;
    fprintf(stderr, "fresh_ports: type %s is not known here\n", name);
    exit(1);
}

static bool query_encode(struct query *q, const char *name, uint16_t type)
{
    memcpy(q->wire, "\0\0\1\0\0\1\0\0\0\0\0\0", 12);
    size_t len = 12;
    while (*name) {
        size_t label = strcspn(name, ".");
        if (!label || label > 63 || len + label + 6 > sizeof q->wire)
            return false;
        q->wire[len++] = (uint8_t)label;
        memcpy(q->wire + len, name, label);
        len += label;
        name += label + (name[label] == '.');
    }
    q->wire[len] = 0;
    q->wire[len + 1] = (uint8_t)(type >> 8);
    q->wire[len + 2] = (uint8_t)type;
    q->wire[len + 3] = 0;
    q->wire[len + 4] = 1;
    q->len = (uint16_t)(len + 5);
    return true;
}

static void queries_read(struct load *l, const char *path)
{
    char name[256], type[16];
    size_t room = 0;
    FILE *f = fopen(path, "re");
    if (!f)
        die(path);
    while (fscanf(f, "%255s %15s", name, type) == 2) {
        if (l->query_count == room) {
            room = room ? 2 * room : 1024;
            l->queries = realloc(l->queries, room * sizeof *l->queries);
            if (!l->queries)
                die("memory");
        }
        if (query_encode(&l->queries[l->query_count], name, type_number(type)))
            l->query_count++;
    }
    fclose(f);
    if (!l->query_count) {
        fprintf(stderr, "fresh_ports: %s holds no queries\n", path);
        exit(1);
    }
}

static int fresh_socket(struct load *l)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        die("socket");
    struct sockaddr_in local = {.sin_family = AF_INET};
    for (int tries = 0; tries < 100; tries++) {
        local.sin_port = htons((uint16_t)l->next_port);
        if (++l->next_port == 65536)
            l->next_port = FIRST_PORT;
        if (!bind(fd, (struct sockaddr *)&local, sizeof local)) {
            if (connect(fd, (struct sockaddr *)&l->server, sizeof l->server))
                die("connect");
            return fd;
        }
    }
    die("bind");
    return -1;
}

static void ask(struct load *l, int64_t now)
{
    uint32_t slot = l->next++ % OPEN_MAX;
    struct waiting *w = &l->waiting[slot];
    struct query *q = &l->queries[l->sent % l->query_count];
    l->random = l->random * 6364136223846793005ULL + 1442695040888963407ULL;
    w->id = (uint16_t)(l->random >> 40);
    w->sent_ns = now;
    w->fd = fresh_socket(l);
    q->wire[0] = (uint8_t)(w->id >> 8);
    q->wire[1] = (uint8_t)w->id;
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = slot};
    if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, w->fd, &event))
        die("epoll_ctl");
    l->sent++;
    if (send(w->fd, q->wire, q->len, 0) != q->len && errno != ENOBUFS && errno != ECONNREFUSED)
        die("send");
}

static void on_answer(struct load *l, struct waiting *w)
{
    uint8_t wire[4096];
    if (w->fd < 0)
        return;
    ssize_t n = recv(w->fd, wire, sizeof wire, 0);
    if (n < 12 || wire[0] != w->id >> 8 || wire[1] != (w->id & 0xff))
        return;
    close(w->fd);
    w->fd = -1;
    l->answered++;
}

static void forget_old(struct load *l, int64_t now)
{
    for (; l->oldest != l->next; l->oldest++) {
        struct waiting *w = &l->waiting[l->oldest % OPEN_MAX];
        if (w->fd >= 0) {
            if (now - w->sent_ns < TIMEOUT_NS)
                return;
            close(w->fd);
            w->fd = -1;
            l->lost++;
        }
    }
}

static void run(struct load *l)
{
    struct epoll_event events[EVENTS];
    int64_t now = now_ns(), due = now;
    l->end_ns += now;
    for (; !stop; now = now_ns()) {
        bool asking = now < l->end_ns;
        for (; due < now - CATCH_UP_NS; due += l->interval_ns)
            l->held_back += asking;
        for (; asking && due <= now; due += l->interval_ns) {
            if (l->next - l->oldest < l->open_max)
                ask(l, now);
            else
                l->held_back++;
        }
        forget_old(l, now);
        if (!asking && l->oldest == l->next)
            return;
        int64_t wait = asking ? due - now_ns() : 50000000;
        struct timespec t = {.tv_nsec = wait > 0 ? wait % 1000000000 : 0};
        int n = epoll_pwait2(l->epoll, events, EVENTS, &t, NULL);
        if (n < 0 && errno != EINTR)
            die("epoll_pwait2");
        for (int i = 0; i < n; i++)
            on_answer(l, &l->waiting[events[i].data.u32]);
    }
}

/* How many files may be open, after asking for as many as are of use. */
static uint32_t open_files(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files))
        die("open files");
    if (files.rlim_max > OPEN_MAX)
        files.rlim_max = OPEN_MAX;
    files.rlim_cur = files.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &files) || files.rlim_cur < 256)
        die("open files");
    return (uint32_t)files.rlim_cur;
}

static double seconds_of(const struct timeval *t)
{
    return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

int main(int argc, char **argv)
{
    static struct load l;
    if (argc != 5) {
        fputs("usage: fresh_ports SERVER_IPV4 QUERIES_PER_SECOND SECONDS NAMES_FILE\n", stderr);
        return 2;
    }
    double rate = strtod(argv[2], NULL), seconds = strtod(argv[3], NULL);
    l.server = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(53)};
    if (inet_pton(AF_INET, argv[1], &l.server.sin_addr) != 1 || rate < 1.001 || rate > 1e6 ||
        seconds <= 0 || seconds > 600) {
        fputs("fresh_ports: an address, a rate up to a million, at most 600 seconds\n", stderr);
        return 2;
    }
    queries_read(&l, argv[4]);
    l.open_max = open_files() - 64;
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
    l.epoll = epoll_create1(EPOLL_CLOEXEC);
    l.next_port = FIRST_PORT;
    l.random = (uint64_t)now_ns();
    l.interval_ns = (int64_t)(1e9 / rate);
    l.end_ns = (int64_t)(seconds * 1e9);
    int64_t start = now_ns();
    run(&l);
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    printf("{\"sent\":%llu,\"answered\":%llu,\"lost\":%llu,\"held_back\":%llu,\"seconds\":%.3f,"
           "\"cpu_seconds\":%.3f}\n",
           (unsigned long long)l.sent, (unsigned long long)l.answered, (unsigned long long)l.lost,
           (unsigned long long)l.held_back, (double)(now_ns() - start) / 1e9,
           seconds_of(&used.ru_utime) + seconds_of(&used.ru_stime));
    free(l.queries);
    return 0;
}
