#include "support.h"

#include <cstring>
#include <sys/stat.h>

using namespace apatite;

namespace {

// One implementation in every meta header (PS3.10 section 7.1). The class UID is 2.25 and a UUID made once for Apatite.
const char *const implementation_class = "2.25.220431685898691596417448103070290062978";
const char *const implementation_version = "APATITE_1";

} // namespace

const char *apatite_implementation_class_uid(void) { return implementation_class; }

apatite_file *apatite_file_create(void)
{
    apatite_initialize();
    return new (std::nothrow) apatite_file;
}

apatite_status apatite_file_read(
    const char *path, uint32_t stop_tag, uint32_t maximum_in_memory, uint64_t inflated_limit, apatite_file **out)
{
    apatite_initialize();
    *out = nullptr;
    return guarded([&]() -> apatite_status {
        struct stat information;
        if (stat(path, &information) != 0)
            return failure(APATITE_IO, "cannot read the file: %s", strerror(errno));
        if (!S_ISREG(information.st_mode)) return failure(APATITE_IO, "not a regular file");
        auto file = std::make_unique<apatite_file>();
        file->path = path;
        file->size = uint64_t(information.st_size);

        DcmMetaInfo meta;
        OFCondition result = meta.loadFile(path);
        OFString syntax;
        if (result.bad() || meta.findAndGetOFString(DCM_TransferSyntaxUID, syntax).bad() || syntax.empty())
            return failure(APATITE_NOT_DICOM, "not a DICOM file: no meta header with a transfer syntax");
        file->transfer_syntax = syntax.c_str();
        DcmXfer transfer(syntax.c_str());
        if (transfer.getXfer() == EXS_Unknown)
            return failure(APATITE_UNSUPPORTED, "unknown transfer syntax");

        DcmTagKey stop = stop_tag ? key(stop_tag) : DCM_UndefinedTagKey;
        if (transfer.getStreamCompression() != ESC_none) {
            apatite_status status = read_deflated(*file, path, stop, inflated_limit);
            if (status.code != APATITE_OK) return status;
        } else {
            result = file->format.loadFileUntilTag(
                path, EXS_Unknown, EGL_noChange, maximum_in_memory, ERM_fileOnly, stop);
            if (result.bad()) return failure(APATITE_MALFORMED, "the file cannot be parsed", result);
        }
        apatite_status text = convert_text(*file->format.getDataset());
        if (text.code != APATITE_OK) return text;
        *out = file.release();
        return ok();
    });
}

apatite_status apatite_file_write(apatite_file *file, const char *path, const char *transfer_syntax)
{
    return guarded([&]() -> apatite_status {
        DcmDataset *data_set = file->format.getDataset();
        E_TransferSyntax syntax = DcmXfer(transfer_syntax).getXfer();
        if (syntax == EXS_Unknown) return failure(APATITE_UNSUPPORTED, "unknown transfer syntax");
        OFCondition result = data_set->putAndInsertString(DCM_SpecificCharacterSet, "ISO_IR 192");
        if (result.good()) result = data_set->chooseRepresentation(syntax, nullptr);
        if (result.bad() || !data_set->canWriteXfer(syntax))
            return failure(APATITE_UNSUPPORTED, "the data set cannot be written in this transfer syntax");
        if (!data_set->tagExistsWithValue(DCM_SOPClassUID) || !data_set->tagExistsWithValue(DCM_SOPInstanceUID))
            return failure(APATITE_INVALID, "a file needs SOP Class UID and SOP Instance UID");

        result = file->format.validateMetaInfo(syntax, EWM_createNewMeta);
        DcmMetaInfo *meta = file->format.getMetaInfo();
        if (result.good()) result = meta->putAndInsertString(DCM_ImplementationClassUID, implementation_class);
        if (result.good()) result = meta->putAndInsertString(DCM_ImplementationVersionName, implementation_version);
        if (result.good())
            result = meta->computeGroupLengthAndPadding(
                EGL_withGL, EPD_noChange, META_HEADER_DEFAULT_TRANSFERSYNTAX, EET_ExplicitLength);
        if (result.good())
            result = file->format.saveFile(
                path, syntax, EET_ExplicitLength, EGL_recalcGL, EPD_noChange, 0, 0, EWM_dontUpdateMeta);
        if (result.bad()) return failure(APATITE_IO, "the file cannot be written", result);
        return ok();
    });
}

void apatite_file_free(apatite_file *file) { delete file; }

apatite_item *apatite_file_data_set(apatite_file *file) { return handle(file->format.getDataset()); }

const char *apatite_file_transfer_syntax(const apatite_file *file)
{
    const char *name = DcmXfer(file->transfer_syntax.c_str()).getXferID();
    return file->transfer_syntax.empty() || !name ? "" : name;
}

void apatite_free(void *memory) { free(memory); }
