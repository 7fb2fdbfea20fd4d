package import DICOM

/// What was agreed with a peer and what was not, short enough for one line of the log.
///
/// A sender often proposes one class a hundred times, or every class it knows: each is named once, and of the refused
/// ones only the first few.
package struct NegotiationSummary {
    package let accepted: String
    package let refused: String

    private static let namedAtMost = 8

    /// - Parameter accepted: the classes we take; another one is refused for its class, these for their transfer syntaxes.
    package init(_ contexts: [Association.PresentationContext], accepted classes: Set<UID>) {
        let agreed = contexts.filter { $0.acceptedTransferSyntax != nil }
        let agreedClasses = Set(agreed.map(\.abstractSyntax))
        let syntaxes = Self.once(agreed.compactMap(\.acceptedTransferSyntax))
        let failed = Self.once(contexts.map(\.abstractSyntax).filter { !agreedClasses.contains($0) })
        accepted =
            agreed.isEmpty
            ? "nothing"
            : "\(agreed.count) of \(contexts.count) contexts: classes \(Self.list(Self.once(agreed.map(\.abstractSyntax))))"
                + " in \(Self.list(syntaxes))"
        let ofClass = failed.filter { !classes.contains($0) }
        let ofSyntax = failed.filter { classes.contains($0) }
        var parts: [String] = []
        if !ofClass.isEmpty { parts.append("classes \(Self.list(ofClass))") }
        if !ofSyntax.isEmpty { parts.append("no common transfer syntax for \(Self.list(ofSyntax))") }
        refused = parts.isEmpty ? "nothing" : parts.joined(separator: "; ")
    }

    private static func once(_ uids: [UID]) -> [UID] {
        var seen: Set<UID> = []
        return uids.filter { seen.insert($0).inserted }
    }

    private static func list(_ uids: [UID]) -> String {
        let named = uids.prefix(namedAtMost).map(\.rawValue).joined(separator: ", ")
        return uids.count > namedAtMost ? "\(named) and \(uids.count - namedAtMost) more" : named
    }
}
