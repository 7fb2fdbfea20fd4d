import DualEnergyCT
import Testing

/// Rods are found, read and refused, on painted scans whose CT numbers are a straight line.
@Suite struct RodScanTests {
    @Test func rodsAreFoundInTheOrderOfTheirDensitiesWhereverTheyStand() throws {
        let painted = PaintedRods()
        let scan = try RodScan(painted.description, in: painted.pair())
        #expect(scan.readings.count == 4)
        for (reading, rod) in zip(scan.readings, painted.rods.sorted { $0.density < $1.density }) {
            let miss = reading.rod.centre - SIMD3(rod.x, rod.y, reading.rod.centre.z)
            #expect((miss * miss).sum().squareRoot() < 0.5, "\(rod)")
            #expect(abs(reading.rod.radiusMm - rod.radius) < 0.4, "\(rod): \(reading.rod.radiusMm)")
            #expect(abs(reading.excessLowHU - 2.0 * rod.density) < 1.5, "\(rod): \(reading.excessLowHU)")
        }
        #expect((7...12).contains(scan.pathCm))
    }

    @Test(arguments: [SIMD3(0.5, 0.3, 1), SIMD3(-0.2, 0.6, 1), SIMD3(1, 0.1, 0.05)])
    func rodsMayLeanOrLie(direction: SIMD3<Double>) throws {
        var painted = PaintedRods()
        painted.direction = direction
        // Beside each other across the axis, also where the rods lie.
        painted.rods = [(50, 0), (100, 1), (200, 2), (400, 3)].map { density, n in
            (x: 64, y: 26 + 25 * Double(n), radius: 6, density: density)
        }
        if direction.z > 0.5 { painted.rods = PaintedRods().rods }
        let scan = try RodScan(painted.description, in: painted.pair())
        for reading in scan.readings {
            let unit = direction / (direction * direction).sum().squareRoot()
            #expect(abs((reading.rod.axis * unit).sum()) > 0.995)
            #expect(abs(reading.rod.radiusMm - 6) < 0.5)
        }
    }

    @Test func insertsOfAnotherKindAndMoreRodsThanNamedAreLeftOut() throws {
        var painted = PaintedRods()
        // One more rod, and an insert without the ratio of apatite.
        painted.rods.append((x: 64, y: 64, radius: 6, density: 130))
        painted.plastic = (x: 94, y: 94, radius: 6, hu: 140)
        let scan = try RodScan(painted.description, in: painted.pair())
        #expect(scan.readings.map { ($0.excessLowHU / 2).rounded() } == [50, 100, 200, 400])
        #expect(scan.otherInserts == 1)
    }

    @Test func theRodWithoutMineralIsTheBaseWhereTheBodyIsOfAnotherMaterial() throws {
        var painted = PaintedRods()
        painted.hostHU = 30
        painted.rods.append((x: 64, y: 64, radius: 6, density: 0))
        let named = RodDescription(densitiesMgPerCm3: [0, 50, 100, 200, 400], base: .resin)
        let scan = try RodScan(named, in: painted.pair())
        #expect(abs((scan.baseReading?.excessLowHU ?? 0) - 30) < 2)
        // The painted line is straight, a beam's is not.
        let residuals = try scan.calibrate().residuals
        #expect(residuals.allSatisfy { abs($0.lowMgPerCm3) < max(3, 0.02 * $0.densityMgPerCm3) }, "\(residuals)")
        // Without its name the line misses the body.
        #expect(throws: CalibrationRefusal.self) {
            try RodScan(RodDescription(densitiesMgPerCm3: [50, 100, 200, 400], base: .resin), in: painted.pair())
                .calibrate()
        }
    }

    /// What is wrong, and the name of the case that says so.
    @Test(arguments: PaintedRods.faults.indices)
    func aScanThatGivesNoCalibrationIsRefusedWithTheReason(fault: Int) throws {
        let (name, change, expected) = PaintedRods.faults[fault]
        var painted = PaintedRods()
        change(&painted)
        do {
            let result = try RodScan(painted.description, in: painted.pair()).calibrate()
            Issue.record("\(name) passed: \(result)")
        } catch {
            #expect("\(error)".hasPrefix(expected), "\(name): \(error)")
        }
    }

    @Test func theSlopesAreThoseOfTheImages() throws {
        let painted = PaintedRods()
        let scan = try RodScan(painted.description, in: painted.pair())
        let (calibration, residuals) = try scan.calibrate()
        // Stated behind water alone: without what the rods themselves take off it.
        #expect((2.0...2.08).contains(calibration.lowSlope), "\(calibration.lowSlope)")
        #expect((0.92...0.93).contains(calibration.highSlope), "\(calibration.highSlope)")
        #expect(residuals.map(\.densityMgPerCm3) == [50, 100, 200, 400])
        // What it makes of its own rods is what was named.
        for (density, measured) in zip([50.0, 100, 200, 400], scan.densities(by: calibration)) {
            #expect(abs(measured.mgPerCm3 - density) < max(2, 0.02 * density))
            #expect(measured.standardUncertainty > 0.004 * density)
        }
    }
}

/// A cylinder of 11 cm with four rods, painted with straight slopes, and what can be wrong with it.
struct PaintedRods {
    typealias Painted = (x: Double, y: Double, radius: Double, density: Double)

