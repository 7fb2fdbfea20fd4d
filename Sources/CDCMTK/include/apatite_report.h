#pragma once
#include "apatite_dataset.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    APATITE_SR_ROOT = 0,
    APATITE_SR_CONTAINS,
    APATITE_SR_HAS_OBS_CONTEXT,
    APATITE_SR_HAS_ACQ_CONTEXT,
    APATITE_SR_HAS_CONCEPT_MOD,
    APATITE_SR_HAS_PROPERTIES,
    APATITE_SR_INFERRED_FROM,
    APATITE_SR_SELECTED_FROM
} apatite_sr_relationship;

typedef enum {
    APATITE_SR_CONTAINER = 0,
    APATITE_SR_TEXT,
    APATITE_SR_CODE,
    APATITE_SR_NUM,
    APATITE_SR_UIDREF,
    APATITE_SR_PNAME,
    APATITE_SR_DATE,
    APATITE_SR_TIME,
    APATITE_SR_DATETIME,
    APATITE_SR_IMAGE,
    APATITE_SR_COMPOSITE,
    APATITE_SR_SCOORD3D
} apatite_sr_value_type;

typedef struct {
    const char *value;
    const char *scheme;
    const char *meaning;
} apatite_sr_code;

/// One content item. The tree crosses flat, in document order with its depth, so that no pointer structure has to be
/// owned on either side. Strings are UTF-8 and live until the call returns; unused ones are NULL.
typedef struct {
    uint32_t depth;
    apatite_sr_relationship relationship;
    apatite_sr_value_type value_type;
    apatite_sr_code concept;
    /// TEXT, UIDREF, PNAME, DATE, TIME, DATETIME: the value. NUM: the number, NULL for none. CONTAINER: template
    /// identifier. SCOORD3D: graphic type.
    const char *text;
    /// CODE: the value. NUM: the unit.
    apatite_sr_code code;
    /// NUM: numeric value qualifier.
    apatite_sr_code qualifier;
    /// CONTAINER: continuity CONTINUOUS rather than SEPARATE.
    bool continuous;
    /// IMAGE, COMPOSITE: what is referred to. SCOORD3D: frame of reference in `sop_instance`.
    const char *sop_class;
    const char *sop_instance;
    const uint16_t *segments;
    size_t segment_count;
    const int32_t *frames;
    size_t frame_count;
    /// SCOORD3D: x, y, z of each point, mm.
    const double *points;
    size_t point_count;
} apatite_sr_item;

/// Builds the document tree through DSRDocumentTree, which enforces the relationships that the document type allows, and
/// writes it into `target`. Header attributes that DCMTK invents (times, UIDs) are for the caller to override.
/// `document_type` is the SOP class UID. On refusal the text names the item's position and concept code.
apatite_status apatite_sr_write(
    const apatite_sr_item *items, size_t count, const char *document_type, apatite_file *target);

#ifdef __cplusplus
}
#endif
