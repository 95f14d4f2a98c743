/* SPDX-License-Identifier: Apache-2.0 */
#include "tap/pcap_lib.h"

#include "base/library.h"

struct pcap_lib pcap_lib;

static const struct library_function functions[] = {
#define X(name) {"pcap_" #name, offsetof(struct pcap_lib, name)},
    PCAP_FUNCTIONS(X)
#undef X
};

int pcap_lib_load(char *err, size_t err_size)
{
    static struct library library = {
        .names = {"libpcap.so.0.8", "libpcap.so.1"},
        .package = "libpcap0.8",
        .functions = functions,
        .function_count = sizeof(functions) / sizeof(functions[0]),
        .table = &pcap_lib,
    };
    return library_load(&library, err, err_size);
}
