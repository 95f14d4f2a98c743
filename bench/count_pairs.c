/* SPDX-License-Identifier: Apache-2.0 */
/* How many queries have their response in what another tool wrote: a pcap file, tcpdump's text or
 * dnscap's text (-g). For traffic of one client over IPv4 and UDP, whose port and message id say
 * which query a response belongs to. */
#include <errno.h>
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SLOTS = 1 << 22,
    SLOTS_MAX = SLOTS / 4 * 3,
};

struct table {
    uint64_t *slots; /* 0: free; key + 1, and whether a query waits in the uppermost bit */
    uint32_t used;
    uint64_t queries, responses, pairs;
};

#define WAITS (1ULL << 63)

static uint64_t *slot_of(struct table *t, uint16_t port, uint16_t id)
{
    uint64_t key = ((uint64_t)port << 16 | id) + 1;
    uint32_t i = (uint32_t)(key * 0x9e3779b97f4a7c15ULL >> 42) % SLOTS;
    while (t->slots[i] && (t->slots[i] & ~WAITS) != key)
        i = (i + 1) % SLOTS;
    if (!t->slots[i]) {
        if (t->used == SLOTS_MAX) {
            fputs("count_pairs: too many ports and ids\n", stderr);
            exit(1);
        }
        t->used++;
        t->slots[i] = key;
    }
    return &t->slots[i];
}

static void note(struct table *t, uint32_t sport, uint32_t dport, uint32_t id)
{
    if (dport == 53 && sport != 53) {
        *slot_of(t, (uint16_t)sport, (uint16_t)id) |= WAITS;
        t->queries++;
    } else if (sport == 53) {
        uint64_t *slot = slot_of(t, (uint16_t)dport, (uint16_t)id);
        t->responses++;
        t->pairs += *slot >> 63;
        *slot &= ~WAITS;
    }
}

static uint32_t be16(const uint8_t *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}

static int read_pcap(struct table *t, const char *path)
{
    char err[PCAP_ERRBUF_SIZE];
    pcap_t *pcap = pcap_open_offline(path, err);
    if (!pcap) {
        fprintf(stderr, "count_pairs: %s\n", err);
        return 1;
    }
    size_t link = pcap_datalink(pcap) == DLT_EN10MB ? 14 : 0;
    struct pcap_pkthdr *header;
    const uint8_t *p;
    int status;
    while ((status = pcap_next_ex(pcap, &header, &p)) == 1) {
        size_t len = header->caplen;
        if (len < link + 20)
            continue;
        p += link;
        len -= link;
        size_t ip = 4u * (p[0] & 15);
        if (p[0] >> 4 == 4 && p[9] == 17 && len >= ip + 8 + 12)
            note(t, be16(p + ip), be16(p + ip + 2), be16(p + ip + 8));
    }
    /* A tool that was stopped may leave half a packet at the end. */
    if (status == PCAP_ERROR && !strstr(pcap_geterr(pcap), "truncated")) {
        fprintf(stderr, "count_pairs: %s: %s\n", path, pcap_geterr(pcap));
        return 1;
    }
    pcap_close(pcap);
    return 0;
}

/* "1700000000.1 IP 198.18.53.2.4000 > 198.18.53.1.53: 4711+ A? name. (30)" */
static void tcpdump_line(struct table *t, const char *line)
{
    unsigned a[4], b[4], sport, dport, id;
    const char *ip = strstr(line, " IP ");
    if (ip && sscanf(ip, " IP %u.%u.%u.%u.%u > %u.%u.%u.%u.%u: %u", &a[0], &a[1], &a[2], &a[3],
                     &sport, &b[0], &b[1], &b[2], &b[3], &dport, &id) == 11)
        note(t, sport, dport, id);
}

/* "\t[198.18.53.2].4000 [198.18.53.1].53  \" and on the next line "\tdns QUERY,NOERROR,4711,rd \"
 */
static void dnscap_line(struct table *t, const char *line, unsigned ports[2])
{
    char code[32];
    unsigned id;
    if (sscanf(line, " [%*[0-9.]].%u [%*[0-9.]].%u", &ports[0], &ports[1]) == 2)
        return;
    if (sscanf(line, " dns %*[^,],%31[^,],%u", code, &id) == 2) {
        note(t, ports[0], ports[1], id);
        ports[0] = ports[1] = 0;
    }
}

static int read_text(struct table *t, const char *path, bool dnscap)
{
    unsigned ports[2] = {0, 0};
    char *line = NULL;
    size_t room = 0;
    FILE *f = fopen(path, "re");
    if (!f) {
        fprintf(stderr, "count_pairs: %s: %s\n", path, strerror(errno));
        return 1;
    }
    while (getline(&line, &room, f) > 0) {
        if (dnscap)
            dnscap_line(t, line, ports);
        else
            tcpdump_line(t, line);
    }
    free(line);
    fclose(f);
    return 0;
}

int main(int argc, char **argv)
{
    struct table t = {.slots = calloc(SLOTS, sizeof *t.slots)};
    int status = 2;
    if (!t.slots) {
        fputs("count_pairs: out of memory\n", stderr);
        return 1;
    }
    if (argc == 3 && !strcmp(argv[1], "pcap"))
        status = read_pcap(&t, argv[2]);
    else if (argc == 3 && (!strcmp(argv[1], "tcpdump") || !strcmp(argv[1], "dnscap")))
        status = read_text(&t, argv[2], argv[1][0] == 'd');
    else
        fputs("usage: count_pairs pcap|tcpdump|dnscap FILE\n", stderr);
    if (!status)
        printf("{\"queries\":%llu,\"responses\":%llu,\"pairs\":%llu}\n",
               (unsigned long long)t.queries, (unsigned long long)t.responses,
               (unsigned long long)t.pairs);
    free(t.slots);
    return status;
}
