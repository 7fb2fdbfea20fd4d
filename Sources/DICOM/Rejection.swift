import CDCMTK

/// Why an association is rejected: result, source and reason as A-ASSOCIATE-RJ carries them.
///
/// Reference: PS3.8 table 9-21
public struct Rejection: Hashable, Sendable, CustomStringConvertible {
    public let result: UInt8
    public let source: UInt8
    public let reason: UInt8

    public init(result: UInt8, source: UInt8, reason: UInt8) {
        self.result = result
        self.source = source
        self.reason = reason
    }

    public static let callingAETitleNotRecognized = Rejection(result: 1, source: 1, reason: 3)
    public static let calledAETitleNotRecognized = Rejection(result: 1, source: 1, reason: 7)
    public static let temporaryCongestion = Rejection(result: 2, source: 3, reason: 1)
    public static let localLimitExceeded = Rejection(result: 2, source: 3, reason: 2)

    public var isTransient: Bool { result == 2 }

    public var description: String {
        let words =
            switch (source, reason) {
            case (1, 1): "no reason given"
            case (1, 2): "application context name not supported"
            case (1, 3): "calling AE title not recognized"
            case (1, 7): "called AE title not recognized"
            case (2, 1): "no reason given"
            case (2, 2): "protocol version not supported"
            case (3, 1): "temporary congestion"
            case (3, 2): "local limit exceeded"
            default: "source \(source), reason \(reason)"
            }
        return "rejected \(isTransient ? "for now" : "permanently"): \(words)"
    }

    var shim: apatite_rejection { apatite_rejection(result: result, source: source, reason: reason) }
}
