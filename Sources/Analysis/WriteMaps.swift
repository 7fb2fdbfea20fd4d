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
    let pixels = tenths.geometry.columns * tenths.geometry.rows
    for slab in slabs(of: tenths.geometry) {
        var values = mapper?.slab(slab, computed) ?? [:]
        if maps.contains(.hydroxyapatite) {
            let voxels = tenths.voxels[(slab.lowerBound * pixels)..<(slab.upperBound * pixels)]
            values[.hydroxyapatite] = voxels.map { Float($0) / 10 }
        }
        try writer.write(slab, values)
    }
    return writer.results
}

/// Slices a slab: a few megabytes for each map at a time.
func slabs(of geometry: GridGeometry) -> [Range<Int>] {
    stride(from: 0, to: geometry.slices, by: 8).map { $0..<min($0 + 8, geometry.slices) }
}
