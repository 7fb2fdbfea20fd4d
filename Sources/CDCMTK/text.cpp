#include "support.h"

#include <iconv.h>

namespace apatite {
namespace {

/// The reader of one repertoire with code extensions (PS3.3 section C.12.1.1.2) under glibc's iconv.
struct repertoire {
    const char *term;
    const char *converter;
    /// The escape that only designates the repertoire to G1, where its converter has it anyway; nullptr where the
    /// converter reads the escapes itself.
    const char *designation;
};

const repertoire repertoires[] = {
    {"ISO 2022 IR 87", "ISO-2022-JP-2", nullptr},
    {"ISO 2022 IR 159", "ISO-2022-JP-2", nullptr},
    {"ISO 2022 IR 149", "EUC-KR", "\x1b$)C"},
    {"ISO 2022 IR 58", "GB2312", "\x1b$)A"},
};

const repertoire *declared(DcmDataset &data_set)
{
    OFString terms;
    data_set.findAndGetOFStringArray(DCM_SpecificCharacterSet, terms);
    for (const repertoire &one : repertoires)
        if (terms.find(one.term) != OFString_npos) return &one;
    return nullptr;
}

bool append_converted(const std::string &from, const char *converter, std::string &to)
{
    if (from.empty()) return true;
    iconv_t handle = iconv_open("UTF-8", converter);
    if (handle == iconv_t(-1)) return false;
    std::string output(from.size() * 4 + 16, '\0');
    char *in = const_cast<char *>(from.data()), *out = &output[0];
    size_t left = from.size(), room = output.size();
    bool whole = iconv(handle, &in, &left, &out, &room) != size_t(-1) && left == 0;
    iconv_close(handle);
    if (whole) to.append(output, 0, output.size() - room);
    return whole;
}

/// One value. Half-width katakana (JIS X 0201) stand in G1 beside any Japanese set and take no escape: they are mapped
/// here, because no converter of glibc reads them together with the others.
bool convert_value(const OFString &value, const repertoire &set, std::string &result)
{
    std::string run;
    for (size_t i = 0; i < value.size(); ++i) {
        unsigned char byte = static_cast<unsigned char>(value[i]);
        if (set.designation && value.compare(i, 4, set.designation) == 0) {
            i += 3;
        } else if (!set.designation && byte >= 0xA1 && byte <= 0xDF) {
            if (!append_converted(run, set.converter, result)) return false;
            run.clear();
            unsigned code = 0xFF61u + (byte - 0xA1u);
            result += {char(0xE0 | code >> 12), char(0x80 | (code >> 6 & 0x3F)), char(0x80 | (code & 0x3F))};
        } else {
            run += char(byte);
        }
    }
    return append_converted(run, set.converter, result);
}

/// DCMTK 3.6.7 asks iconv for the bare ISO-IR sets, which glibc does not have: its conversion of these repertoires
/// fails on Debian.
bool convert_extended(DcmDataset &data_set, const repertoire &set)
{
    DcmStack stack;
    while (data_set.nextObject(stack, OFTrue).good()) {
        auto *element = dynamic_cast<DcmElement *>(stack.top());
        if (!element || !element->isLeaf() || !element->isAffectedBySpecificCharacterSet()) continue;
        OFString value;
        if (element->getOFStringArray(value, OFFalse).bad()) continue;
        std::string text;
        if (!convert_value(value, set, text)) return false;
        if (element->putOFStringArray(OFString(text.c_str(), text.size())).bad()) return false;
    }
    return data_set.putAndInsertString(DCM_SpecificCharacterSet, "ISO_IR 192").good();
}

} // namespace

apatite_status convert_text(DcmDataset &data_set)
{
    if (data_set.convertToUTF8().good()) return ok();
    if (const repertoire *set = declared(data_set)) {
        // Read as anything else, a name becomes another name: then rather no study than one of somebody else.
        if (convert_extended(data_set, *set)) return ok();
        return failure(APATITE_MALFORMED, "the text contradicts its Specific Character Set");
    }
    OFCondition result = data_set.convertCharacterSet("ISO_IR 100", "ISO_IR 192", 0, OFTrue);
    if (result.bad()) data_set.putAndInsertString(DCM_SpecificCharacterSet, "ISO_IR 192");
    return ok();
}

} // namespace apatite
