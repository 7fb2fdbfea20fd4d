import DualEnergyCT

/// The values of a truth volume; 100 + number is a deposit.
public enum TruthLabel {
    public static let air: UInt8 = 0
    public static let bone: UInt8 = 1
    public static let nail: UInt8 = 2
    public static let tissue: UInt8 = 3
    public static let vascular: UInt8 = 4
    public static let otherCalcification: UInt8 = 5
    public static let metal: UInt8 = 6
    /// Outside the skin.
    public static let padding: UInt8 = 7
    public static let firstDeposit: UInt8 = 101

    static func value(of tissue: Tissue) -> UInt8 {
        if tissue.isDeposit { return firstDeposit + (tissue.rawValue - Tissue.firstDeposit) }
        if tissue.isBone { return bone }
        return switch tissue {
        case .air: air
        case .nail: nail
        case .metal: metal
        case .padding: padding
        default: Self.tissue
        }
    }

    /// - Parameter value: of a tissue's label.
    static func volume(
        of object: any PaintedObject, frame: ScanFrame, value: (UInt8) -> UInt8
    ) -> Volume<UInt8> {
        let geometry = frame.geometry
        let table = (0...UInt8.max).map(value)
        var volume = Volume<UInt8>(geometry: geometry, repeating: air)
        let box = frame.pixelBox
        var labels = [UInt8](repeating: 0, count: box.columns.count * box.rows.count)
        for k in 0..<geometry.slices {
            let grid = frame.grid(z: Double(k) * frame.scan.sliceSpacingMm, fine: 1)
            labels.withUnsafeMutableBufferPointer { object.paint(grid, into: $0) }
            for (row, j) in box.rows.enumerated() {
                for (column, i) in box.columns.enumerated() {
                    volume.voxels[geometry.index(i, j, k)] = table[Int(labels[row * grid.nx + column])]
                }
            }
        }
        return volume
    }
}
