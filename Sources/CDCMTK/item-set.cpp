#include "support.h"

#include <cmath>
#include <cstring>
#include <vector>

using namespace apatite;

namespace {

DcmTag tag_with(uint32_t tag, const char *representation)
{
    if (!representation) return DcmTag(key(tag));
    return DcmTag(key(tag), DcmVR(representation));
}

apatite_status insert(DcmItem *target, std::unique_ptr<DcmElement> element, OFCondition result)
{
    if (result.good()) result = target->insert(element.get(), OFTrue);
    if (result.bad()) return failure(APATITE_INVALID, "an element cannot be set", result);
    element.release();
    return ok();
}

/// A new element of the dictionary's or the named representation.
apatite_status make(const DcmTag &tag, std::unique_ptr<DcmElement> &element)
{
    DcmElement *made = nullptr;
    DcmTag copy = tag;
    OFCondition result = DcmItem::newDicomElementWithVR(made, copy);
    element.reset(made);
    if (result.bad() || !made || tag.getEVR() == EVR_UNKNOWN)
        return failure(
            APATITE_INVALID, "(%04X,%04X) is not in the dictionary: name its value representation",
            tag.getGroup(), tag.getElement());
    return ok();
}

} // namespace

apatite_status apatite_item_set_text(
    apatite_item *handle, uint32_t tag, const char *representation, const char *text)
{
    return guarded([&]() -> apatite_status {
        std::unique_ptr<DcmElement> element;
        apatite_status status = make(tag_with(tag, representation), element);
        if (status.code != APATITE_OK) return status;
        OFCondition result = element->putOFStringArray(text);
        return insert(item(handle), std::move(element), result);
    });
}

apatite_status apatite_item_set_numbers(
    apatite_item *handle, uint32_t tag, const char *representation, const double *values, size_t count)
{
    return guarded([&]() -> apatite_status {
        DcmTag full = tag_with(tag, representation);
        // "xs" in the dictionary: US or SS, as the pixels are. Signed only where a value needs it.
        if (full.getEVR() == EVR_xs) {
            bool is_signed = false;
            for (size_t i = 0; i < count; i++) is_signed = is_signed || values[i] < 0;
            full = DcmTag(key(tag), is_signed ? EVR_SS : EVR_US);
        }
        std::unique_ptr<DcmElement> element;
        apatite_status status = make(full, element);
        if (status.code != APATITE_OK) return status;
        OFCondition result;
        for (size_t i = 0; i < count && result.good(); i++) {
            double value = values[i];
            switch (full.getEVR()) {
            case EVR_US: result = value >= 0 && value <= 65535 ? element->putUint16(Uint16(value), i) : EC_InvalidValue; break;
            case EVR_SS: result = value >= -32768 && value <= 32767 ? element->putSint16(Sint16(value), i) : EC_InvalidValue; break;
            case EVR_UL: result = value >= 0 && value <= 4294967295.0 ? element->putUint32(Uint32(value), i) : EC_InvalidValue; break;
            case EVR_SL: result = std::fabs(value) <= 2147483647.0 ? element->putSint32(Sint32(value), i) : EC_InvalidValue; break;
            case EVR_FL: result = element->putFloat32(Float32(value), i); break;
            case EVR_FD: result = element->putFloat64(value, i); break;
            default: result = EC_InvalidVR;
            }
        }
        return insert(item(handle), std::move(element), result);
    });
}

apatite_status apatite_item_set_bytes(
    apatite_item *handle, uint32_t tag, const char *representation, const uint8_t *bytes, size_t count)
{
    return guarded([&]() -> apatite_status {
        if (count > 0xFFFFFFFEu) return failure(APATITE_LIMIT, "a value holds at most 4 GiB");
        DcmTag full = tag_with(tag, representation);
        DcmEVR vr = full.getEVR();
        std::unique_ptr<DcmElement> element;
        if (vr == EVR_ox || vr == EVR_PixelData || (key(tag) == DCM_PixelData)) {
            full.setVR(representation ? DcmVR(representation) : DcmVR(EVR_OW));
            element.reset(key(tag) == DCM_PixelData
                ? static_cast<DcmElement *>(new DcmPixelData(full)) : new DcmOtherByteOtherWord(full));
        } else {
            apatite_status status = make(full, element);
            if (status.code != APATITE_OK) return status;
        }
        OFCondition result;
        std::vector<Uint8> padded(bytes, bytes + count);
        if (count & 1) padded.push_back(0);
        switch (full.getEVR()) {
        case EVR_OW: result = element->putUint16Array(reinterpret_cast<Uint16 *>(padded.data()), padded.size() / 2); break;
        case EVR_OF: result = element->putFloat32Array(reinterpret_cast<Float32 *>(padded.data()), padded.size() / 4); break;
        case EVR_OD: result = element->putFloat64Array(reinterpret_cast<Float64 *>(padded.data()), padded.size() / 8); break;
        case EVR_OL: result = element->putUint32Array(reinterpret_cast<Uint32 *>(padded.data()), padded.size() / 4); break;
        default: result = element->putUint8Array(padded.data(), padded.size());
        }
        return insert(item(handle), std::move(element), result);
    });
}

apatite_status apatite_item_set_empty(apatite_item *handle, uint32_t tag)
{
    return guarded([&]() -> apatite_status {
        OFCondition result = item(handle)->insertEmptyElement(key(tag), OFTrue);
        return result.good() ? ok() : failure(APATITE_INVALID, "an element cannot be set", result);
    });
}

apatite_status apatite_item_append(apatite_item *owner, uint32_t sequence, apatite_item **appended)
{
    *appended = nullptr;
    return guarded([&]() -> apatite_status {
        // What a foreign header has under this tag and is no sequence would be in the way.
        DcmElement *present = nullptr;
        if (item(owner)->findAndGetElement(key(sequence), present).good() && present->ident() != EVR_SQ)
            item(owner)->findAndDeleteElement(key(sequence));
        auto added = std::make_unique<DcmItem>();
        DcmTag tag = DcmTag(key(sequence), EVR_SQ);
        OFCondition result = item(owner)->insertSequenceItem(tag, added.get(), -2);
        if (result.bad()) return failure(APATITE_INVALID, "an item cannot be appended", result);
        *appended = handle(added.release());
        return ok();
    });
}

void apatite_item_remove(apatite_item *handle, uint32_t tag) { item(handle)->findAndDeleteElement(key(tag)); }

apatite_status apatite_item_copy(apatite_item *handle, uint32_t tag, apatite_item *from)
{
    return guarded([&]() -> apatite_status {
        DcmElement *element = nullptr;
        if (item(from)->findAndGetElement(key(tag), element, OFFalse, OFTrue).bad() || !element) return ok();
        std::unique_ptr<DcmElement> copied(element);
        // A value where the standard has a sequence, or the reverse, is damage and is not handed on.
        DcmEVR known = DcmTag(key(tag)).getEVR();
        if (known != EVR_UNKNOWN && (known == EVR_SQ) != (element->ident() == EVR_SQ)) return ok();
        return insert(item(handle), std::move(copied), EC_Normal);
    });
}

const char *apatite_dictionary_representation(uint32_t tag)
{
    apatite_initialize();
    return DcmVR(DcmTag(key(tag)).getEVR()).getVRName();
}

void apatite_format_number(double value, int digits, char *buffer, size_t capacity)
{
    OFStandard::ftoa(buffer, capacity, value, 0, 0, digits);
}
