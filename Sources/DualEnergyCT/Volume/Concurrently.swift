import Dispatch

/// Calls `body` with parts of the range 0..<count on all cores; small work stays on one.
///
/// The parts may write to one buffer where they write to different places: the result does not depend on their order.
/// - Parameter voxels: how much work it is, in voxels touched.
package func concurrently(_ count: Int, voxels: Int, _ body: (Range<Int>) -> Void) {
    // Below this a part costs no more than to hand it out.
    let leastVoxels = 300_000
    let parts = min(count, 16, voxels / leastVoxels)
    guard parts > 1 else { return body(0..<count) }
    withoutActuallyEscaping(body) { body in
        // All parts end before this call does.
        nonisolated(unsafe) let body = body
        DispatchQueue.concurrentPerform(iterations: parts) { part in
            body((count * part / parts)..<(count * (part + 1) / parts))
        }
    }
}

/// What two calls return that ran at the same time.
///
/// For work of which a good part runs on one core: each may use `concurrently` by itself.
/// - Parameter second: runs on another thread, so what it takes along is `Sendable`.
package func together<A, B: Sendable>(_ first: () -> A, and second: @Sendable () -> B) -> (A, B) {
    var other: B?
    let own = withoutActuallyEscaping(second) { second in
        withUnsafeMutablePointer(to: &other) { other in
            // The other call ends before this one does.
            nonisolated(unsafe) let other = other
            let group = DispatchGroup()
            DispatchQueue.global().async(group: group) { other.pointee = second() }
            let own = first()
            group.wait()
            return own
        }
    }
    guard let other else { preconditionFailure("the second call has ended") }
    return (own, other)
}
