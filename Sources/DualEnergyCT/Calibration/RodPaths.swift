/// What the rays through each rod have passed, direction by direction: water from the image, mineral from the rods.
struct RodPaths {
    private let rods: [Rod]
    private let coreShares: [Double]
    /// Water in cm for each rod and direction, as if every rod were of the base alone.
    private let waterCm: [[Double]]
    /// Chord in cm through each rod, for each rod and direction.
    private let chordCm: [[[Double]]]
    private let base: PhantomBase

    private static let directions = 32

    init(scan: CoarseScan, fine: GridGeometry, readings: [RodReading], base: PhantomBase) {
        rods = readings.map(\.rod)
        coreShares = readings.map { $0.coreRadiusMm / $0.rod.radiusMm }
        self.base = base
        // The image has the base's CT number, which is that of its water and its mineral together.
        let scale = base.water / (1 + scan.baseHU / 1000)
        let units = (0..<Self.directions).map { n -> SIMD3<Double> in
            let angle = Double.pi * Double(n) / Double(Self.directions)
            return SIMD3(cosine(angle), sine(angle), 0)
        }
        let offset = CoarseScan.offset(of: scan.raw.geometry, in: fine)
        var water: [[Double]] = []
        var chords: [[[Double]]] = []
        for rod in rods {
            let section = WaterSection(scan, through: rod, offset: offset, rods: rods)
            water.append(units.map { scale * section.lineCm(through: rod.centre, direction: $0) })
            let list = rods
            chords.append(
                units.map { unit in list.map { 0.1 * $0.chordMm(through: rod.centre, direction: unit) } })
        }
        waterCm = water
        chordCm = chords
    }

    /// Mean water-equivalent path through a rod in cm.
    func meanWaterCm(_ rod: Int) -> Double { waterCm[rod].reduce(0, +) / Double(Self.directions) }

    /// HU per mg/cm3 of hydroxyapatite in a rod's core by the model, in the rods' base, when the rods hold these
    /// densities in mg/cm3.
    func slope(_ rod: Int, _ table: ResponseTable, densities: [Double], baseHU: Double) -> Double {
        var sum = 0.0
        let crystal = 1000 * Material.hydroxyapatite.densityGPerCm3
        for direction in 0..<Self.directions {
            var (water, mineral) = (waterCm[rod][direction], 0.0)
            for (other, chord) in chordCm[rod][direction].enumerated() where chord > 0 {
                let density = max(0, densities[other])
                water -= chord * density / crystal * base.water
                let share = other == rod ? Rod.selfShare(coreShare: min(coreShares[rod], 0.999)) : 1
                mineral += share * chord * density / 1000
            }
            mineral += water / base.water * base.mineralMgPerCm3 / 1000
            sum += table.response(waterCm: water, mineralGPerCm2: mineral).hydroxyapatite(inTissueAt: baseHU)
        }
        return sum / Double(Self.directions)
    }
}

/// What a phantom's base is to the beam: water, and hydroxyapatite that a plastic lacks or a resin has too much of.
///
/// Any material without a K edge in the spectrum is a sum of two (Alvarez and Macovski, Phys Med Biol 1976;21:733).
/// Polyethylene is about as much water less 60 mg/cm3 of mineral, and hardens the beam so much less.
struct PhantomBase {
    /// Relative to the density of water.
    let water: Double
    let mineralMgPerCm3: Double

    /// - Parameters:
    ///   - isWater: that the base is known to be water, so that its CT numbers only tell of the scanner's scale.
    ///   - slopes: HU per mg/cm3 of mineral that displaces water.
    init(lowHU: Double, highHU: Double, isWater: Bool, slopes: (low: Double, high: Double)) {
        guard !isWater else {
            (water, mineralMgPerCm3) = (1 + lowHU / 1000, 0)
            return
        }
        mineralMgPerCm3 = (lowHU - highHU) / (slopes.low - slopes.high)
        let crystal = 1000 * Material.hydroxyapatite.densityGPerCm3
        water = 1 + (lowHU - slopes.low * mineralMgPerCm3) / 1000 - mineralMgPerCm3 / crystal
    }
}

/// Density relative to water in the slice through a rod's middle.
private struct WaterSection {
    private let columns: Int
    private let rows: Int
    private let spacing: SIMD2<Double>
    private let offset: SIMD3<Double>
    private var water: [Double]

    init(_ scan: CoarseScan, through rod: Rod, offset: SIMD3<Double>, rods: [Rod]) {
        let g = scan.raw.geometry
        columns = g.columns
        rows = g.rows
        spacing = SIMD2(g.columnSpacingMm, g.rowSpacingMm)
        self.offset = offset
        let slice = min(max(Int(((rod.centre.z - offset.z) / g.sliceSpacingMm).rounded()), 0), g.slices - 1)
        let height = offset.z + Double(slice) * g.sliceSpacingMm
        water = [Double](repeating: 0, count: columns * rows)
        let base = 1 + scan.baseHU / 1000
        for j in 0..<rows {
            for i in 0..<columns {
                let value = Double(scan.raw[i, j, slice])
                guard value > -500 else { continue }
                let p = SIMD3(offset.x + Double(i) * spacing.x, offset.y + Double(j) * spacing.y, height)
                let isRod = value > scan.baseHU + 20 && rods.contains { $0.place(p).across <= $0.radiusMm + 1.5 }
                water[j * columns + i] = isRod ? base : (1000 + value) / 1000
            }
        }
    }

    /// Sum of the water on both sides of a point, in cm.
    func lineCm(through point: SIMD3<Double>, direction: SIMD3<Double>) -> Double {
        let step = 0.5 * min(spacing.x, spacing.y)
        var sum = 0.0
        for sign in [-1.0, 1.0] {
            var n = sign < 0 ? 1 : 0
            while true {
                let p = point + (sign * Double(n) * step) * direction
                let i = Int(((p.x - offset.x) / spacing.x).rounded())
                let j = Int(((p.y - offset.y) / spacing.y).rounded())
                guard i >= 0, j >= 0, i < columns, j < rows else { break }
                sum += water[j * columns + i]
                n += 1
            }
        }
        return sum * step / 10
    }
}
