#include "include/apatite_digest.h"

#include <new>
#include <openssl/evp.h>

struct apatite_digest {
    EVP_MD_CTX *context;
};

apatite_digest *apatite_digest_create(void)
{
    auto *digest = new (std::nothrow) apatite_digest{EVP_MD_CTX_new()};
    if (digest && (!digest->context || !EVP_DigestInit_ex(digest->context, EVP_sha256(), nullptr))) {
        apatite_digest_free(digest);
        return nullptr;
    }
    return digest;
}

void apatite_digest_update(apatite_digest *digest, const void *bytes, size_t count)
{
    EVP_DigestUpdate(digest->context, bytes, count);
}

void apatite_digest_finish(apatite_digest *digest, uint8_t result[32])
{
    unsigned length = 32;
    EVP_DigestFinal_ex(digest->context, result, &length);
}

void apatite_digest_free(apatite_digest *digest)
{
    if (!digest) return;
    EVP_MD_CTX_free(digest->context);
    delete digest;
}
