#ifndef APATITE_MEMORY_H
#define APATITE_MEMORY_H

#include <stdint.h>
#include <string.h>

// Stores past the caches and reads ahead of need, for which Swift has no words.
//
// Maps are written once and not read again soon. An ordinary store reads the line of the cache first, which for four
// maps is as much again as all that has to move.

typedef float apatite_lanes4 __attribute__((vector_size(16)));

/// Writes eight numbers, past the caches where the address allows: `apatite_stored` before another thread reads them.
static inline void apatite_store(float *to, apatite_lanes4 first, apatite_lanes4 second) {
    if (((uintptr_t)to & 15) == 0) {
        __builtin_nontemporal_store(first, (apatite_lanes4 *)to);
        __builtin_nontemporal_store(second, (apatite_lanes4 *)to + 1);
    } else {
        memcpy(to, &first, sizeof first);
        memcpy(to + 4, &second, sizeof second);
    }
}

/// Ends what `apatite_store` wrote: other threads see it when they see what follows.
static inline void apatite_stored(void) {
#if defined(__x86_64__)
    __builtin_ia32_sfence();
#endif
}

/// Asks for the line of the cache at an address that will be read soon; any address may be given.
static inline void apatite_read_ahead(const void *address) { __builtin_prefetch(address, 0, 2); }

#endif
