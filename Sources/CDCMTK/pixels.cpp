#include "support.h"

#include "dcmtk/dcmdata/dccodec.h"
#include "dcmtk/dcmdata/dcpixel.h"
#include "dcmtk/dcmdata/dcpixseq.h"
#include "dcmtk/dcmdata/dcpxitem.h"

#include <vector>

using namespace apatite;

namespace {

bool is_decodable(E_TransferSyntax syntax)
{
    switch (syntax) {
    case EXS_JPEGProcess1: case EXS_JPEGProcess2_4: case EXS_JPEGProcess14: case EXS_JPEGProcess14SV1:
    case EXS_JPEGLSLossless: case EXS_JPEGLSLossy: case EXS_RLELossless:
        return true;
    default:
        return !DcmXfer(syntax).isEncapsulated();
    }
}

DcmElement *pixel_element(apatite_file *file)
{
    DcmElement *element = nullptr;
    return file->format.getDataset()->findAndGetElement(DCM_PixelData, element).good() ? element : nullptr;
}

Uint16 short_or(DcmItem &item, const DcmTagKey &tag, Uint16 otherwise)
{
    Uint16 value = otherwise;
    return item.findAndGetUint16(tag, value).good() ? value : otherwise;
}

/// Whether the JPEG stream of a frame has as many rows and columns as the header says. DCMTK 3.6.7 decodes a smaller one
/// without an error and leaves the rest of the frame empty, which would be air where the patient was.
bool jpeg_size_agrees(DcmElement &element, E_TransferSyntax syntax, uint32_t frame, const apatite_frame_layout &layout)
{
    DcmPixelSequence *sequence = nullptr;
    DcmPixelItem *fragment = nullptr;
    Uint32 item = 0;
    Uint8 *bytes = nullptr;
    if (static_cast<DcmPixelData &>(element).getEncapsulatedRepresentation(syntax, nullptr, sequence).bad() || !sequence
        || DcmCodec::determineStartFragment(frame, Sint32(layout.frames), sequence, item).bad()
        || sequence->getItem(fragment, item).bad() || !fragment || fragment->getUint8Array(bytes).bad() || !bytes)
        return false;
    const size_t length = fragment->getLength();
    // Markers up to the start of frame, which has the size (ISO/IEC 10918-1 annex B.2.2).
    for (size_t at = 2; at + 9 <= length && bytes[at] == 0xFF;) {
        const Uint8 marker = bytes[at + 1];
        if (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC)
            return (bytes[at + 5] << 8 | bytes[at + 6]) == layout.rows
                && (bytes[at + 7] << 8 | bytes[at + 8]) == layout.columns;
        at += marker == 0xFF ? 1 : 2 + size_t(bytes[at + 2] << 8 | bytes[at + 3]);
    }
    return false;
}

bool is_jpeg(E_TransferSyntax syntax)
{
    return syntax == EXS_JPEGProcess1 || syntax == EXS_JPEGProcess2_4 || syntax == EXS_JPEGProcess14
        || syntax == EXS_JPEGProcess14SV1;
}

} // namespace