    var rods: [Painted] = [
        (x: 94, y: 64, radius: 6, density: 200), (x: 34, y: 60, radius: 6, density: 50),
        (x: 62, y: 94, radius: 6, density: 400), (x: 66, y: 34, radius: 6, density: 100),
    ]
    var named: [Double] = [50, 100, 200, 400]
    var base = RodBase.water
    var direction = SIMD3<Double>(0, 0, 1)
    var plastic: (x: Double, y: Double, radius: Double, hu: Double)?
    /// HU per mg/cm3.
    var low = 2.0
    var high = 0.92
    /// HU of the body and of the rods beside their mineral.
    var bodyHU = 0.0
    var hostHU = 0.0
    var noiseHU = 6.0
    /// Of the high-energy image, in mm.
    var shiftMm = 0.0
    /// Of a rod's CT number at high energy, by its density.
    var factorHigh: [Double: Double] = [:]
    var bodyRadius = 55.0
    var beams = (low: BeamQuality.tube(kilovolts: 80, tinMm: 0), high: BeamQuality.tube(kilovolts: 150, tinMm: 0.6))

    var description: RodDescription { RodDescription(densitiesMgPerCm3: named, base: base) }

    static let faults: [(String, @Sendable (inout PaintedRods) -> Void, String)] = [
        ("two rods named", { $0.named = [50, 100] }, "tooFewNamed"),
        ("an empty field", { $0.bodyRadius = 0 }, "noPhantom"),
        ("five rods named", { $0.named = [50, 100, 200, 400, 800] }, "rodsMissing"),
        ("rods that drown", { $0.noiseHU = 120 }, "rodsMissing"),
        ("rods of 3 mm", { painted in for n in painted.rods.indices { painted.rods[n].radius = 1.6 } }, "rodsTooThin"),
        ("another base", { $0.base = .acrylic }, "baseUnexpected"),
        ("a rod that is another", { $0.rods[0].density = 230 }, "notLinear"),
        (
            "a rod in the wrong order at high energy", { $0.factorHigh = [200: 0.75, 100: 1.25, 400: 0.3] },
            "rodsMissing"
        ),
        ("another pair", { $0.high = 1.36 }, "wrongPair"),
        ("one energy twice", { $0.high = 2.0 }, "wrongPair"),
        ("densities named by half", { $0.named = [100, 200, 400, 800] }, "wrongPair"),
        ("images apart", { $0.shiftMm = 1.2 }, "motion"),
    ]

    func pair() -> DualEnergyPair {
        DualEnergyPair(
            low: volume(slope: low, factors: [:], shift: 0, stream: 1),
            high: volume(slope: high, factors: factorHigh, shift: shiftMm, stream: 2), lowBeam: beams.low,
            highBeam: beams.high, sliceThicknessMm: 1.5, region: .other, laterality: .unknown)
    }

    /// 128 mm wide with pixels of 0.8 mm, 30 mm long.
    private func volume(slope: Double, factors: [Double: Double], shift: Double, stream: UInt64) -> Volume<Int16> {
        let g = GridGeometry(
            columns: 160, rows: 160, slices: 20, columnSpacingMm: 0.8, rowSpacingMm: 0.8, sliceSpacingMm: 1.5)
        var volume = Volume<Int16>(geometry: g, repeating: -1000)
        var state = 0x1234_5678_9ABC_DEF0 &+ stream &* 0x9E37_79B9_7F4A_7C15
        let unit = direction / (direction * direction).sum().squareRoot()
        for k in 0..<g.slices {
            for j in 0..<g.rows {
                for i in 0..<g.columns {
                    var value = 0.0
                    // Four points a pixel: edges are blurred as a scanner blurs them.
                    for n in 0..<4 {
                        let p = SIMD3(
                            (Double(i) + (n % 2 == 0 ? -0.25 : 0.25)) * 0.8 - shift,
                            (Double(j) + (n < 2 ? -0.25 : 0.25)) * 0.8, Double(k) * 1.5)
                        value += 0.25 * hounsfield(p, unit, slope, factors)
                    }
                    var noise = -6.0
                    for _ in 0..<12 {
                        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                        noise += Double(state >> 40) / Double(1 << 24)
                    }
                    volume[i, j, k] = Int16((value + noise * noiseHU).rounded())
                }
            }
        }
        return volume
    }

    private func hounsfield(
        _ p: SIMD3<Double>, _ unit: SIMD3<Double>, _ slope: Double, _ factors: [Double: Double]
    ) -> Double {
        let (x, y) = (p.x - 64, p.y - 64)
        guard x * x + y * y < bodyRadius * bodyRadius else { return -1000 }
        if let plastic {
            let (x, y) = (p.x - plastic.x, p.y - plastic.y)
            if x * x + y * y < plastic.radius * plastic.radius { return plastic.hu }
        }
        for rod in rods {
            let w = p - SIMD3(rod.x, rod.y, 14)
            let across = w - (w * unit).sum() * unit
            if (across * across).sum() < rod.radius * rod.radius {
                return bodyHU + hostHU + slope * rod.density * (factors[rod.density] ?? 1)
            }
        }
        return bodyHU
    }
}
