#include "support.h"

#include <cstring>

using namespace apatite;

namespace {

DcmElement *find(apatite_item *handle, uint32_t tag)
{
    DcmElement *element = nullptr;
    return item(handle)->findAndGetElement(key(tag), element).good() ? element : nullptr;
}

DcmSequenceOfItems *find_sequence(apatite_item *handle, uint32_t tag)
{
    DcmElement *element = find(handle, tag);
    // An empty sequence read with an unknown representation is not one; the dictionary's VR decides (`ident`).
    return element && element->ident() == EVR_SQ ? static_cast<DcmSequenceOfItems *>(element) : nullptr;
}

bool is_binary(DcmEVR vr)
{
    switch (vr) {
    case EVR_OB: case EVR_OW: case EVR_OF: case EVR_OD: case EVR_OL: case EVR_OV: case EVR_UN: case EVR_ox:
    case EVR_PixelData: case EVR_OverlayData: case EVR_SQ: case EVR_pixelSQ:
        return true;
    default:
        return false;
    }
}

/// One number of whatever representation; 64-bit integers beyond 2^53 lose their last digits and are no number here.
bool number(DcmElement &element, unsigned long index, double &value)
{
    Uint16 u16; Sint16 s16; Uint32 u32; Sint32 s32; Float32 f32; Float64 f64; Uint64 u64; Sint64 s64;
    switch (element.ident()) {
    case EVR_US: return element.getUint16(u16, index).good() && (value = u16, true);
    case EVR_SS: return element.getSint16(s16, index).good() && (value = s16, true);
    case EVR_UL: return element.getUint32(u32, index).good() && (value = u32, true);
    case EVR_SL: case EVR_IS: return element.getSint32(s32, index).good() && (value = s32, true);
    case EVR_FL: return element.getFloat32(f32, index).good() && (value = f32, true);
    case EVR_FD: case EVR_DS: return element.getFloat64(f64, index).good() && (value = f64, true);
    case EVR_UV: return element.getUint64(u64, index).good() && (value = double(u64), true);
    case EVR_SV: return element.getSint64(s64, index).good() && (value = double(s64), true);
    default: return false;
    }
}

} // namespace

size_t apatite_item_count(const apatite_item *handle)
{
    return const_cast<DcmItem *>(item(handle))->card();
}

uint32_t apatite_item_tag(const apatite_item *handle, size_t index)
{
    DcmElement *element = const_cast<DcmItem *>(item(handle))->getElement(index);
    return element ? uint32_t(element->getGTag()) << 16 | element->getETag() : 0;
}

bool apatite_item_contains(apatite_item *handle, uint32_t tag) { return find(handle, tag) != nullptr; }

void apatite_item_value_representation(apatite_item *handle, uint32_t tag, char representation[3])
{
    DcmElement *element = find(handle, tag);
    representation[0] = representation[1] = representation[2] = 0;
    if (element) memcpy(representation, DcmVR(element->getVR()).getValidVRName(), 2);
}

apatite_status apatite_item_text(apatite_item *handle, uint32_t tag, char **text)
{
    *text = nullptr;
    return guarded([&]() -> apatite_status {
        DcmElement *element = find(handle, tag);
        if (!element || element->isEmpty() || is_binary(element->ident())) return ok();
        OFString value;
        OFCondition result = element->getOFStringArray(value, OFFalse);
        if (result.bad()) return failure(APATITE_MALFORMED, "an element's value cannot be read", result);
        *text = strdup(value.c_str());
        return *text ? ok() : failure(APATITE_LIMIT, "not enough memory");
    });
}

apatite_status apatite_item_numbers(
    apatite_item *handle, uint32_t tag, double *values, size_t capacity, size_t *count)
{
    *count = 0;
    return guarded([&]() -> apatite_status {
        DcmElement *element = find(handle, tag);
        if (!element || is_binary(element->ident()) || element->isEmpty()) return ok();
        size_t all = element->getVM();
        for (size_t index = 0; index < all && index < capacity; index++)
            if (!number(*element, index, values[index])) return ok();
        *count = all;
        return ok();
    });
}

apatite_status apatite_item_bytes(apatite_item *handle, uint32_t tag, const uint8_t **bytes, size_t *count)
{
    *bytes = nullptr;
    *count = 0;
    return guarded([&]() -> apatite_status {
        DcmElement *element = find(handle, tag);
        if (!element || !is_binary(element->ident()) || element->ident() == EVR_SQ) return ok();
        Uint32 length = element->getLength();
        // A value that is still in its file is loaded by the next calls: its length must be one the file can hold.
        OFCondition result;
        Uint8 *octets = nullptr;
        Uint16 *words = nullptr;
        Float32 *floats = nullptr;
        Float64 *doubles = nullptr;
        Uint32 *longs = nullptr;
        switch (element->getVR()) {
        case EVR_OW: case EVR_ox:
            result = element->getUint16Array(words);
            *bytes = reinterpret_cast<const uint8_t *>(words);
            break;
        case EVR_OF:
            result = element->getFloat32Array(floats);
            *bytes = reinterpret_cast<const uint8_t *>(floats);
            break;
        case EVR_OD:
            result = element->getFloat64Array(doubles);
            *bytes = reinterpret_cast<const uint8_t *>(doubles);
            break;
        case EVR_OL:
            result = element->getUint32Array(longs);
            *bytes = reinterpret_cast<const uint8_t *>(longs);
            break;
        default:
            result = element->getUint8Array(octets);
            *bytes = octets;
        }
        if (result.bad()) {
            *bytes = nullptr;
            return failure(APATITE_MALFORMED, "a binary value cannot be read", result);
        }
        if (*bytes) *count = length;
        return ok();
    });
}

size_t apatite_item_sequence_count(apatite_item *handle, uint32_t tag)
{
    DcmSequenceOfItems *sequence = find_sequence(handle, tag);
    return sequence ? sequence->card() : 0;
}

apatite_item *apatite_item_sequence_item(apatite_item *owner, uint32_t tag, size_t index)
{
    DcmSequenceOfItems *sequence = find_sequence(owner, tag);
    return sequence && index < sequence->card() ? handle(sequence->getItem(index)) : nullptr;
}