apatite_status apatite_frame_check(apatite_file *file, uint64_t maximum_bytes, apatite_frame_layout *layout)
{
    return guarded([&]() -> apatite_status {
        DcmDataset &data_set = *file->format.getDataset();
        DcmElement *element = pixel_element(file);
        if (!element) return failure(APATITE_MALFORMED, "there is no pixel data");
        E_TransferSyntax syntax = DcmXfer(file->transfer_syntax.c_str()).getXfer();
        if (file->transfer_syntax.empty()) syntax = EXS_LittleEndianExplicit;
        if (!is_decodable(syntax))
            return failure(
                APATITE_UNSUPPORTED, "pixel data in %s cannot be decoded here: let the scanner send it uncompressed",
                DcmXfer(syntax).getXferName());

        *layout = {};
        layout->rows = short_or(data_set, DCM_Rows, 0);
        layout->columns = short_or(data_set, DCM_Columns, 0);
        layout->bits_allocated = short_or(data_set, DCM_BitsAllocated, 0);
        layout->bits_stored = short_or(data_set, DCM_BitsStored, layout->bits_allocated);
        layout->high_bit = short_or(data_set, DCM_HighBit, Uint16(layout->bits_stored - 1));
        layout->is_signed = short_or(data_set, DCM_PixelRepresentation, 0) == 1;
        Sint32 frames = 1;
        if (data_set.tagExistsWithValue(DCM_NumberOfFrames)
            && (data_set.findAndGetSint32(DCM_NumberOfFrames, frames).bad() || frames < 1))
            return failure(APATITE_MALFORMED, "Number of Frames is not a positive number");
        layout->frames = uint32_t(frames);
        if (layout->rows == 0 || layout->columns == 0) return failure(APATITE_MALFORMED, "Rows or Columns is missing or 0");
        if (short_or(data_set, DCM_SamplesPerPixel, 1) != 1)
            return failure(APATITE_UNSUPPORTED, "colour pixel data is not analysed");
        if (layout->bits_allocated != 8 && layout->bits_allocated != 16)
            return failure(APATITE_UNSUPPORTED, "%u bits allocated are not supported", layout->bits_allocated);
        if (layout->bits_stored == 0 || layout->bits_stored > layout->bits_allocated
            || layout->high_bit + 1 < layout->bits_stored || layout->high_bit >= layout->bits_allocated)
            return failure(APATITE_MALFORMED, "Bits Stored and High Bit contradict Bits Allocated");

        // 65535 x 65535 x 2 x 2^31 stays below 2^64: no product here can overflow.
        uint64_t frame_bytes = uint64_t(layout->rows) * layout->columns * (layout->bits_allocated / 8);
        if (frame_bytes > maximum_bytes)
            return failure(
                APATITE_LIMIT, "a frame of %u x %u pixels is larger than %llu bytes", layout->rows, layout->columns,
                (unsigned long long)maximum_bytes);
        if (!DcmXfer(syntax).isEncapsulated()) {
            uint64_t length = element->getLength();
            if (frame_bytes * layout->frames > length)
                return failure(
                    APATITE_MALFORMED, "%u x %u pixels and %u frames need %llu bytes, the pixel data has %llu",
                    layout->rows, layout->columns, layout->frames,
                    (unsigned long long)(frame_bytes * layout->frames), (unsigned long long)length);
            bool deflated = DcmXfer(syntax).getStreamCompression() != ESC_none;
            if (!file->path.empty() && !deflated && length > file->size)
                return failure(APATITE_MALFORMED, "the pixel data is longer than the file");
        } else if (layout->frames > file->size) {
            // Each frame needs a fragment of its own.
            return failure(APATITE_MALFORMED, "more frames than the file can hold");
        }
        return ok();
    });
}

apatite_status apatite_frame_decode(
    apatite_file *file, uint32_t index, const apatite_frame_layout *layout, int32_t *values, size_t capacity)
{
    return guarded([&]() -> apatite_status {
        size_t count = size_t(layout->rows) * layout->columns;
        DcmElement *element = pixel_element(file);
        if (!element || capacity < count || index >= layout->frames)
            return failure(APATITE_INVALID, "no such frame");
        DcmDataset *data_set = file->format.getDataset();
        size_t bytes = count * (layout->bits_allocated / 8);
        Uint32 told = 0;
        // DCMTK counts samples, rows and columns itself: a codec writes as much as it says.
        if (element->getUncompressedFrameSize(data_set, told).bad() || told > bytes + 1)
            return failure(APATITE_MALFORMED, "the size of a frame is contradictory");
        const E_TransferSyntax syntax = DcmXfer(file->transfer_syntax.c_str()).getXfer();
        if (is_jpeg(syntax) && !jpeg_size_agrees(*element, syntax, index, *layout))
            return failure(APATITE_MALFORMED, "the JPEG stream has not the size that Rows and Columns say");
        // Words, for alignment, and one more: DCMTK pads an odd frame to an even length.
        std::vector<Uint16> buffer(bytes / 2 + 1);
        Uint32 fragment = 0;
        OFString colour;
        OFCondition result = element->getUncompressedFrame(
            data_set, index, fragment, buffer.data(), Uint32(buffer.size() * 2), colour);
        if (result.bad()) return failure(APATITE_MALFORMED, "the pixel data cannot be decoded", result);

        const unsigned shift_left = 31 - (layout->high_bit);
        const unsigned shift_right = 32 - layout->bits_stored;
        const Uint8 *octets = reinterpret_cast<const Uint8 *>(buffer.data());
        const bool wide = layout->bits_allocated == 16;
        for (size_t i = 0; i < count; i++) {
            uint32_t raw = (wide ? uint32_t(buffer[i]) : uint32_t(octets[i])) << shift_left;
            values[i] = layout->is_signed ? int32_t(raw) >> shift_right : int32_t(raw >> shift_right);
        }
        return ok();
    });
}
