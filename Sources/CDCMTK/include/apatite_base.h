#pragma once
#include <stdint.h>
#include <stddef.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    APATITE_OK = 0,
    APATITE_IO,
    APATITE_NOT_DICOM,
    APATITE_MALFORMED,
    APATITE_LIMIT,
    APATITE_UNSUPPORTED,
    APATITE_INVALID,
    APATITE_REJECTED,
    APATITE_ABORTED,
    APATITE_TIMEOUT,
    APATITE_UNREACHABLE,
    APATITE_PROTOCOL,
    APATITE_OTHER
} apatite_code;

/// What a call came to. By value, so that no thread-local "last error" has to be read in time. The text is empty on
/// success and never holds a value from a data set.
typedef struct {
    apatite_code code;
    char text[252];
} apatite_status;

/// Sets up what DCMTK keeps per process: silences its logger (whose lines can hold patient data), registers the
/// decoders, switches reverse DNS off and TCP_NODELAY on. Safe to call from any thread, any number of times; every
/// function that creates something calls it.
void apatite_initialize(void);

/// Implementation Class UID of every file and association of ours. Lives as long as the process.
const char *apatite_implementation_class_uid(void);

/// accept4 and renameat2 as Swift's Glibc module does not show them. The first with SOCK_CLOEXEC, lest a worker that is
/// spawned at that moment inherits a scanner's connection; the second with RENAME_NOREPLACE. Both set errno.
struct sockaddr;
int apatite_accept(int listener, struct sockaddr *address, uint32_t *length);
int apatite_rename_exclusive(const char *from, const char *to);

#ifdef __cplusplus
}
#endif
