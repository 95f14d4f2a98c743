/* SPDX-License-Identifier: Apache-2.0 */
/* libpcap's functions, loaded when it is first needed (base/library.h). */
#pragma once

#include <stddef.h>

#include <pcap/pcap.h>

#define PCAP_FUNCTIONS(X)                                                                          \
    X(close)                                                                                       \
    X(datalink)                                                                                    \
    X(datalink_val_to_description)                                                                 \
    X(datalink_val_to_name)                                                                        \
    X(dispatch)                                                                                    \
    X(fopen_offline_with_tstamp_precision)                                                         \
    X(geterr)

struct pcap_lib {
#define X(name) __typeof__(pcap_##name) *name;
    PCAP_FUNCTIONS(X)
#undef X
};

/* Not to be used before pcap_lib_load has returned 0. */
extern struct pcap_lib pcap_lib;

/* 0, or -ELIBACC with a sentence in err. */
int pcap_lib_load(char *err, size_t err_size);
