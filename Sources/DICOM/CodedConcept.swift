/// A code with its coding scheme and its meaning.
///
/// Two concepts are the same when value and scheme agree: the meaning's wording changes between editions.
///
/// Reference: PS3.3 section 8
public struct CodedConcept: Hashable, Sendable, Codable, CustomStringConvertible {
    /// Code Value, at most 16 characters.
    public let value: String
    /// Coding Scheme Designator, at most 16 characters.
    public let scheme: String
    /// Code Meaning, at most 64 characters.
    public let meaning: String

    public init(_ value: String, _ scheme: String, _ meaning: String) {
        self.value = value
        self.scheme = scheme
        self.meaning = meaning
    }

    public static func == (left: CodedConcept, right: CodedConcept) -> Bool {
        left.value == right.value && left.scheme == right.scheme
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(value)
        hasher.combine(scheme)
    }

    public var description: String { "(\(value), \(scheme), \(meaning))" }
}

extension DataSet {
    /// The first item of a code sequence as a concept; nil when absent or without a value.
    ///
    /// Reference: PS3.3 section 8.8
    public func codedConcept(_ sequence: Tag) -> CodedConcept? {
        items(sequence).first?.asCodedConcept
    }

    /// This item of a code sequence as a concept.
    public var asCodedConcept: CodedConcept? {
        guard let value = string(.codeValue), let scheme = string(.codingSchemeDesignator) else { return nil }
        return CodedConcept(value, scheme, string(.codeMeaning) ?? "")
    }

    /// Appends a code to a code sequence and returns its item, for modifiers below it.
    @discardableResult
    public func append(_ concept: CodedConcept, to sequence: Tag) -> DataSet {
        let item = appendItem(sequence)
        item.set(.codeValue, concept.value)
        item.set(.codingSchemeDesignator, concept.scheme)
        item.set(.codeMeaning, concept.meaning)
        return item
    }
}
