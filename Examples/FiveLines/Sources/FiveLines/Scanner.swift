import DualEnergyCT

/// Stands for your own reader of images: 5 cm of muscle at 80 kV and at 150 kV behind tin, with 200 mg/cm3 in a rod.
enum Scanner {
    static func images() -> (GridGeometry, low: [Int16], high: [Int16]) {
        let grid = GridGeometry(
            columns: 64, rows: 64, slices: 16, columnSpacingMm: 1, rowSpacingMm: 1, sliceSpacingMm: 1)
        var (low, high) = ([Int16](), [Int16]())
        for n in 0..<grid.voxelCount {
            let (i, j) = (n % 64 - 32, n / 64 % 64 - 32)
            let isBody = i * i + j * j < 29 * 29
            let mineral = i * i + j * j < 16 ? 200 : 0
            // A ripple stands for noise.
            let ripple = n * 7919 % 21 - 10
            low.append(Int16(isBody ? 46 + 2.18 * Double(mineral) + Double(ripple) : -1000))
            high.append(Int16(isBody ? 41 + 0.93 * Double(mineral) - Double(ripple) / 2 : -1000))
        }
        return (grid, low, high)
    }

    /// The voxels of the rod's middle.
    static func deposit(in grid: GridGeometry) -> [Int] {
        (0..<grid.voxelCount).filter { n in
            let (i, j, k) = (n % 64 - 32, n / 64 % 64 - 32, n / 4096)
            return i * i + j * j < 8 && (5..<11).contains(k)
        }
    }
}
