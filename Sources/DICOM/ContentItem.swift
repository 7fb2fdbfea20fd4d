/// A content item of a structured report with all below it, as a value.
///
/// Reference: PS3.3 section C.17.3
public struct ContentItem: Sendable, Hashable {
    /// How an item relates to its parent.
    public enum Relationship: Sendable, Hashable {
        case root
        case contains
        case hasObservationContext
        case hasAcquisitionContext
        case hasConceptModifier
        case hasProperties
        case inferredFrom
        case selectedFrom
    }

    public enum Value: Sendable, Hashable {
        case text(String)
        case code(CodedConcept)
        /// A number as its decimal text and unit. With `value` nil it is a measurement without a value, which the
        /// qualifier explains (PS3.16 CID 42).
        case numeric(value: String?, unit: CodedConcept, qualifier: CodedConcept? = nil)
        case uidReference(UID)
        case personName(String)
        case date(String)
        case time(String)
        case dateTime(String)
        case image(sopClass: UID, sopInstance: UID, segments: [UInt16] = [], frames: [Int32] = [])
        case composite(sopClass: UID, sopInstance: UID)
        /// Points in mm in the patient's frame of reference; the graphic type as PS3.3 C.18.9.1.2 names it.
        case spatialCoordinates3D(graphicType: String, points: [SIMD3<Double>], frameOfReference: UID)
        /// `template` is an identifier of PS3.16 without "TID".
        case container(template: String? = nil, continuous: Bool = false)
    }

    public var relationship: Relationship
    public var concept: CodedConcept?
    public var value: Value
    public var children: [ContentItem]

    public init(
        _ relationship: Relationship, _ concept: CodedConcept?, _ value: Value, children: [ContentItem] = []
    ) {
        self.relationship = relationship
        self.concept = concept
        self.value = value
        self.children = children
    }
}
