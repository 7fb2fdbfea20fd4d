import DualEnergyCT

/// Images as a scanner makes them: polyenergetic projections with noise, corrected for water, reconstructed by filtered
/// back-projection. Cupping, streaks and the grain of the noise are consequences, not additions.
struct ProjectedImages: Sendable {
    let object: any PaintedObject
    let frame: ScanFrame
    let pair: SpectrumPair
    let seed: UInt64
    /// Views over half a turn.
    var views = 480
    /// Standard deviation in mm of the blur by focal spot and detector.
    private let blurMm: Float = 0.22
    /// Water in cm behind which the noise is as asked for.
    var noiseReferenceCm: Float = 4
    /// Variance of the electronics as a share of the quantum noise without object.
    private let electronicShare: Float = 0.003

    func make() -> (low: Volume<Int16>, high: Volume<Int16>) {
        let basis = BasisSet()
        var table = [SIMD4<Float>](repeating: .zero, count: 256)
        for (label, mixture) in object.mixtures where label != 0 {
            table[Int(label)] = basis.coefficients(of: mixture)
        }
        let sampler = SliceSampler(object: object, frame: frame, cellsPerPixel: 2, table: table)
        let pixel = Float(frame.scan.pixelSpacingMm)
        let projector = ParallelProjector(
            columns: sampler.cellColumns, rows: sampler.cellRows, cellMm: 0.5 * pixel, rayMm: 0.75 * pixel,
            views: views)
        let spacingCm = 0.1 * Double(projector.rayMm)
        let filter = RampFilter(
            bins: projector.bins, spacingCm: spacingCm, cutoffPerCm: min(frame.scan.kernelCutoffPerCm, 0.5 / spacingCm))
        let spectra = [pair.filteredLow, pair.filteredHigh].map { DetectedSpectrum($0, basis: basis) }
        let noise = zip(spectra, [frame.scan.noiseLowHU, frame.scan.noiseHighHU]).map {
            noisePerPhoton($0, noiseHU: Float($1), filter: filter)
        }
        let air = TexturedNoise(columns: frame.geometry.columns, rows: frame.geometry.rows)
        let output = VolumePairWriter(frame.geometry)
        sampler.forEachSlice { slice, cells in
            let image = reconstruct(
                cells, slice: slice, projector: projector, filter: filter, spectra: spectra, noise: noise)
            let fields = [0, 1].map { air.slice(seed: seed, stream: UInt64(slice * 2 + $0) &+ 1 << 32) }
            output.write(slice, reconstructed: image, box: frame.pixelBox, airNoise: fields, scan: frame.scan)
        }
        return output.volumes()
    }

    /// The variance for one photon a ray becomes the wanted noise behind the reference: one over the photons a ray.
    private func noisePerPhoton(_ spectrum: DetectedSpectrum, noiseHU: Float, filter: RampFilter) -> Float {
        let reference = spectrum.behind(SIMD4(noiseReferenceCm, 0, 0, 0))
        let slope = spectrum.waterSlope(atCm: noiseReferenceCm)
        let perPhoton =
            (reference.variance + electronicShare * spectrum.behind(.zero).variance)
            / (reference.signal * reference.signal) * slope * slope
        let power = filter.noisePower
        // Interpolation between two rays keeps 2/3 of the variance and adds 1/3 of the covariance.
        let interpolated = 2 * power.variance / 3 + power.neighbour / 3
        let image = Float.pi * Float.pi / Float(views) * interpolated * perPhoton
        return noiseHU * noiseHU / (1_000_000 * image)
    }

    private func reconstruct(
        _ cells: UnsafeMutableBufferPointer<SIMD4<Float>>, slice: Int, projector: ParallelProjector,
        filter: RampFilter, spectra: [DetectedSpectrum], noise: [Float]
    ) -> [SIMD2<Float>] {
        let (columns, rows) = (projector.columns, projector.rows)
        let transposed = UnsafeMutableBufferPointer<SIMD4<Float>>.allocate(capacity: columns * rows)
        let lines = UnsafeMutableBufferPointer<SIMD4<Float>>.allocate(capacity: projector.bins)
        let water = UnsafeMutableBufferPointer<SIMD2<Float>>.allocate(capacity: filter.size)
        defer {
            transposed.deallocate()
            lines.deallocate()
            water.deallocate()
        }
        for j in 0..<rows { for i in 0..<columns { transposed[i * rows + j] = cells[j * columns + i] } }
        guard let cellStart = cells.baseAddress, let turnedStart = transposed.baseAddress,
            let filtered = water.baseAddress
        else { return [] }
        let source = ProjectedPlane(cellStart, along: rows, across: columns)
        let turned = ProjectedPlane(turnedStart, along: columns, across: rows)
        var generator = SeededGenerator(seed: seed, stream: UInt64(slice) &+ 1 << 40)
        let kernel = TexturedNoise.gaussian(
            sigma: blurMm / projector.rayMm, radius: max(1, Int((3 * blurMm / projector.rayMm).rounded(.up))))
        let (lowSpectrum, highSpectrum) = (spectra[0], spectra[1])
        let electronic = spectra.map { electronicShare * $0.behind(.zero).variance }
        let box = frame.pixelBox
        var image = [SIMD2<Float>](repeating: .zero, count: box.columns.count * box.rows.count)
        var signal = [SIMD4<Float>](repeating: .zero, count: projector.bins)
        let clear = spectra.map { $0.behind(.zero) }
        for view in 0..<projector.views {
            projector.project(source, transposed: turned, view: view, into: lines)
            for bin in 0..<projector.bins {
                let isClear = lines[bin] == .zero
                let low = isClear ? clear[0] : lowSpectrum.behind(lines[bin])
                let high = isClear ? clear[1] : highSpectrum.behind(lines[bin])
                signal[bin] = SIMD4(low.signal, high.signal, low.variance, high.variance)
            }
            for bin in 0..<projector.bins {
                var blurred = SIMD4<Float>.zero
                for (offset, weight) in kernel.enumerated() {
                    blurred += weight * signal[min(max(bin + offset - kernel.count / 2, 0), projector.bins - 1)]
                }
                let low = blurred.x + (noise[0] * (blurred.z + electronic[0])).squareRoot() * generator.normal()
                let high = blurred.y + (noise[1] * (blurred.w + electronic[1])).squareRoot() * generator.normal()
                water[bin] = SIMD2(lowSpectrum.correctedWater(low), highSpectrum.correctedWater(high))
            }
            filter.apply(water)
            image.withUnsafeMutableBufferPointer { image in
                guard let target = image.baseAddress else { return }
                projector.backproject(
                    filtered, view: view, pixelMm: Float(frame.scan.pixelSpacingMm), pixelColumns: box.columns.count,
                    pixelRows: box.rows.count, into: target)
            }
        }
        let scale = 1000 * Float.pi / Float(projector.views)
        for i in image.indices { image[i] = scale * image[i] - 1000 }
        return image
    }
}
