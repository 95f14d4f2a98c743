/* SPDX-License-Identifier: Apache-2.0 */
/* Packets from pcap and pcapng files, plain or gzip'd; "-" is standard input. */
#pragma once

#include "base/frame.h"

#include <stddef.h>

struct tap_pcap;

/* 0, or negative errno with a sentence in err (what is wrong and what would be right). */
int tap_pcap_open(struct tap_pcap **out, const char *path, char *err, size_t err_len);
/* Delivers up to max packets. Returns how many, 0 at the end of the file, negative errno with a
 * sentence in err when the file is broken (packets before the break have been delivered). */
int tap_pcap_read(struct tap_pcap *t, int max, frame_sink *sink, void *ctx, char *err,
                  size_t err_len);
/* Bytes of the file read so far and its size (0: not known), for a progress display. */
void tap_pcap_progress(const struct tap_pcap *t, uint64_t *done_bytes, uint64_t *size_bytes);
/* Packets of a link type that cannot be read, left out. */
uint64_t tap_pcap_skipped(const struct tap_pcap *t);
void tap_pcap_close(struct tap_pcap *t);
