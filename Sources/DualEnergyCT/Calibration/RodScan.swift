/// The rods of a phantom, found in a pair of images and read at both energies.
public struct RodScan: Sendable {
    /// The rods that hold mineral, in the order of their densities.
    public let readings: [RodReading]
    /// The rod of the base alone, where one was named and stands out of the body.
    public let baseReading: RodReading?
    public let description: RodDescription
    public let lowBeam: BeamQuality
    public let highBeam: BeamQuality
    /// CT numbers of the rods' base.
    public let baseLowHU: Double
    public let baseHighHU: Double
    /// Mean water-equivalent path through the rods in cm.
    public let pathCm: Double
    /// Round inserts that read like hydroxyapatite and are none of the named rods.
    public let otherInserts: Int
    let paths: RodPaths

    /// Finds and reads the rods.
    ///
    /// - Parameter regionMm: diameter and length of the region that is read in each rod; nil for its whole core.
    public init(
        _ description: RodDescription, in pair: DualEnergyPair, regionMm: Double? = nil
    ) throws(CalibrationRefusal) {
        let named = description.mineral
        guard named.count >= RodDescription.fewestRods, let faintest = named.first else { throw .tooFewNamed }
        guard let scan = CoarseScan(pair.low), let highScan = CoarseScan(pair.high) else { throw .noPhantom }
        let expected = Self.expectedSlopes(pair)
        // Half of what the faintest rod must rise in the largest body; five deviations of the noise above nothing.
        let limit = 0.35 * faintest * expected.low
        let finder = RodFinder(
            scan: scan, offset: CoarseScan.offset(of: scan.image.geometry, in: pair.low.geometry))
        let candidates = finder.candidates(above: max(limit, 5 * scan.noiseHU))
        func reader(_ inserts: [Rod]) -> RodReader {
            RodReader(
                low: pair.low, high: pair.high, sliceThicknessMm: pair.sliceThicknessMm, inserts: inserts, scan: scan,
                baseHighHU: highScan.baseHU, regionMm: regionMm)
        }
        let read = candidates.compactMap { reader(candidates.map(\.rod)).read($0.rod) }
        if read.isEmpty, let thin = candidates.first {
            throw .rodsTooThin(diameterMm: 2 * thin.rod.radiusMm)
        }
        let mineral = read.filter { Self.readsLikeMineral($0, expected: expected.low / expected.high) }
            .sorted { $0.excessLowHU < $1.excessLowHU }
        guard mineral.count >= named.count else {
            if let pair = Self.otherPair(read, expected, count: named.count) { throw pair }
            throw .rodsMissing(
                found: mineral.count, named: named.count, noiseHU: scan.noiseHU, limitHU: limit / 5)
        }
        guard mineral.count <= 16 else { throw .tooManyInserts(mineral.count) }
        let chosen = RodChoice(mineral.map(\.excessLowHU), named).indices.map { mineral[$0] }
        readings = chosen
        otherInserts = mineral.count - chosen.count
        baseReading = description.hasBaseRod ? Self.baseRod(finder, scan, chosen, reader) : nil
        self.description = description
        lowBeam = pair.lowBeam
        highBeam = pair.highBeam
        let around = baseReading.map { ($0.lowHU, $0.highHU) }
        baseLowHU = around?.0 ?? chosen.reduce(0) { $0 + $1.baseLowHU } / Double(chosen.count)
        baseHighHU = around?.1 ?? chosen.reduce(0) { $0 + $1.baseHighHU } / Double(chosen.count)
        let base = PhantomBase(
            lowHU: scan.baseHU, highHU: highScan.baseHU, isWater: description.base == .water, slopes: expected)
        let paths = RodPaths(scan: scan, fine: pair.low.geometry, readings: chosen, base: base)
        self.paths = paths
        pathCm = chosen.indices.reduce(0) { $0 + paths.meanWaterCm($1) } / Double(chosen.count)
        try check(Self.shiftMm(chosen, pair))
    }

    private func check(_ shiftMm: Double) throws(CalibrationRefusal) {
        guard shiftMm <= 0.5 else { throw .motion(mm: shiftMm) }
        guard pathCm <= 42 else { throw .tooLarge(pathCm: pathCm) }
        let expected = description.base.expectedHU
        guard expected.contains(baseLowHU), expected.contains(baseHighHU) else {
            throw .baseUnexpected(lowHU: baseLowHU, highHU: baseHighHU)
        }
        for (index, pair) in zip(readings, readings.dropFirst()).enumerated()
        where pair.1.excessHighHU <= pair.0.excessHighHU
            && description.mineral[index + 1] > description.mineral[index]
        {
            throw .notMonotone(densityMgPerCm3: description.mineral[index + 1])
        }
    }
}

extension RodScan {
    /// Slopes of the named beams in a phantom of middle size.
    private static func expectedSlopes(_ pair: DualEnergyPair) -> (low: Double, high: Double) {
        (
            ResponseTable(pair.lowBeam).response(waterCm: 12).hydroxyapatite,
            ResponseTable(pair.highBeam).response(waterCm: 12).hydroxyapatite
        )
    }

