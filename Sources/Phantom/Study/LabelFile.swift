import DualEnergyCT
import Foundation

/// The truth of each voxel as a file that other programs read.
enum LabelFile {
    /// Writes values of `TruthLabel` as NRRD.
    static func write(_ labels: Volume<UInt8>, to file: URL) throws {
        let g = labels.geometry
        let header = """
            NRRD0004
            # 0 air, 1 bone, 2 nail, 3 other tissue, 100 + number: deposit of that number in truth.json
            # 4 calcified vessel, 5 other calcification, 6 metal, 7 padding
            type: uint8
            dimension: 3
            space: left-posterior-superior
            sizes: \(g.columns) \(g.rows) \(g.slices)
            space directions: (\(g.columnSpacingMm),0,0) (0,\(g.rowSpacingMm),0) (0,0,\(g.sliceSpacingMm))
            kinds: domain domain domain
            encoding: raw
            space origin: (\(g.origin.x),\(g.origin.y),\(g.origin.z))


            """
        var data = Data(header.utf8)
        labels.voxels.withUnsafeBufferPointer { data.append($0) }
        try data.write(to: file)
    }
}
