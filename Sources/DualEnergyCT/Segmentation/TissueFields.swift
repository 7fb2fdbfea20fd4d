/// The fields that every later step reads: body, skin, local tissue, and mineral density on two baselines.
///
/// All of them serve masks. Numbers are measured on the raw images.
package struct TissueFields: Sendable {
    package let geometry: GridGeometry
    package let body: Volume<UInt8>
    package let skinDistanceMm: Volume<Float>
    package let metal: Volume<UInt8>
    /// Distance in mm to metal with its blooming, up to 40; nil without metal.
    package let metalDistanceMm: Volume<Float>?
    /// Dense bodies outside of the skin that are no part of the body: cables, frames, the edge of a splint.
    package let outside: (count: Int, volumeMm3: Double)
    /// Hydroxyapatite in mg/cm3 with muscle as the baseline everywhere: fat reads negative. For bone, whose marrow
    /// must stand out.
    package var onMuscle: Volume<Float>
    /// Standard deviation of `onMuscle` in soft tissue.
    package let onMuscleNoise: Float
    /// Hydroxyapatite in mg/cm3 on the local tissue. For deposits, which fat around them must not hide.
    package var onLocalTissue: Volume<Float>
    /// Standard deviation of `onLocalTissue`: larger where tissues meet and where photons are starved.
    package var localNoise: Volume<Float>
    /// Noise of each slice over that of most: 1, or more where photons are starved.
    package let starvation: [Float]
    package let fatFraction: Volume<Float>

    /// Standard deviation in mm of the smoothing of both density fields.
    package static let smoothingMm = 0.35

    /// Nil when the images show no body.
    package init?(_ input: SegmentationInput) {
        let g = input.low.geometry
        guard let (body, outside) = BodyMask.parted(low: input.low) else { return nil }
        self.outside = outside
        geometry = g
        self.body = body
        var skin = body.complement().squaredDistancesMm2()
        skin.update { $1 = $1.squareRoot() }
        skinDistanceMm = skin
        let metal = MetalMask.make(input, body: body)
        self.metal = metal
        let isMetal = metal.voxels.contains { $0 != 0 }
        metalDistanceMm = isMetal ? metal.squaredDistancesMm2(capMm: 40).map { $0.squareRoot() } : nil

        // Air would be smeared over the skin: it is replaced before smoothing.
        func inside(_ image: Volume<Int16>, muscleHU: Double) -> Volume<Float> {
            let muscle = Float(muscleHU)
            return Volume(geometry: g) { range, inside in
                for n in range { (inside + n).initialize(to: body.voxels[n] == 0 ? muscle : Float(image.voxels[n])) }
            }
        }
        var low = inside(input.low, muscleHU: input.muscleLowHU)
        var high = inside(input.high, muscleHU: input.muscleHighHU)
        low.smooth(sigmaMm: TissueFields.smoothingMm)
        high.smooth(sigmaMm: TissueFields.smoothingMm)

        let decomposition = TwoEnergySolver(input)
        onMuscle = decomposition.constrainedDensity(low: low, high: high)
        let tissue = LocalTissue(
            low: low, high: high, onMuscle: onMuscle, body: body, skinDistanceMm: skin, solver: decomposition)
        fatFraction = tissue.fatFraction
        let density = tissue.density(low: low, high: high, solver: decomposition)
        onLocalTissue = density.value
        starvation = tissue.starvation(of: density.value)
        localNoise = density.noise
        if starvation.contains(where: { $0 > 1 }) {
            let (starvation, area) = (starvation, g.columns * g.rows)
            localNoise.update { n, noise in noise *= starvation[n / area] }
        }
        onMuscleNoise = tissue.noise(ofDensityOnMuscle: onMuscle, solver: decomposition)
    }

    /// `starvation` of the slice of a voxel.
    @inline(__always)
    func starvation(at n: Int) -> Float { starvation[n / (geometry.columns * geometry.rows)] }
}

/// The body: what is denser than foam and air, with its holes filled.
package enum BodyMask {
    /// CT number in HU that parts tissue from air: half way between air and fat, and a little above, since foam pads
    /// reach -400.
    package static let thresholdHU: Int16 = -350

    /// What is denser than this in HU, outside of the body, would be mineral inside of it.
    static let denseHU: Int16 = 200
    static let leastOutsideMm3 = 5.0

    /// Nil when nothing is denser than the threshold.
    package static func make(low: Volume<Int16>) -> Volume<UInt8>? { parted(low: low)?.body }

    /// The body, and the dense bodies beside it that are none of it.
    static func parted(low: Volume<Int16>) -> (body: Volume<UInt8>, outside: (count: Int, volumeMm3: Double))? {
        let tissue: Volume<UInt8> = low.map { $0 > thresholdHU ? 1 : 0 }
        let components = ConnectedComponents(of: tissue, connectivity: .faces)
        guard let largest = components.components.map(\.voxelCount).max() else { return nil }
        // A second hand or a separate finger is body; threads of a pad or a cable beside the hand are not.
        let kept = components.components.map { $0.voxelCount * 50 >= largest }
        let mask = components.mask { kept[$0] }
        var dense = [Int](repeating: 0, count: kept.count)
        for n in mask.voxels.indices where low.voxels[n] > denseHU && mask.voxels[n] == 0 {
            dense[components.number(at: n) - 1] += 1
        }
        let volumes = dense.map { Double($0) * low.geometry.voxelVolumeMm3 }.filter { $0 >= leastOutsideMm3 }
        return (mask.holesFilled(), (volumes.count, volumes.reduce(0, +)))
    }
}

/// Metal: beyond what mineral can reach, with the blooming around it.
package enum MetalMask {
    package static let thresholdHU: Int16 = 3050
    package static let bloomingMm = 2.0

    static func make(_ input: SegmentationInput, body: Volume<UInt8>) -> Volume<UInt8> {
        // Cortical bone reaches 2500 HU at 80 kVp and 1200 HU at 150 kVp with tin: metal is bright in both.
        let highLimit = max(1800, Double(thresholdHU) / input.hydroxyapatiteRatio * 1.25)
        let core = Volume<UInt8>(geometry: body.geometry) { range, core in
            for n in range {
                let isMetal = input.low.voxels[n] >= thresholdHU && Double(input.high.voxels[n]) >= highLimit
                (core + n).initialize(to: isMetal ? 1 : 0)
            }
        }
        return core.voxels.contains(1) ? core.dilated(byMm: bloomingMm) : core
    }
}
