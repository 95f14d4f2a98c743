/* SPDX-License-Identifier: Apache-2.0 */
/* Keyed hashing for tables whose keys strangers choose. XXH3 with a secret seed (libxxhash). */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* A random seed, drawn once per process from getrandom(2). */
uint64_t hash_seed(void);
uint64_t hash_bytes(const void *data, size_t len, uint64_t seed);
/* 128 bits, for keys that are told apart by their hashes alone. */
void hash_bytes_wide(const void *data, size_t len, uint64_t seed, uint64_t out[2]);
