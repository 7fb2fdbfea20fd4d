import DICOM
import DualEnergyCT
import Report

/// Writes the material maps of an analysed study: the hydroxyapatite map of the findings themselves, and the others from
/// the same pair. None for a study that is not analysable: a map would claim what the report does not.
///
/// - Throws: `DICOMError`, or `CocoaError` when a file cannot be written.
func writeMaps(
    _ names: [String], findings: Findings, of pair: DualEnergyPair, options: DecompositionOptions,
    source: ReportSource, to folder: String
) throws -> [WrittenResult] {
    guard let tenths = findings.hydroxyapatiteTenths else { return [] }
    let maps = names.compactMap { MaterialMap(name: $0) }
    guard !maps.isEmpty else { return [] }
    let writer = try MapWriter(maps, findings: findings, source: source, folder: folder)
    let computed = maps.filter { $0 != .hydroxyapatite }
    let mapper = computed.isEmpty ? nil : MaterialMapper(pair: pair, options: options)
    for slab in slabs(of: tenths.geometry) {
        var values = mapper?.slab(slab, computed) ?? [:]
        if maps.contains(.hydroxyapatite) { values[.hydroxyapatite] = frames(of: tenths, slab, source) }
        try writer.write(slab, values)
    }
    return writer.results
}

/// Densities in mg/cm3 of some whole slices: none around the part that was analysed.
private func frames(of tenths: Volume<Int16>, _ slab: Range<Int>, _ source: ReportSource) -> [Float] {
    let (grid, box, part) = (source.grid, source.box, tenths.geometry)
    var values = [Float](repeating: 0, count: grid.columns * grid.rows * slab.count)
    for (place, k) in slab.enumerated() {
        for (row, j) in box.rows.enumerated() {
            let start = part.index(0, row, k)
            let target = grid.index(box.columns.lowerBound, j, place)
            for i in 0..<part.columns { values[target + i] = Float(tenths.voxels[start + i]) / 10 }
        }
    }
    return values
}

/// Slices a slab: a few megabytes for each map at a time.
func slabs(of geometry: GridGeometry) -> [Range<Int>] {
    stride(from: 0, to: geometry.slices, by: 8).map { $0..<min($0 + 8, geometry.slices) }
}
