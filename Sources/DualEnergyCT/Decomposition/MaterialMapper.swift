import CMemory

/// Makes maps of a pair of images, slab by slab: any body part and any phantom, no segmentation.
///
/// Slopes follow the water and the mineral on the rays through each place (`PathMap`), the tissue under mineral is the
/// smoothed image around it (`TissueField`), the noise is measured in the images. A mapper is made once for a pair; its
/// slabs may be asked for from several threads at once.
public struct MaterialMapper: Sendable {
    public let geometry: GridGeometry
    /// The noise of the images; with no voxels behind it where they hold too little soft tissue to measure it.
    public let noise: NoiseEstimate
    let pair: DualEnergyPair
    /// What the maps are made of, and its noise: the images, or their edge-keeping mean.
    private let shown: ShownImages
    package let paths: PathMap
    package let tissue: TissueField
    let calibration: CalibrationUncertainty

    /// Where noise cannot be measured: a quiet body scan.
    static let assumedNoise = NoiseEstimate(
        voxel: NoiseCovariance(low: 225, high: 225), correlationVoxels: 4, voxelCount: 0)

    public init(pair: DualEnergyPair, options: DecompositionOptions = DecompositionOptions()) {
        let noise = NoiseSample.measure(pair) ?? Self.assumedNoise
        let mean = options.keepsEdges ? MeanNoise.measure(noise.voxel, NoiseSample.parts(of: pair)) : nil
        self.init(pair: pair, options: options, noise: noise, mean: mean)
    }

    init(pair: DualEnergyPair, options: DecompositionOptions, noise: NoiseEstimate, mean: MeanNoise?) {
        self.pair = pair
        self.noise = noise
        shown = ShownImages(pair, noise: noise.voxel, mean: mean)
        geometry = pair.low.geometry
        if let rods = options.calibration, rods.applies(to: pair) {
            paths = rods.pathMap(of: (pair.low, pair.high))
            calibration = rods.uncertainty(pathCm: paths.typicalWaterCm)
        } else {
            calibration = .table(low: pair.lowBeam, high: pair.highBeam)
            paths = PathMap(
                of: (pair.low, pair.high),
                tables: (
                    ResponseTable(pair.lowBeam, filtration: options.filtration),
                    ResponseTable(pair.highBeam, filtration: options.filtration)
                ))
        }
        tissue = TissueField(low: pair.low, high: pair.high, paths: paths, noise: noise)
    }

    /// The covariance of what the maps are made of, in tissue.
    var noiseOfMaps: NoiseCovariance { shown.noise }

    /// The maps of some slices: mg/cm3, HU, fractions from 0 to 1, electrons relative to water, atomic number.
    ///
    /// Each map has the voxels of its slices, columns fastest, then rows, then slices.
    /// - Precondition: the slices lie in the pair.
    public func slab(_ slices: Range<Int>, _ maps: [MaterialMap]) -> [MaterialMap: [Float]] {
        let count = slices.count * geometry.rows * geometry.columns
        var buffers = maps.map { _ in [Float](repeating: 0, count: count) }
        write(slices, maps, into: &buffers)
        return Dictionary(zip(maps, buffers)) { first, _ in first }
    }

    /// As `slab`, into buffers of the caller, one a map: for whole volumes, where fresh memory costs more than the work.
    /// - Precondition: as many buffers as maps, each with at least as many values as the slices have voxels.
    public func write(_ slices: Range<Int>, _ maps: [MaterialMap], into buffers: inout [[Float]]) {
        precondition(slices.lowerBound >= 0 && slices.upperBound <= geometry.slices, "slices of the pair")
        let area = geometry.rows * geometry.columns
        precondition(
            buffers.count == maps.count && buffers.allSatisfy { $0.count >= slices.count * area }, "one buffer a map")
        Self.withPointers(to: &buffers) { values in
            shown.low.voxels.withUnsafeBufferPointer { low in
                shown.high.voxels.withUnsafeBufferPointer { high in
                    guard let low = low.baseAddress, let high = high.baseAddress else { return }
                    var work = MapRows(
                        self, zip(maps, values).map { (MapRule($0), $1) }, low: low, high: high,
                        firstVoxel: slices.lowerBound * area)
                    write(slices, &work)
                }
            }
            for (map, values) in zip(maps, values) where map != map.quantity {
                shown.scaleDeviations(values, (slices.lowerBound * area)..<(slices.upperBound * area))
            }
        }
    }

    /// Calls `body` with pointers to all buffers at once.
    private static func withPointers(
        to buffers: inout [[Float]], _ found: [UnsafeMutablePointer<Float>] = [],
        _ body: ([UnsafeMutablePointer<Float>]) -> Void
    ) {
        guard found.count < buffers.count else { return body(found) }
        // Taken out meanwhile: the other buffers cannot be changed while one of them is.
        var own: [Float] = []
        swap(&own, &buffers[found.count])
        own.withUnsafeMutableBufferPointer { values in
            if let base = values.baseAddress { withPointers(to: &buffers, found + [base], body) }
        }
        swap(&own, &buffers[found.count])
    }

    private func write(_ slices: Range<Int>, _ work: inout MapRows) {
        let per = paths.voxelsPerCell
        for first in stride(from: slices.lowerBound / per.slice * per.slice, to: slices.upperBound, by: per.slice) {
            let part = max(first, slices.lowerBound)..<min(first + per.slice, slices.upperBound)
            for band in stride(from: 0, to: geometry.rows, by: per.row) {
                let rows = band..<min(band + per.row, geometry.rows)
                work.enter(slices: part, rows: rows)
                for twoSlices in Self.pairs(of: part) {
                    for twoRows in Self.pairs(of: rows) { work.evaluate(slices: twoSlices, rows: twoRows) }
                }
            }
        }
        apatite_stored()
    }

    /// Neighbours that share their tissue: an even number and the next one, as far as they are in the range.
    private static func pairs(of range: Range<Int>) -> [Range<Int>] {
        stride(from: range.lowerBound / 2 * 2, to: range.upperBound, by: 2).map {
            max($0, range.lowerBound)..<min($0 + 2, range.upperBound)
        }
    }
}
