#include "support.h"

#include "dcmtk/dcmdata/dcistrmb.h"

#include <cstring>
#include <vector>
#include <zlib.h>

using namespace apatite;

namespace {

struct closing {
    FILE *file;
    ~closing() { if (file) fclose(file); }
};

struct inflating {
    z_stream stream{};
    bool ready = false;
    // Raw deflate without a zlib header (PS3.5 section A.5).
    inflating() { ready = inflateInit2(&stream, -MAX_WBITS) == Z_OK; }
    ~inflating() { if (ready) inflateEnd(&stream); }
};

} // namespace

apatite_status apatite::read_deflated(
    apatite_file &file, const char *path, const DcmTagKey &stop, uint64_t limit)
{
    DcmMetaInfo &meta = *file.format.getMetaInfo();
    Uint32 group_length = 0;
    if (meta.loadFile(path).bad() || meta.findAndGetUint32(DCM_FileMetaInformationGroupLength, group_length).bad())
        return failure(APATITE_MALFORMED, "the meta header has no group length");
    closing input{fopen(path, "rb")};
    // Preamble and prefix, then the group length element itself, then what it counts (PS3.10 section 7.1).
    if (!input.file || fseek(input.file, 132 + 12 + long(group_length), SEEK_SET) != 0)
        return failure(APATITE_IO, "cannot read the file: %s", strerror(errno));

    inflating inflater;
    if (!inflater.ready) return failure(APATITE_LIMIT, "not enough memory");
    z_stream &stream = inflater.stream;
    std::vector<Bytef> packed(64 * 1024), plain(256 * 1024);
    DcmDataset &data_set = *file.format.getDataset();
    DcmInputBufferStream buffer;
    data_set.transferInit();
    uint64_t total = 0;
    bool ended = false;
    while (!ended) {
        stream.next_out = plain.data();
        stream.avail_out = uInt(plain.size());
        while (stream.avail_out > 0 && !ended) {
            if (stream.avail_in == 0) {
                stream.next_in = packed.data();
                stream.avail_in = uInt(fread(packed.data(), 1, packed.size(), input.file));
                if (stream.avail_in == 0) return failure(APATITE_MALFORMED, "the deflated data set ends early");
            }
            int result = inflate(&stream, Z_NO_FLUSH);
            if (result == Z_STREAM_END) ended = true;
            else if (result != Z_OK) return failure(APATITE_MALFORMED, "the deflated data set is damaged");
        }
        size_t made = plain.size() - stream.avail_out;
        total += made;
        if (total > limit)
            return failure(APATITE_LIMIT, "the deflated data set is larger than %llu bytes", (unsigned long long)limit);
        buffer.setBuffer(plain.data(), offile_off_t(made));
        if (ended) buffer.setEos();
        OFCondition result = data_set.readUntilTag(
            buffer, EXS_LittleEndianExplicit, EGL_noChange, DCM_MaxReadLength, stop);
        buffer.releaseBuffer();
        if (result == EC_StreamNotifyClient && !ended) continue;
        if (result.bad()) return failure(APATITE_MALFORMED, "the file cannot be parsed", result);
        break;
    }
    data_set.transferEnd();
    return ok();
}

apatite_status apatite_inflate_prefix(
    const uint8_t *packed, size_t packed_count, uint8_t *plain, size_t capacity, size_t *count)
{
    inflating inflater;
    if (!inflater.ready) return failure(APATITE_LIMIT, "not enough memory");
    inflater.stream.next_in = const_cast<Bytef *>(packed);
    inflater.stream.avail_in = uInt(packed_count);
    inflater.stream.next_out = plain;
    inflater.stream.avail_out = uInt(capacity);
    int result = inflate(&inflater.stream, Z_SYNC_FLUSH);
    *count = capacity - inflater.stream.avail_out;
    if (result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR) return ok();
    return failure(APATITE_MALFORMED, "the deflated data set is damaged");
}
