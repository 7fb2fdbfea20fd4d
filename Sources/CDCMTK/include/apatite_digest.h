#pragma once
#include "apatite_base.h"

#ifdef __cplusplus
extern "C" {
#endif

/// SHA-256 of what is handed over piece by piece, by the OpenSSL that DCMTK links anyway: it uses the processor's
/// instructions, and an image has to be digested while it arrives.
typedef struct apatite_digest apatite_digest;

apatite_digest *apatite_digest_create(void);
void apatite_digest_update(apatite_digest *digest, const void *bytes, size_t count);
void apatite_digest_finish(apatite_digest *digest, uint8_t result[32]);
void apatite_digest_free(apatite_digest *digest);

#ifdef __cplusplus
}
#endif
