import DualEnergyCT

/// A length of a limb across which nothing but the vessel changes: skin, fat, two muscles and a shaft of bone.
struct LimbScene {
    var scene: SyntheticScene
    let middle: SIMD3<Float>
    /// Where the vessel runs, and its outer radius in mm.
    let vessel: SIMD3<Float>
    let radiusMm: Float

    static let blood = Matter(low: 50, high: 44)

    /// - Parameter inFat: the vessel lies in fat between the muscles; else muscle surrounds it.
    init(vesselRadiusMm: Float = 4.2, inFat: Bool = true, slices: Int = 50) {
        scene = SyntheticScene(columns: 124, rows: 124, slices: slices, spacingMm: 0.6, sliceSpacingMm: 1)
        middle = 0.5 * scene.sizeMm
        vessel = middle + SIMD3(2, -14, 0)
        radiusMm = vesselRadiusMm
        let (middle, vessel) = (middle, vessel)
        func column(_ at: SIMD3<Float>, _ radius: Float) -> (SIMD3<Float>) -> Float {
            { p in Shape.length(SIMD3(p.x - at.x, p.y - at.y, 0)) - radius }
        }
        scene.paint(.skin, where: column(middle, 35))
        scene.paint(.fat, where: column(middle, 33.6))
        scene.paint(.muscle, where: column(middle + SIMD3(-15, 2, 0), 13))
        scene.paint(.muscle, where: column(middle + SIMD3(16, 4, 0), 12))
        if !inFat { scene.paint(.muscle, where: column(vessel, 11)) }
        scene.paint(.cortex, kind: .bone, where: column(middle + SIMD3(0, 17, 0), 8))
        scene.paint(Matter.fat.with(hydroxyapatite: 30), kind: .bone, where: column(middle + SIMD3(0, 17, 0), 5))
        scene.paint(Self.blood, where: column(vessel, vesselRadiusMm))
    }

    /// Paints calcium into the vessel's wall.
    ///
    /// - Parameters:
    ///   - heights: from and to along the limb, in mm from its middle.
    ///   - angles: from and to around the vessel, in degrees.
    mutating func calcify(heights: ClosedRange<Float>, angles: ClosedRange<Float>, thicknessMm: Float, density: Float) {
        let (vessel, radius, z) = (vessel, radiusMm - 0.5 * thicknessMm, middle.z)
        let half = 0.5 * (angles.upperBound - angles.lowerBound) * Float.pi / 180
        let turn = Double(0.5 * (angles.upperBound + angles.lowerBound)) * .pi / 180
        let facing = SIMD3(Float(cosine(turn)), Float(sine(turn)), 0)
        scene.paint(Matter.muscle.with(hydroxyapatite: density), kind: .deposit) { p in
            let off = SIMD3(p.x - vessel.x, p.y - vessel.y, 0)
            let r = Shape.length(off)
            let wall = abs(r - radius) - 0.5 * thicknessMm
            let along = max(heights.lowerBound + z - p.z, p.z - z - heights.upperBound)
            // Distance along the wall from the sector's edge.
            let share = min(max((off * facing).sum() / max(r, 1e-3), -1), 1)
            let around = half >= .pi ? -radius : radius * (Self.arccosine(share) - half)
            return max(wall, max(along, around))
        }
    }

    private static func arccosine(_ x: Float) -> Float {
        // Bisection: the tests link no mathematics of their own.
        var (low, high) = (0.0, Double.pi)
        for _ in 0..<24 {
            let middle = 0.5 * (low + high)
            if cosine(middle) > Double(x) { low = middle } else { high = middle }
        }
        return Float(0.5 * (low + high))
    }

    func findings(seed: UInt64, region: BodyRegion = .thigh) -> Findings {
        DualEnergyCT.analyse(scene.pair(seed: seed, region: region))
    }
}

extension SyntheticScene {
    func pair(
        seed: UInt64, region: BodyRegion, noiseLow: Float = 15, noiseHigh: Float = 12, fullWidthMm: Double = 1
    ) -> DualEnergyPair {
        let images = images(seed: seed, noiseLow: noiseLow, noiseHigh: noiseHigh, fullWidthMm: fullWidthMm)
        return DualEnergyPair(
            low: images.low, high: images.high, lowBeam: .tube(kilovolts: 80, tinMm: 0),
            highBeam: .tube(kilovolts: 150, tinMm: 0.6), sliceThicknessMm: images.sliceThicknessMm, region: region,
            laterality: .unknown)
    }

    /// Number of the painted deposits of which a label holds most of what any label holds.
    func painted(under label: UInt16, in findings: Findings) -> Set<Int> {
        var counts = [Int: [UInt16: Int]]()
        for n in deposits.voxels.indices where deposits.voxels[n] > 0 {
            let label = min(findings.labels.voxels[n], SegmentLabel.firstDeposit)
            if label != SegmentLabel.none { counts[Int(deposits.voxels[n]), default: [:]][label, default: 0] += 1 }
        }
        return Set(
            counts.filter { $0.value.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key == label }.map(\.key))
    }
}
