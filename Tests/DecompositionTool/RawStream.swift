import DualEnergyCT
import Foundation

/// Maps of raw files, slab by slab: what is in memory does not grow with the scan.
struct RawStream: Sendable {
    let slices: Int
    let low: String
    let high: String

    /// Milliseconds for all maps of all slices; the maps are not kept.
    func run(threads: Int) -> Double {
        let begin = ContinuousClock.now
        onPinnedThreads(threads) { thread in
            guard let reader = try? RawPair(low: low, high: high) else {
                preconditionFailure("the raw files can be opened")
            }
            let own = (slices * thread / threads)..<(slices * (thread + 1) / threads)
            MaterialMapper.stream(
                SyntheticPair.grid(slices: slices), own, maps, read: { SyntheticPair.pair(of: $0, reader) },
                write: { _, _ in })
        }
        let duration = ContinuousClock.now - begin
        return Double(duration.components.seconds) * 1000 + Double(duration.components.attoseconds) / 1e15
    }
}

/// Two open raw files.
struct RawPair {
    private let low: FileHandle
    private let high: FileHandle

    init(low: String, high: String) throws {
        self.low = try FileHandle(forReadingFrom: URL(fileURLWithPath: low))
        self.high = try FileHandle(forReadingFrom: URL(fileURLWithPath: high))
    }

    func read(_ slices: Range<Int>) -> (low: [Int16], high: [Int16]) {
        func values(_ file: FileHandle) -> [Int16] {
            let bytes = 512 * 512 * 2
            return [Int16](unsafeUninitializedCapacity: slices.count * 512 * 512) { buffer, count in
                let got = pread(
                    file.fileDescriptor, buffer.baseAddress, slices.count * bytes, off_t(slices.lowerBound * bytes))
                precondition(got == slices.count * bytes, "the file is shorter than its slices")
                count = slices.count * 512 * 512
            }
        }
        return (values(low), values(high))
    }
}

extension SyntheticPair {
    static func pair(of slices: Range<Int>, _ reader: RawPair) -> DualEnergyPair {
        let images = reader.read(slices)
        let grid = grid(slices: slices.count)
        return pair(
            low: Volume(geometry: grid, voxels: images.low), high: Volume(geometry: grid, voxels: images.high))
    }
}
