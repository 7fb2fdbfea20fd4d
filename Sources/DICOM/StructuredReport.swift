import CDCMTK

/// Writes a structured report: the tree through DCMTK, which refuses relationships that the document type does not
/// allow, then every attribute of the header over what DCMTK put there. Equal arguments make equal files: what DCMTK
/// takes from the clock and the header does not name is removed.
///
/// - Parameters:
///   - root: a container with relationship `root`.
///   - header: all other attributes, evidence and coding schemes included; its SOP Class UID is the document type. The
///     completion flag is COMPLETE and the verification flag UNVERIFIED unless it says otherwise.
/// - Throws: `invalidValue` naming the item that is not allowed, `inputOutput`.
///
/// Reference: PS3.3 section A.35, PS3.16 TID 1500
public func writeStructuredReport(_ root: ContentItem, header: DataSet, to path: String) throws(DICOMError) {
    guard let documentType = header.string(.sopClassUID) else {
        throw DICOMError(.invalidValue, "the header names no SOP class")
    }
    let report = DataSet()
    try check(withFlatTree(root) { apatite_sr_write($0, $1, documentType, report.storage.file) })
    for tag in [Tag.instanceCreationDate, .instanceCreationTime, .instanceCreatorUID] { report.remove(tag) }
    report.copy(header.tags.filter { $0.group > 0x0002 }, from: header)
    try report.write(to: path)
}

/// Calls `body` with the tree as the shim takes it: flat, in document order. Strings live until it returns.
private func withFlatTree(
    _ root: ContentItem, _ body: (UnsafePointer<apatite_sr_item>?, Int) -> apatite_status
) -> apatite_status {
    var arena = Arena()
    defer { arena.free() }
    var flat: [apatite_sr_item] = []
    func add(_ node: ContentItem, depth: UInt32) {
        flat.append(arena.item(node, depth: depth))
        for child in node.children { add(child, depth: depth + 1) }
    }
    add(root, depth: 0)
    return flat.withUnsafeBufferPointer { body($0.baseAddress, $0.count) }
}

/// Memory of the texts and arrays that a flat tree points to.
private struct Arena {
    private var blocks: [UnsafeMutableRawPointer] = []

    mutating func free() {
        for block in blocks { block.deallocate() }
        blocks = []
    }

    private mutating func array<Element: BitwiseCopyable>(_ values: [Element]) -> UnsafePointer<Element>? {
        guard !values.isEmpty else { return nil }
        let block = UnsafeMutablePointer<Element>.allocate(capacity: values.count)
        block.initialize(from: values, count: values.count)
        blocks.append(UnsafeMutableRawPointer(block))
        return UnsafePointer(block)
    }

    private mutating func text(_ value: String) -> UnsafePointer<CChar>? { array(Array(value.utf8CString)) }

    private mutating func code(_ concept: CodedConcept) -> apatite_sr_code {
        apatite_sr_code(value: text(concept.value), scheme: text(concept.scheme), meaning: text(concept.meaning))
    }

    mutating func item(_ node: ContentItem, depth: UInt32) -> apatite_sr_item {
        var item = apatite_sr_item()
        item.depth = depth
        item.relationship = node.relationship.shim
        if let concept = node.concept { item.concept = code(concept) }
        switch node.value {
        case .text(let value): set(&item, APATITE_SR_TEXT, value)
        case .uidReference(let uid): set(&item, APATITE_SR_UIDREF, uid.rawValue)
        case .personName(let value): set(&item, APATITE_SR_PNAME, value)
        case .date(let value): set(&item, APATITE_SR_DATE, value)
        case .time(let value): set(&item, APATITE_SR_TIME, value)
        case .dateTime(let value): set(&item, APATITE_SR_DATETIME, value)
        case .code(let value):
            item.value_type = APATITE_SR_CODE
            item.code = code(value)
        case .numeric(let value, let unit, let qualifier):
            item.value_type = APATITE_SR_NUM
            item.text = value.flatMap { text($0) }
            item.code = code(unit)
            if let qualifier { item.qualifier = code(qualifier) }
        case .container(let template, let continuous):
            item.value_type = APATITE_SR_CONTAINER
            item.text = template.flatMap { text($0) }
            item.continuous = continuous
        default: setReference(&item, node.value)
        }
        return item
    }

    private mutating func set(_ item: inout apatite_sr_item, _ type: apatite_sr_value_type, _ value: String) {
        item.value_type = type
        item.text = text(value)
    }

    private mutating func setReference(_ item: inout apatite_sr_item, _ value: ContentItem.Value) {
        switch value {
        case .image(let sopClass, let sopInstance, let segments, let frames):
            item.value_type = APATITE_SR_IMAGE
            item.sop_class = text(sopClass.rawValue)
            item.sop_instance = text(sopInstance.rawValue)
            item.segments = array(segments)
            item.segment_count = segments.count
            item.frames = array(frames)
            item.frame_count = frames.count
        case .composite(let sopClass, let sopInstance):
            item.value_type = APATITE_SR_COMPOSITE
            item.sop_class = text(sopClass.rawValue)
            item.sop_instance = text(sopInstance.rawValue)
        case .spatialCoordinates3D(let graphicType, let points, let frameOfReference):
            set(&item, APATITE_SR_SCOORD3D, graphicType)
            item.sop_instance = text(frameOfReference.rawValue)
            item.points = array(points.flatMap { [$0.x, $0.y, $0.z] })
            item.point_count = points.count
        default: break
        }
    }
}

extension ContentItem.Relationship {
    fileprivate var shim: apatite_sr_relationship {
        switch self {
        case .root: APATITE_SR_ROOT
        case .contains: APATITE_SR_CONTAINS
        case .hasObservationContext: APATITE_SR_HAS_OBS_CONTEXT
        case .hasAcquisitionContext: APATITE_SR_HAS_ACQ_CONTEXT
        case .hasConceptModifier: APATITE_SR_HAS_CONCEPT_MOD
        case .hasProperties: APATITE_SR_HAS_PROPERTIES
        case .inferredFrom: APATITE_SR_INFERRED_FROM
        case .selectedFrom: APATITE_SR_SELECTED_FROM
        }
    }
}
