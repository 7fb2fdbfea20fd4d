import DualEnergyCT
import Foundation

/// The maps of a whole pair, slab by slab into memory that is used again, the slices shared among pinned threads.
final class SlabWork: @unchecked Sendable {
    // Unchecked: each thread writes to buffers of its own.
    private let mapper: MaterialMapper
    private let threads: Int
    private let slab = 12
    private var buffers: [[[Float]]]

    init(mapper: MaterialMapper, threads: Int) {
        self.mapper = mapper
        self.threads = threads
        let area = mapper.geometry.rows * mapper.geometry.columns
        let count = slab * area
        buffers = (0..<threads).map { _ in maps.map { _ in [Float](repeating: 0, count: count) } }
    }

    func run() {
        var shares = buffers
        buffers = []
        shares.withUnsafeMutableBufferPointer { shares in
            let own = SharedBuffers(base: shares.baseAddress)
            onPinnedThreads(threads) { [self] thread in
                guard let mine = own.base else { return }
                let slices = mapper.geometry.slices
                let part = (slices * thread / threads)..<(slices * (thread + 1) / threads)
                for first in stride(from: part.lowerBound, to: part.upperBound, by: slab) {
                    mapper.write(first..<min(first + slab, part.upperBound), maps, into: &mine[thread])
                }
            }
        }
        buffers = shares
    }
}

/// Lets each thread reach its own element.
private struct SharedBuffers: @unchecked Sendable {
    let base: UnsafeMutablePointer<[[Float]]>?
}

/// What the memory bus carries: a stream that is read, scaled and written, far larger than any cache.
enum Bandwidth {
    /// Gigabytes a second, read and written together.
    static func scale(threads: Int, runs: Int) -> Double {
        let count = 80 << 20
        let shared = SharedFloats(count: 2 * count)
        let time = milliseconds(runs: runs) {
            onPinnedThreads(threads) { thread in
                let own = (count * thread / threads)..<(count * (thread + 1) / threads)
                let (input, output) = (shared.base, shared.base + count)
                for i in own { output[i] = 0.5 * input[i] }
            }
        }
        return Double(8 * count) / time / 1e6
    }
}

/// Memory that several threads fill, each a part of its own.
final class SharedFloats: @unchecked Sendable {
    let base: UnsafeMutablePointer<Float>

    init(count: Int) {
        base = .allocate(capacity: count)
        base.initialize(repeating: 1, count: count)
    }

    deinit { base.deallocate() }
}
