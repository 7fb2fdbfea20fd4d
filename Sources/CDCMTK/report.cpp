#include "support.h"

#include "dcmtk/dcmsr/dsrdoc.h"
#include "dcmtk/dcmsr/dsrdoctr.h"
#include "dcmtk/dcmsr/dsrimgvl.h"
#include "dcmtk/dcmsr/dsrnumvl.h"
#include "dcmtk/dcmsr/dsrsc3vl.h"

#include <cstring>

using namespace apatite;

namespace {

DSRTypes::E_RelationshipType relationship(apatite_sr_relationship value)
{
    switch (value) {
    case APATITE_SR_ROOT: return DSRTypes::RT_isRoot;
    case APATITE_SR_CONTAINS: return DSRTypes::RT_contains;
    case APATITE_SR_HAS_OBS_CONTEXT: return DSRTypes::RT_hasObsContext;
    case APATITE_SR_HAS_ACQ_CONTEXT: return DSRTypes::RT_hasAcqContext;
    case APATITE_SR_HAS_CONCEPT_MOD: return DSRTypes::RT_hasConceptMod;
    case APATITE_SR_HAS_PROPERTIES: return DSRTypes::RT_hasProperties;
    case APATITE_SR_INFERRED_FROM: return DSRTypes::RT_inferredFrom;
    case APATITE_SR_SELECTED_FROM: return DSRTypes::RT_selectedFrom;
    }
    return DSRTypes::RT_invalid;
}

DSRTypes::E_ValueType value_type(apatite_sr_value_type value)
{
    switch (value) {
    case APATITE_SR_CONTAINER: return DSRTypes::VT_Container;
    case APATITE_SR_TEXT: return DSRTypes::VT_Text;
    case APATITE_SR_CODE: return DSRTypes::VT_Code;
    case APATITE_SR_NUM: return DSRTypes::VT_Num;
    case APATITE_SR_UIDREF: return DSRTypes::VT_UIDRef;
    case APATITE_SR_PNAME: return DSRTypes::VT_PName;
    case APATITE_SR_DATE: return DSRTypes::VT_Date;
    case APATITE_SR_TIME: return DSRTypes::VT_Time;
    case APATITE_SR_DATETIME: return DSRTypes::VT_DateTime;
    case APATITE_SR_IMAGE: return DSRTypes::VT_Image;
    case APATITE_SR_COMPOSITE: return DSRTypes::VT_Composite;
    case APATITE_SR_SCOORD3D: return DSRTypes::VT_SCoord3D;
    }
    return DSRTypes::VT_invalid;
}

DSRCodedEntryValue coded(const apatite_sr_code &code)
{
    return DSRCodedEntryValue(code.value, code.scheme, code.meaning ? code.meaning : "");
}

OFCondition set_image(DSRContentItem &content, const apatite_sr_item &item)
{
    DSRImageReferenceValue value(item.sop_class, item.sop_instance);
    for (size_t i = 0; i < item.segment_count; i++) value.getSegmentList().addItem(item.segments[i]);
    for (size_t i = 0; i < item.frame_count; i++) value.getFrameList().addItem(item.frames[i]);
    return content.setImageReference(value);
}

OFCondition set_coordinates(DSRContentItem &content, const apatite_sr_item &item)
{
    DSRSpatialCoordinates3DValue value(DSRTypes::enumeratedValueToGraphicType3D(item.text));
    for (size_t i = 0; i < item.point_count; i++) {
        const double *point = item.points + 3 * i;
        value.getGraphicDataList().addItem(Float32(point[0]), Float32(point[1]), Float32(point[2]));
    }
    OFCondition result = value.setFrameOfReferenceUID(item.sop_instance);
    return result.good() ? content.setSpatialCoordinates3D(value) : result;
}

OFCondition set_number(DSRContentItem &content, const apatite_sr_item &item)
{
    DSRNumericMeasurementValue value;
    OFCondition result = EC_Normal;
    if (item.text) result = value.setValue(OFString(item.text), coded(item.code));
    if (result.good() && item.qualifier.value) result = value.setNumericValueQualifier(coded(item.qualifier));
    return result.good() ? content.setNumericValue(value) : result;
}

OFCondition set_value(DSRDocumentTree &tree, const apatite_sr_item &item)
{
    DSRContentItem &content = tree.getCurrentContentItem();
    switch (item.value_type) {
    case APATITE_SR_CONTAINER: {
        OFCondition result = content.setContinuityOfContent(
            item.continuous ? DSRTypes::COC_Continuous : DSRTypes::COC_Separate);
        if (result.good() && item.text) result = content.setTemplateIdentification(item.text, "DCMR");
        return result;
    }
    case APATITE_SR_CODE: return content.setCodeValue(coded(item.code));
    case APATITE_SR_NUM: return set_number(content, item);
    case APATITE_SR_IMAGE: return set_image(content, item);
    case APATITE_SR_COMPOSITE:
        return content.setCompositeReference(DSRCompositeReferenceValue(item.sop_class, item.sop_instance));
    case APATITE_SR_SCOORD3D: return set_coordinates(content, item);
    default: return content.setStringValue(item.text ? item.text : "");
    }
}

} // namespace

