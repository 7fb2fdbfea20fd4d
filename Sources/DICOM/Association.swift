import CDCMTK

/// An association with a peer. Its functions block: it lives on a thread of its own, never on the cooperative pool. Only
/// `interrupter` may be used from other threads.
///
/// Reference: PS3.8 section 7
public final class Association {
    let handle: OpaquePointer
    /// Ends the association from any thread.
    public let interrupter: Interrupter

    init(handle: OpaquePointer) {
        self.handle = handle
        interrupter = Interrupter(handle)
    }

    deinit {
        interrupter.detach()
        apatite_association_free(handle)
    }

    /// Titles as they came, without padding.
    public var callingAETitle: String { trimmed(apatite_association_calling(handle)) }
    public var calledAETitle: String { trimmed(apatite_association_called(handle)) }
    /// Implementation Version Name of the peer; empty when it gave none.
    public var peerImplementation: String { trimmed(apatite_association_implementation(handle)) }

    private func trimmed(_ text: UnsafePointer<CChar>) -> String {
        var rest = Substring(String(cString: text))
        while rest.first == " " { rest.removeFirst() }
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }

    /// One negotiated presentation context.
    public struct PresentationContext: Sendable, Hashable {
        public let identifier: UInt8
        public let abstractSyntax: UID
        public let proposedTransferSyntaxes: [UID]
        /// Nil when refused.
        public let acceptedTransferSyntax: UID?
    }

    /// All presentation contexts in the order of the request.
    public var presentationContexts: [PresentationContext] {
        (0..<apatite_association_context_count(handle)).compactMap { index in
            var context = apatite_context()
            guard apatite_association_context(handle, index, &context).code == APATITE_OK else { return nil }
            let proposed = (0..<Int(context.transfer_syntax_count)).map { syntax in
                var buffer = [CChar](repeating: 0, count: 68)
                _ = apatite_association_proposed_syntax(handle, index, syntax, &buffer)
                return UID(rawValue: text(of: buffer))
            }
            let accepted = text(of: context.accepted_transfer_syntax)
            return PresentationContext(
                identifier: context.identifier, abstractSyntax: UID(rawValue: text(of: context.abstract_syntax)),
                proposedTransferSyntaxes: proposed,
                acceptedTransferSyntax: context.result == 0 && !accepted.isEmpty ? UID(rawValue: accepted) : nil)
        }
    }

    /// A-ABORT.
    public func abort() { apatite_association_abort(handle) }
}

/// The text in a fixed array of the shim.
func text<Characters>(of characters: Characters) -> String {
    withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
}

func text(of characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
