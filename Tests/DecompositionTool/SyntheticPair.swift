import DualEnergyCT
import Foundation

/// Two images of an arm of fat and muscle with mineral in it, 512 x 512 pixels of 0.5 mm, slices of 0.5 mm.
enum SyntheticPair {
    static func grid(slices: Int) -> GridGeometry {
        GridGeometry(
            columns: 512, rows: 512, slices: slices, columnSpacingMm: 0.5, rowSpacingMm: 0.5, sliceSpacingMm: 0.5)
    }

    static func pair(low: Volume<Int16>, high: Volume<Int16>) -> DualEnergyPair {
        DualEnergyPair(
            low: low, high: high, lowBeam: .tube(kilovolts: 80, tinMm: 0), highBeam: .tube(kilovolts: 150, tinMm: 0.6),
            sliceThicknessMm: 0.5, region: .other, laterality: .unknown)
    }

    static func whole(slices: Int) -> DualEnergyPair {
        let grid = grid(slices: slices)
        var (low, high) = ([Int16](), [Int16]())
        low.reserveCapacity(grid.voxelCount)
        high.reserveCapacity(grid.voxelCount)
        for slice in 0..<slices {
            let images = images(slice)
            low += images.low
            high += images.high
        }
        return pair(low: Volume(geometry: grid, voxels: low), high: Volume(geometry: grid, voxels: high))
    }

    /// Raw files of 16 bit numbers in the order of this machine, slice after slice.
    static func write(slices: Int, low: String, high: String) throws {
        for path in [low, high] { _ = FileManager.default.createFile(atPath: path, contents: nil) }
        let files = try [low, high].map { try FileHandle(forWritingTo: URL(fileURLWithPath: $0)) }
        for slice in 0..<slices {
            let images = images(slice)
            try files[0].write(contentsOf: images.low.withUnsafeBytes { Data($0) })
            try files[1].write(contentsOf: images.high.withUnsafeBytes { Data($0) })
        }
        for file in files { try file.close() }
    }

    private static func images(_ slice: Int) -> (low: [Int16], high: [Int16]) {
        var state = UInt64(slice) &* 0x9E37_79B9_7F4A_7C15 &+ 1
        func noise() -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            // The sum of four bytes: nearly normal, deviation 12.
            let bytes = (0..<4).reduce(0) { $0 + Int(state >> (8 * UInt64($1)) & 0xFF) }
            return (bytes - 510) / 12
        }
        var (low, high) = ([Int16](), [Int16]())
        low.reserveCapacity(512 * 512)
        high.reserveCapacity(512 * 512)
        for row in 0..<512 {
            for column in 0..<512 {
                let (x, y) = (column - 256, row - 256)
                let distance = x * x + y * y
                var value = (low: -1000, high: -1000)
                if distance < 200 * 200 {
                    value = (x + slice / 4) & 63 < 32 ? (-109, -63) : (46, 41)
                    // Balls of mineral, 10 voxels wide, 64 voxels apart.
                    let (a, b, c) = ((x & 63) - 16, (y & 63) - 16, (slice & 63) - 32)
                    if a * a + b * b + c * c < 25 { value = (value.low + 438, value.high + 188) }
                }
                low.append(Int16(value.low + noise()))
                high.append(Int16(value.high + noise()))
            }
        }
        return (low, high)
    }
}