apatite_status apatite_sr_write(
    const apatite_sr_item *items, size_t count, const char *document_type, apatite_file *target)
{
    apatite_initialize();
    return guarded([&]() -> apatite_status {
        DSRTypes::E_DocumentType type = DSRTypes::sopClassUIDToDocumentType(document_type);
        if (type == DSRTypes::DT_invalid) return failure(APATITE_INVALID, "not a structured report SOP class");
        DSRDocument document(type);
        // Before any text: the items are UTF-8 and DCMTK converts nothing when writing.
        OFCondition result = document.setSpecificCharacterSetType(DSRTypes::CS_UTF8);
        if (result.bad()) return failure(APATITE_OTHER, "the character set cannot be set", result);
        DSRDocumentTree &tree = document.getTree();
        uint32_t depth = 0;
        for (size_t i = 0; i < count; i++) {
            const apatite_sr_item &item = items[i];
            const char *concept = item.concept.value ? item.concept.value : "";
            if (item.depth > depth + 1 || (i > 0 && item.depth == 0))
                return failure(APATITE_INVALID, "content item %zu is at an impossible depth", i);
            // The cursor stands on the item before: down for a child, up as far as needed for a sibling.
            DSRTypes::E_AddMode mode = DSRTypes::AM_afterCurrent;
            if (i > 0 && item.depth == depth + 1) mode = DSRTypes::AM_belowCurrent;
            for (; depth > item.depth; depth--) tree.goUp();
            depth = item.depth;
            if (!tree.addContentItem(relationship(item.relationship), value_type(item.value_type), mode))
                return failure(
                    APATITE_INVALID, "content item %zu (%s): relationship and value type are not allowed here", i, concept);
            if (item.concept.value) result = tree.getCurrentContentItem().setConceptName(coded(item.concept));
            if (result.good()) result = set_value(tree, item);
            if (result.bad()) return failure(APATITE_INVALID, "content item %zu (%s): %s", i, concept, result.text());
        }
        // DCMTK refuses a type with the Enhanced General Equipment Module while these are empty; the header, which has
        // the last word, is copied over them.
        if (DSRTypes::requiresEnhancedEquipmentModule(type)) {
            document.setManufacturer("unknown");
            document.setManufacturerModelName("unknown");
            document.setDeviceSerialNumber("unknown");
            document.setSoftwareVersions("unknown");
        }
        // A key object selection has no completion flag.
        if (type != DSRTypes::DT_KeyObjectSelectionDocument) result = document.completeDocument();
        if (result.good()) result = document.write(*target->format.getDataset());
        if (result.bad()) return failure(APATITE_INVALID, "the document cannot be written", result);
        return ok();
    });
}
