#pragma once
// Shared by the files of the shim; not visible outside.
#include "dcmtk/config/osconfig.h"
#include "dcmtk/dcmdata/dctk.h"
#include "include/CDCMTK.h"

#include <cstdarg>
#include <cstdio>
#include <exception>
#include <memory>
#include <new>
#include <string>

struct apatite_file {
    DcmFileFormat format;
    std::string path;
    uint64_t size = 0;
    std::string transfer_syntax;
};

namespace apatite {

apatite_status ok();
[[gnu::format(printf, 2, 3)]] apatite_status failure(apatite_code code, const char *format, ...);
/// A failure with DCMTK's own words for it.
apatite_status failure(apatite_code code, const char *what, const OFCondition &condition);

/// Runs a body that may throw and turns what it throws into a status: no exception may cross into Swift.
template <typename Body> apatite_status guarded(Body body) noexcept
{
    try {
        return body();
    } catch (const std::bad_alloc &) {
        return failure(APATITE_LIMIT, "not enough memory");
    } catch (const std::exception &error) {
        return failure(APATITE_OTHER, "unexpected error: %s", error.what());
    } catch (...) {
        return failure(APATITE_OTHER, "unexpected error");
    }
}

inline DcmItem *item(apatite_item *handle) { return reinterpret_cast<DcmItem *>(handle); }
inline const DcmItem *item(const apatite_item *handle) { return reinterpret_cast<const DcmItem *>(handle); }
inline apatite_item *handle(DcmItem *item) { return reinterpret_cast<apatite_item *>(item); }
inline DcmTagKey key(uint32_t tag) { return DcmTagKey(Uint16(tag >> 16), Uint16(tag & 0xFFFF)); }

/// Reads a deflated file: inflates with a limit and parses what came out. In inflate.cpp.
apatite_status read_deflated(
    apatite_file &file, const char *path, const DcmTagKey &stop, uint64_t limit);

/// Text to UTF-8. Where a file's text contradicts a single-byte character set it is read as Latin-1, which maps every byte:
/// a wrong letter in a name must not cost the image. In text.cpp.
apatite_status convert_text(DcmDataset &data_set);

} // namespace apatite
