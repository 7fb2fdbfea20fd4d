/// The tag of a DICOM attribute: group and element number.
///
/// Reference: PS3.5 section 7.1
public struct Tag: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let group: UInt16
    public let element: UInt16

    public init(_ group: UInt16, _ element: UInt16) {
        self.group = group
        self.element = element
    }

    /// Group in the upper, element in the lower half: the form in which a tag crosses into the shim.
    package var packed: UInt32 { UInt32(group) << 16 | UInt32(element) }

    package init(packed: UInt32) {
        self.init(UInt16(packed >> 16), UInt16(packed & 0xFFFF))
    }

    /// Private attributes have an odd group number (PS3.5 section 7.8).
    public var isPrivate: Bool { group & 1 == 1 }

    public static func < (left: Tag, right: Tag) -> Bool { left.packed < right.packed }

    /// As the standard writes it: `(0020,000D)`.
    public var description: String {
        func hex(_ value: UInt16) -> String {
            let digits = String(value, radix: 16, uppercase: true)
            return String(repeating: "0", count: 4 - digits.count) + digits
        }
        return "(\(hex(group)),\(hex(element)))"
    }
}