    /// Filtration and size move the ratio's excess over 1 by half at most; iodine doubles it, plastics have none.
    private static func readsLikeMineral(_ reading: RodReading, expected: Double) -> Bool {
        let ratio = reading.excessLowHU / reading.excessHighHU
        guard reading.excessHighHU > 0 else { return false }
        let deviation =
            (reading.covariance.low + ratio * ratio * reading.covariance.high).squareRoot() / reading.excessHighHU
        return abs(ratio - expected) < 0.45 * (expected - 1) + 3 * deviation
    }

    /// As many rods as named, in their order, with a ratio of other beams: the pair is not what it says.
    private static func otherPair(
        _ read: [RodReading], _ expected: (low: Double, high: Double), count: Int
    ) -> CalibrationRefusal? {
        guard read.count >= count, read.allSatisfy({ $0.excessHighHU > 0 && $0.excessLowHU > 0 }) else { return nil }
        let ratios = read.map { $0.excessLowHU / $0.excessHighHU }.sorted()
        let middle = ratios[ratios.count / 2]
        guard ratios.allSatisfy({ abs($0 / middle - 1) < 0.15 }) else { return nil }
        return .wrongPair(lowFactor: middle, highFactor: expected.low / expected.high)
    }

    /// The rod without mineral stands out of the body only where it is of another material.
    private static func baseRod(
        _ finder: RodFinder, _ scan: CoarseScan, _ chosen: [RodReading], _ reader: ([Rod]) -> RodReader
    ) -> RodReading? {
        let floor = max(6, 5 * scan.noiseHU)
        guard let radius = chosen.map(\.rod.radiusMm).max() else { return nil }
        let known = chosen.map(\.rod)
        let faintest = chosen[0].excessLowHU
        return finder.candidates(above: floor).filter { candidate in
            candidate.excessHU < 0.7 * faintest && candidate.rod.radiusMm < 1.5 * radius
                && candidate.rod.radiusMm > 0.6 * radius
                && known.allSatisfy { $0.place(candidate.rod.centre).across > $0.radiusMm + candidate.rod.radiusMm }
        }.max { $0.rod.halfLengthMm < $1.rod.halfLengthMm }.flatMap { reader(known + [$0.rod]).read($0.rod) }
    }

    /// How far apart the brightest rods lie in the two images, across their axes.
    private static func shiftMm(_ readings: [RodReading], _ pair: DualEnergyPair) -> Double {
        let g = pair.low.geometry
        let spacing = SIMD3(g.columnSpacingMm, g.rowSpacingMm, g.sliceSpacingMm)
        var total = SIMD3<Double>.zero
        let brightest = readings.suffix(3)
        for reading in brightest {
            let (rod, slice) = (reading.rod, Int((reading.rod.centre.z / spacing.z).rounded()))
            var sums = (low: SIMD4<Double>.zero, high: SIMD4<Double>.zero)
            let reach = rod.radiusMm + 2
            for k in max(0, slice - 3)...min(g.slices - 1, slice + 3) {
                let rows = Int((rod.centre.y - 1.5 * reach) / spacing.y)...Int((rod.centre.y + 1.5 * reach) / spacing.y)
                for j in rows.clamped(to: 0...(g.rows - 1)) {
                    let columns =
                        Int((rod.centre.x - 1.5 * reach) / spacing.x)...Int((rod.centre.x + 1.5 * reach) / spacing.x)
                    for i in columns.clamped(to: 0...(g.columns - 1)) {
                        let p = SIMD3(Double(i), Double(j), Double(k)) * spacing
                        let place = rod.place(p)
                        guard place.across <= reach else { continue }
                        let across = p - rod.centre - place.along * rod.axis
                        let n = g.index(i, j, k)
                        sums.low += (Double(pair.low.voxels[n]) - reading.baseLowHU) * SIMD4(across, 1)
                        sums.high += (Double(pair.high.voxels[n]) - reading.baseHighHU) * SIMD4(across, 1)
                    }
                }
            }
            let (a, b) = (sums.low / sums.low.w, sums.high / sums.high.w)
            total += SIMD3(a.x - b.x, a.y - b.y, a.z - b.z)
        }
        return ((total * total).sum().squareRoot()) / Double(brightest.count)
    }
}

/// Which of the measured values, rising, are the named densities, when there are more of them.
struct RodChoice {
    let indices: [Int]

    init(_ values: [Double], _ densities: [Double]) {
        var best = (cost: Double.infinity, indices: Array(densities.indices))
        var chosen: [Int] = []
        func extend(from next: Int) {
            if chosen.count == densities.count {
                let cost = Self.cost(chosen.map { values[$0] }, densities)
                if cost < best.cost { best = (cost, chosen) }
                return
            }
            guard next + densities.count - chosen.count <= values.count else { return }
            for index in next..<values.count {
                chosen.append(index)
                extend(from: index + 1)
                chosen.removeLast()
            }
        }
        extend(from: 0)
        indices = best.indices
    }

    /// Squares about the best line through nothing, each on the scale of 3 % and 5 HU.
    private static func cost(_ values: [Double], _ densities: [Double]) -> Double {
        var (top, bottom) = (0.0, 0.0)
        let weights = values.map { 1 / ((0.03 * $0) * (0.03 * $0) + 25) }
        for ((value, density), weight) in zip(zip(values, densities), weights) {
            top += weight * value * density
            bottom += weight * density * density
        }
        let slope = top / bottom
        return zip(zip(values, densities), weights).reduce(0) { sum, entry in
            let rest = entry.0.0 - slope * entry.0.1
            return sum + entry.1 * rest * rest
        }
    }
}
